"""What a report holds, as the scorer sees it: groups of fields, their kinds, what identifies an item.

`identity` gives the fields that say which item an item is, each with its weight; no figure is among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from extractor.report import FundingLine, Indicator, Project

Kind = Literal["amount", "figure", "year", "name", "source", "text", "cell", "flag", "link"]
FIGURES = frozenset({"amount", "figure", "year"})
_KINDS: Mapping[str, Kind] = {
    "initial": "amount",
    "adjustment": "amount",
    "adjusted": "amount",
    "budget_unspecified": "amount",
    "actual": "amount",
    "budget": "amount",
    "funds": "amount",
    "execution_rate": "figure",
    "adjustment_rate": "figure",
    "weight": "figure",
    "score": "figure",
    "fiscal_year": "year",
    "department": "name",
    "money_unit": "name",
    "grade": "name",
    "level": "name",
    "source": "source",
    "partial": "flag",
}


@dataclass(frozen=True)
class Shape:
    """One kind of item: its fields with their kinds, its identity, and the lists inside it."""

    group: str
    fields: Mapping[str, Kind]
    identity: Mapping[str, float] = field(default_factory=dict)
    lists: Mapping[str, Shape] = field(default_factory=dict)


def _kinds(names: tuple[str, ...], own: Mapping[str, Kind] | None = None) -> dict[str, Kind]:
    return {name: (own or {}).get(name) or _KINDS.get(name, "text") for name in names}


_INDICATOR = Shape(
    "indicators",
    _kinds(tuple(Indicator.model_fields), {"target": "cell", "actual": "cell"}),
    {"name": 1.0, "definition": 0.5},
)
_TASK = Shape(
    "tasks",
    _kinds(("name", "expected", "achieved", "funds")),
    {"name": 1.0, "expected": 0.75, "achieved": 0.75},
    {"indicators": _INDICATOR},
)
_TEXT = _kinds(("text",))
GOAL = Shape("goal", _kinds(("expected", "achieved")))
VERDICT = Shape("texts", _kinds(("conclusion", "grade", "score")))
LISTS: Mapping[str, Shape] = {
    "budget": Shape("budget", _kinds(tuple(FundingLine.model_fields)), {"source": 1.0}),
    "indicators": _INDICATOR,
    "tasks": _TASK,
    "projects": Shape("projects", _kinds(tuple(Project.model_fields)), {"name": 1.0}),
    "problems": Shape("problems", _TEXT, {"text": 1.0}),
    "measures": Shape("measures", _TEXT, {"text": 1.0}),
}
HEADER = Shape("header", _kinds(("department", "fiscal_year", "money_unit")))
PASSAGES = Shape("texts", _kinds(("key_project_performance", "overall_performance")))
LINKS = "links"
GROUPS = (
    "header",
    "budget",
    "goal",
    "tasks",
    "indicators",
    "projects",
    "texts",
    "problems",
    "measures",
    LINKS,
)
