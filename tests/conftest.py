"""What the tests stand on: the samples, the unseen documents, and the real corpus where it is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from extractor.document import Document
from extractor.engines.rules.engine import RulesEngine
from extractor.evaluation.datasets import SEALED, Dataset, dataset
from extractor.evaluation.gold import content_key
from extractor.evaluation.likeness import Count, counts
from extractor.extraction import extract
from extractor.ingest.text import document
from extractor.result import Extraction

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
UNSEEN = ROOT / "evals" / "datasets" / "unseen"
FORMS = ROOT / "evals" / "datasets" / "forms"
MORE_FORMS = ROOT / "evals" / "datasets" / "forms-2"
CORPUS = ROOT.parent / "shared" / "corpus"


@dataclass(frozen=True)
class Labelled:
    """A document with its gold report, and where the gold says that values stand."""

    path: Path
    report: dict[str, Any]
    evidence: dict[str, list[dict[str, int]]]

    def document(self) -> Document:
        return document(self.path.read_bytes(), self.path.name)

    def extraction(self) -> Extraction:
        return extract(self.document(), RulesEngine())


def labelled(folder: Path) -> list[Labelled]:
    """The labelled documents of a folder, those of the sealed part left out."""
    found = []
    for path in sorted(folder.glob("*.gold.json")) if folder.is_dir() else []:
        gold = json.loads(path.read_text("utf-8"))
        one = Labelled(path.with_name(gold["document"]), gold["report"], gold.get("evidence", {}))
        if folder != UNSEEN or _unseen().side(content_key(one.document())) != SEALED:
            found.append(one)
    return found


@cache
def _unseen() -> Dataset:
    return dataset(ROOT / "evals", "unseen")


def plain_count(gold: dict[str, Any], got: dict[str, Any]) -> Count:
    """The plain count of a report against its gold, all groups together: texts by likeness alone."""
    total = Count()
    for one in counts(gold, got).values():
        total += one
    return total


def names(one: Labelled) -> str:
    """The test id of a document."""
    return one.path.stem


@pytest.fixture(scope="session")
def sample() -> Extraction:
    """The extraction of one sample, a narrative with its form."""
    return next(one for one in labelled(SAMPLES) if one.path.stem == "d-shuiwu").extraction()


@pytest.fixture(scope="session")
def hostile() -> Extraction:
    """The extraction of the sample that tries to steer, to script and to calculate."""
    return next(one for one in labelled(SAMPLES) if one.path.stem == "a-zhengwu").extraction()


@pytest.fixture(scope="session")
def prints() -> dict[str, bytes]:
    """The forms as PDFs, by name; skipped where there is no browser to print them."""
    from tests.maker import BROWSER, printed

    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    return {
        path.stem: data for path, data in printed(sorted([*FORMS.glob("*.html"), *MORE_FORMS.glob("*.html")]))
    }
