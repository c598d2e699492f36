"""Prompts are strict data files, and a document in one stays a document."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.errors import InputError
from extractor.prompts import load, rendered
from extractor.resources import prompts_folder

HEAD = '+++\ntask = "t"\nversion = "v1"\nchanged = "c"\nwhy = "w"\nfills = "F"\n+++\n'


def put(folder: Path, text: str, name: str = "v1") -> Path:
    (folder / "t").mkdir(exist_ok=True)
    (folder / "t" / f"{name}.md").write_text(text, "utf-8")
    return folder


def test_every_released_prompt_loads_and_renders() -> None:
    for path in prompts_folder().glob("*/*.md"):
        prompt = load(prompts_folder(), path.parent.name, path.stem)
        assert "1|单位：万元" in rendered(prompt, lines="1|单位：万元")


def test_the_newest_version_is_taken_by_number(tmp_path: Path) -> None:
    for n in (2, 10):
        put(tmp_path, HEAD.replace("v1", f"v{n}") + "x", f"v{n}")
    assert load(tmp_path, "t").version == "v10"


def test_a_template_in_a_document_is_text(tmp_path: Path) -> None:
    prompt = load(put(tmp_path, HEAD + "材料：{{ lines }}"), "t")
    assert rendered(prompt, lines="{{ 7 * 7 }}{% for %}") == "材料：{{ 7 * 7 }}{% for %}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no head", "begins with a head"),
        (HEAD.replace('fills = "F"\n', "") + "x", "validation error"),
        (HEAD.replace('"w"', '"w"\nextra = 1') + "x", "validation error"),
        (HEAD.replace('"t"', '"u"') + "x", "its head says"),
        (HEAD.replace('= "c"', "c") + "x", "="),
    ],
)
def test_a_broken_prompt_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        load(put(tmp_path, text), "t")
    assert "\n" not in str(caught.value)


def test_a_place_without_a_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lines"):
        rendered(load(put(tmp_path, HEAD + "{{ lines }}"), "t"))


def test_a_missing_prompt_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no prompt nothing=v3"):
        load(tmp_path, "nothing", "v3")
