"""Gold files and datasets: what is refused, what is found, and on which side a document falls."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractor.document import Document
from extractor.errors import InputError
from extractor.evaluation.datasets import Dataset, dataset
from extractor.evaluation.datasets import names as dataset_names
from extractor.evaluation.gold import content_key, load
from extractor.evaluation.suites import suite
from extractor.evaluation.tracing import Tracer
from extractor.evaluation.validation import faults
from extractor.ingest.text import document
from extractor.report import Report
from extractor.result import report_leaves
from tests.conftest import CORPUS, ROOT, SAMPLES, UNSEEN

EVALS = ROOT / "evals"
FOLDERS = [folder for folder in (SAMPLES, UNSEEN, CORPUS) if folder.is_dir()]


def read(path: Path) -> Document:
    return document(path.read_bytes(), path.name)


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """A copy of a sample and of its gold, to break."""
    for ending in (".txt", ".gold.json"):
        data = (SAMPLES / f"d-shuiwu{ending}").read_bytes()
        (tmp_path / f"d-shuiwu{ending}").write_bytes(data)
    return tmp_path / "d-shuiwu.gold.json"


def edited(path: Path, change: Any) -> Path:
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return path


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_gold_file_is_sound(folder: Path) -> None:
    assert {path.name: faults(path, read) for path in folder.glob("*.gold.json") if faults(path, read)} == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda g: g.update(guide=2), "guide 2"),
        (lambda g: g.update(sha256="0" * 64), "hash differs"),
        (lambda g: g.update(note="x"), "note is no key"),
        (lambda g: g["report"].pop("goal"), "/goal is absent"),
        (lambda g: g["report"]["tasks"][0].pop("funds"), "/tasks/0/funds is absent"),
        (lambda g: g["report"].update(remarks="x"), "/remarks"),
        (lambda g: g["report"]["budget"][0].update(initial="1200"), "figures are JSON numbers"),
        (lambda g: g["report"].update(overall_performance=" "), "empty text"),
        (lambda g: g["report"]["measures"][0].update(addresses=[99]), "a problem that is not there"),
        (lambda g: g["report"]["problems"][0].update(text="纯属杜撰的一个问题。"), "/problems/0/text"),
        (lambda g: g["report"]["budget"][0].update(actual=1.23), "/budget/0/actual"),
        (lambda g: g["evidence"].update({"/budget/9/actual": []}), "there is no such value"),
        (
            lambda g: g["evidence"].update({"/fiscal_year": [{"start": 0, "end": 10**7}]}),
            "leaves the document",
        ),
        (lambda g: g["evidence"].update({"/fiscal_year": [{"start": 0, "end": 2}]}), "something else"),
        (lambda g: g.update(evidence=[1]), "evidence leads"),
        (lambda g: g.update(document="other.txt"), "other.txt"),
    ],
)
def test_what_is_wrong_with_gold_is_said(gold: Path, change: Any, said: str) -> None:
    found = faults(edited(gold, change), missing_or_read)
    assert any(said in fault for fault in found), found


def unplaced(change: Any) -> Any:
    """The change, in a gold file without places."""

    def changed(data: dict[str, Any]) -> None:
        data.pop("evidence", None)
        change(data["report"])

    return changed


def times(report: dict[str, Any], factor: float) -> None:
    report["budget"][0]["actual"] *= factor


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda g: g.update(unlabelled=3), "list of pointers"),
        (lambda g: g.update(unlabelled=["/nothing"]), "unlabelled names /nothing"),
        (lambda g: g.update(document="../x.txt"), "a file beside it"),
        (lambda g: g.update(guide=True), "guide True"),
        (lambda g: times(g["report"], 10_000), "/budget/0/actual"),
        (unplaced(lambda r: times(r, 10_000)), "/budget/0/actual"),
        (unplaced(lambda r: times(r, -1)), "/budget/0/actual"),
        (unplaced(lambda r: r["problems"].append(r["problems"][0])), "one thing is one item"),
        (unplaced(lambda r: r["budget"][0].update(partial="true")), "/budget/0/partial"),
    ],
)
def test_gold_is_read_as_strictly_as_any_input(gold: Path, change: Any, said: str) -> None:
    found = faults(edited(gold, change), missing_or_read)
    assert any(said in fault for fault in found), found


def missing_or_read(path: Path) -> Document:
    try:
        return read(path)
    except OSError as error:
        raise InputError(f"{path}: {error}") from error


def test_a_field_that_was_left_open_may_be_absent(gold: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        del data["report"]["overall_performance"]
        data["evidence"].pop("/overall_performance", None)
        data["unlabelled"] = ["/overall_performance"]

    assert faults(edited(gold, change), read) == []


def test_a_key_told_twice_is_refused(gold: Path) -> None:
    gold.write_text(gold.read_text("utf-8").replace('"guide": 1,', '"guide": 1, "guide": 1,', 1), "utf-8")
    with pytest.raises(InputError, match="guide is told twice"):
        load(gold, read)


def test_one_changed_character_of_a_label_is_found() -> None:
    """Over the values of all samples: texts with a character replaced, figures with a digit changed."""
    rng = random.Random(11)
    tried = found = 0
    for path in sorted(SAMPLES.glob("*.gold.json")):
        data = json.loads(path.read_text("utf-8"), parse_float=Decimal)
        tracer = Tracer(read(path.with_name(data["document"])))
        for at, value in report_leaves(Report.model_validate(data["report"])):
            if isinstance(value, str) and len(value) >= 8 and not at.endswith(("/level", "/source")):
                i = rng.randrange(len(value))
                tried += 1
                found += not tracer.text(value[:i] + "囧" + value[i + 1 :])
            elif isinstance(value, Decimal) and len(value.as_tuple().digits) >= 5:
                tried += 1
                found += not tracer.figure(value + Decimal(3).scaleb(int(value.as_tuple().exponent)), "万元")
    assert tried > 400
    assert found / tried >= 0.99


def test_a_document_never_changes_sides() -> None:
    own = dataset(EVALS, "unseen")
    before = {gold.name: own.side(content_key(gold.document)) for gold in own.golds(read, "all")}
    text = read(UNSEEN / "a-shuiwu-1.txt").text
    again = document(text.replace("\n", "\r\n\r\n").encode("gb18030"), "copy.txt")
    assert own.side(content_key(again)) == before["a-shuiwu-1"]
    assert set(before.values()) == set(own.card.splits)


def test_the_sealed_part_is_left_out_unless_asked_for() -> None:
    own = dataset(EVALS, "unseen")
    sealed = {gold.name for gold in own.golds(read, "sealed")}
    rest = {gold.name for gold in own.golds(read)}
    assert sealed
    assert not sealed & rest
    assert len(sealed | rest) == len(own.paths())


def test_shares_follow_the_card() -> None:
    own = dataset(EVALS, "unseen")
    sides = [
        Dataset("x", own.card, UNSEEN).side(content_key(document(f"第{i}份".encode(), "x")))
        for i in range(900)
    ]
    for name, share in own.card.splits.items():
        assert sides.count(name) / 900 == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize("name", dataset_names(EVALS))
def test_every_dataset_has_a_card(name: str) -> None:
    card = dataset(EVALS, name).card
    assert card.about
    assert card.source
    assert card.labellers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("about = 'x'\ndataset = 'samples'\nengin = 'rules'", "engin"),
        ("about = 'x'\ndataset = 'samples'\nengine = 'rules'\nmodel = 'm'", "neither a model"),
        ("about = 'x'\ndataset = []", "dataset"),
        ("about = 'x", "suite.toml"),
        ("about = 'x'\ndataset = 'samples'\nrepeats = 0", "repeats"),
    ],
)
def test_a_broken_suite_is_said_to_be_so(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "suite.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        suite(EVALS, str(path))
