"""What an extraction holds: the document, its report, and where every value of it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from extractor.document import Document
from extractor.report import Report

SCHEMA = 1
MatchType = Literal["exact", "normalized", "fuzzy"]
NO_LEAVES = frozenset({"partial", "addresses"})


@dataclass(frozen=True)
class Evidence:
    """One place that a value rests on: `text[start:end]` of the raw text; `page` counts from 1.

    `bbox` is [x0, y0, x1, y1] in points from the page's top left; both are None for plain text.
    """

    start: int
    end: int
    match: MatchType
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Doubt:
    """A value with figures that a person should look at in the picture, and why.

    `reasons` are "grammar" (not written as figures are), "second reading" (read otherwise the second time),
    "width" (wider or narrower than what was read), "poor page" (read unsurely on a page where much is in
    doubt), "column" (written otherwise than its column) and "arithmetic" (at odds with those beside it).
    """

    pointer: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """One reading of a value, and which part of the document or which engine it comes from.

    None where that engine read nothing there.
    """

    value: str | int | Decimal | None
    origin: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Disagreement:
    """A value on which readings differ; the report holds candidate `chosen`."""

    pointer: str
    candidates: tuple[Candidate, ...]
    chosen: int


@dataclass(frozen=True)
class Extraction:
    """Everything one run found in one document."""

    document: Document
    report: Report
    evidence: dict[str, tuple[Evidence, ...]]
    ungrounded: tuple[str, ...]
    conflicts: tuple[Disagreement, ...]
    coverage: dict[str, Any]
    run: dict[str, Any]
    findings: tuple[dict[str, Any], ...] = ()
    doubtful: tuple[Doubt, ...] = ()

    @property
    def lost(self) -> list[tuple[int, int, str]]:
        """Start, end and reason of each chunk of which a part could not be read."""
        return [
            (chunk["start"], chunk["end"], task["error"])
            for chunk in self.coverage["chunks"]
            for task in chunk["tasks"].values()
            if task["status"] in ("failed", "skipped")
        ]

    @property
    def grounded_share(self) -> float:
        """The part of all leaves that stand in the document, 0 to 1."""
        total = len(self.evidence) + len(self.ungrounded)
        return len(self.evidence) / total if total else 0.0


def report_leaves(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a report that is not null, with its JSON Pointer."""
    if isinstance(node, BaseModel):
        for name in type(node).model_fields:
            if name not in NO_LEAVES:
                yield from report_leaves(getattr(node, name), f"{pointer}/{name}")
    elif isinstance(node, tuple):
        for index, child in enumerate(node):
            yield from report_leaves(child, f"{pointer}/{index}")
    elif node is not None:
        yield pointer, node
