"""What the tests stand on: the samples, the unseen documents, and the real corpus where it is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from extractor.document import Document
from extractor.engines.rules.engine import RulesEngine
from extractor.extraction import extract
from extractor.ingest.text import document
from extractor.result import Extraction

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
UNSEEN = ROOT / "evals" / "datasets" / "unseen"
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
    """The labelled documents of a folder."""
    found = []
    for path in sorted(folder.glob("*.gold.json")) if folder.is_dir() else []:
        gold = json.loads(path.read_text("utf-8"))
        found.append(Labelled(path.with_name(gold["document"]), gold["report"], gold.get("evidence", {})))
    return found


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
