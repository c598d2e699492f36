"""Prompts are strict data files, and a document in one stays a document."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.engines.model.replies import GoalReply
from extractor.engines.model.tasks import task, tasks
from extractor.errors import InputError
from extractor.prompts import difference, every, load, lock, locked, rendered
from extractor.resources import prompts_folder

HEAD = '+++\ntask = "t"\nversion = "v1"\nchanged = "c"\nwhy = "w"\nfills = "F"\n+++\n'


def put(folder: Path, text: str, name: str = "v1") -> Path:
    (folder / "t").mkdir(exist_ok=True)
    (folder / "t" / f"{name}.md").write_text(text, "utf-8")
    return folder


def test_every_released_prompt_loads_and_is_locked() -> None:
    held = locked(prompts_folder())
    for path in every(prompts_folder()):
        prompt = load(prompts_folder(), path.parent.name, path.stem)
        assert held[f"{prompt.task}/{prompt.version}"] == prompt.sha256


def test_every_task_has_a_prompt_whose_examples_hold() -> None:
    for name, one in tasks(prompts_folder()).items():
        assert one.prompt.examples, name
        assert "{{" not in one.system


def test_a_released_prompt_that_changed_is_refused(tmp_path: Path) -> None:
    put(tmp_path, HEAD + "原文")
    assert lock(tmp_path) == ["t/v1"]
    assert lock(tmp_path) == []
    put(tmp_path, HEAD + "改过")
    with pytest.raises(InputError, match="give it a new version"):
        load(tmp_path, "t")
    with pytest.raises(InputError, match="changed since"):
        lock(tmp_path)


def test_the_difference_of_two_versions_is_shown(tmp_path: Path) -> None:
    put(tmp_path, HEAD + "甲\n")
    put(tmp_path, HEAD.replace("v1", "v2") + "乙\n", "v2")
    told = difference(tmp_path, "t", "v1", "v2")
    assert "-甲" in told
    assert "+乙" in told


GOAL = '+++\ntask = "goal"\nversion = "v1"\nchanged = "c"\nwhy = "w"\nfills = "GoalReply"\n'


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ('{"expected": "1|新建公园", "achieved": ""}', None),
        ('{"expected": "9", "achieved": ""}', "line 9 was not shown"),
        ('{"expected": "1|拆除…公园", "achieved": ""}', "does not hold"),
        ('{"expected": "1|拆除公园", "achieved": ""}', "does not stand in it"),
        ('{"expected": "1"}', "no GoalReply"),
        ("not json", "no GoalReply"),
    ],
)
def test_an_example_that_does_not_hold_in_its_own_text_is_refused(
    reply: str, said: str | None, tmp_path: Path
) -> None:
    (tmp_path / "goal").mkdir()
    example = f"[[examples]]\ntext = '目标：新建公园三处。'\nreply = '{reply}'\n"
    (tmp_path / "goal" / "v1.md").write_text(f"{GOAL}\n{example}+++\n取目标。\n", "utf-8")
    if said is None:
        assert "答：" in task(load(tmp_path, "goal"), GoalReply).system
    else:
        with pytest.raises(InputError, match=said):
            task(load(tmp_path, "goal"), GoalReply)


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
