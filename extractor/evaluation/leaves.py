"""The verdicts on one report: a leaf for every value, and the items missed or invented whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from extractor.evaluation.shape import FIGURES, Kind
from extractor.evaluation.values import blank

Verdict = Literal["right", "wrong", "missed", "invented", "invalid", "unlabelled"]
Place = Literal["right", "elsewhere", "ungrounded", "unknown"]


class Leaf(NamedTuple):
    """One value of the gold, of the report, or of both; pointers are JSON Pointers into each report."""

    group: str
    field: str
    kind: Kind
    verdict: Verdict
    gold: Any = None
    got: Any = None
    gold_at: str | None = None
    got_at: str | None = None
    tags: tuple[str, ...] = ()
    place: Place = "unknown"

    @property
    def misses(self) -> bool:
        """Whether something that the gold holds is not told."""
        return self.verdict in ("wrong", "missed") or (self.verdict == "invalid" and not blank(self.gold))

    @property
    def invents(self) -> bool:
        """Whether something is told that the gold does not hold."""
        return self.verdict in ("wrong", "invented", "invalid")

    @property
    def figure(self) -> bool:
        """Whether the value is a figure, or a cell that holds one."""
        return self.kind in FIGURES or (self.kind == "cell" and any(c.isdigit() for c in str(self.got)))


@dataclass(frozen=True)
class Whole:
    """An item that is missed or invented as a whole."""

    kind: Literal["missed", "invented"]
    list: str
    at: str


@dataclass
class Comparison:
    """Every leaf of one report against its gold; `outside` counts the fields that neither of them fills."""

    leaves: list[Leaf] = field(default_factory=list)
    whole: list[Whole] = field(default_factory=list)
    outside: int = 0
