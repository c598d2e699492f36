"""Draft reports: shaped like the report, but every leaf knows where it stands.

A draft is dicts and lists by field name; its leaves are `Found` values, plain values that stand nowhere
(the 合计 of a narrative), or None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from extractor.document import Span

Draft = dict[str, Any]
Value = str | int | Decimal


@dataclass(frozen=True)
class Found:
    """A value and the raw spans it was read from, in order."""

    value: Value
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Lost:
    """A part of the document that an engine knows it could not read, and why."""

    span: Span
    reason: str


def leaves(node: Any, pointer: str = "") -> Iterator[tuple[str, Found]]:
    """Every found value of a draft with its JSON Pointer."""
    out: list[tuple[str, Found]] = []
    _gather(node, pointer, out)
    return iter(out)


def _gather(node: Any, pointer: str, out: list[tuple[str, Found]]) -> None:
    if isinstance(node, Found):
        out.append((pointer, node))
    elif isinstance(node, dict):
        for key, child in node.items():
            if child is not None:
                _gather(child, f"{pointer}/{key}", out)
    elif isinstance(node, (list, tuple)):
        for index, child in enumerate(node):
            _gather(child, f"{pointer}/{index}", out)


def values(node: Any) -> Any:
    """The draft with each found value in the place of its `Found`."""
    if isinstance(node, Found):
        return node.value
    if isinstance(node, dict):
        return {key: values(child) for key, child in node.items()}
    if isinstance(node, (list, tuple)):
        return [values(child) for child in node]
    return node


def empty_draft() -> Draft:
    """A draft that says nothing."""
    return {
        "department": None,
        "fiscal_year": None,
        "money_unit": None,
        "budget": [],
        "goal": {"expected": None, "achieved": None},
        "indicators": [],
        "tasks": [],
        "projects": [],
        "key_project_performance": None,
        "overall_performance": None,
        "self_evaluation": {"conclusion": None, "grade": None, "score": None},
        "problems": [],
        "measures": [],
    }
