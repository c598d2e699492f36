"""Two partial drafts of one document into one: the first has the word, the second fills what it lacks.

Values are joined by declared identity (the field, the source of a funding line, the name of a task). Where
both have a figure and the figures differ, the first stands and both are kept as a `Conflict`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from rapidfuzz import fuzz

from extractor.drafts import Draft, Found
from extractor.folding import squeezed

SAME_TEXT = 85.0
SAME_PAIRS = 0.6
LIKELY_PAIRS = 0.25


@dataclass(frozen=True)
class Conflict:
    """Candidates for one value; the report holds the one at index `chosen`."""

    pointer: str
    candidates: tuple[tuple[str, Found | None], ...]
    chosen: int = 0


def merged(first: Draft, second: Draft, names: tuple[str, str]) -> tuple[Draft, list[Conflict]]:
    """The first draft, filled from the second; `names` says where each comes from."""
    merger = _Merger(names)
    out: Draft = {}
    for key in ("department", "fiscal_year", "money_unit", "key_project_performance", "overall_performance"):
        out[key] = merger.leaf(f"/{key}", first[key], second[key])
    for key in ("goal", "self_evaluation"):
        out[key] = merger.fields(f"/{key}", first[key], second[key])
    out["budget"] = merger.budget(first["budget"], second["budget"])
    has_indicators = first["indicators"] or any(task["indicators"] for task in first["tasks"])
    out["indicators"] = first["indicators"] if has_indicators else second["indicators"]
    out["tasks"] = merger.tasks(first["tasks"], second["tasks"])
    out["projects"] = first["projects"] + [
        p for p in second["projects"] if _match(p, first["projects"]) is None
    ]
    out["problems"] = _told_twice(first["problems"], second["problems"])
    out["measures"] = _told_twice(first["measures"], second["measures"])
    return {key: out[key] for key in first}, merger.conflicts


class _Merger:
    def __init__(self, names: tuple[str, str]) -> None:
        self.names = names
        self.conflicts: list[Conflict] = []

    def leaf(self, pointer: str, first: Any, second: Any) -> Any:
        if first is None:
            return second
        if isinstance(first, Found) and isinstance(second, Found) and differ(first, second):
            pair = tuple(zip(self.names, (first, second), strict=True))
            self.conflicts.append(Conflict(pointer, pair))
        return first

    def fields(self, pointer: str, first: Draft, second: Draft) -> Draft:
        return {key: self.leaf(f"{pointer}/{key}", first[key], second.get(key)) for key in first}

    def budget(self, first: list[Draft], second: list[Draft]) -> list[Draft]:
        if not first:
            return second
        by_source = {_source(line): line for line in second}
        out: list[Draft] = []
        for i, line in enumerate(first):
            other = by_source.get(_source(line))
            out.append(line if other is None else self._line(f"/budget/{i}", line, other))
        return out

    def _line(self, pointer: str, line: Draft, other: Draft) -> Draft:
        kept = {key: value for key, value in other.items() if key not in ("source", "partial")}
        if line["adjusted"] is not None or line["initial"] is not None:
            kept["budget_unspecified"] = None
        return {**line, **self.fields(pointer, {key: line[key] for key in kept}, kept)}

    def tasks(self, first: list[Draft], second: list[Draft]) -> list[Draft]:
        if not first:
            return second
        out: list[Draft] = []
        for task in first:
            other = _match(task, second)
            filled = (
                {} if other is None else {key: task[key] or other[key] for key in ("expected", "achieved")}
            )
            out.append({**task, **filled})
        return out


def differ(first: Found, second: Found) -> bool:
    """Whether two readings of a figure contradict each other; one that rounds the other does not."""
    if isinstance(first.value, Decimal) and isinstance(second.value, Decimal):
        return not _rounded_alike(first.value, second.value)
    return isinstance(first.value, int) and first.value != second.value


def _rounded_alike(a: Decimal, b: Decimal) -> bool:
    """Whether the figure with fewer digits is the other one rounded: 1.84亿元 beside 18,426.50万元."""
    digits = min(len(_significant(a)), len(_significant(b)))
    if a == b or digits < 2:
        return a == b
    round_to = Context(prec=digits, rounding=ROUND_HALF_UP)
    return round_to.plus(a) == round_to.plus(b)


def _significant(value: Decimal) -> str:
    text = format(abs(value), "f").lstrip("0.")
    return text.replace(".", "") if "." in format(value, "f") else text.rstrip("0")


def _source(line: Draft) -> str:
    source = line["source"]
    return str(source.value if isinstance(source, Found) else source)


def _name(item: Draft) -> str:
    return re.sub(r"(?:任务|项目|工作)$", "", squeezed(str(item["name"].value)))


def _match(item: Draft, others: Sequence[Draft]) -> Draft | None:
    return next((other for other in others if _name(other) == _name(item)), None)


def _told_twice(first: list[Draft], second: list[Draft]) -> list[Draft]:
    """Both lists as one in the order of the longer telling; what is told twice keeps its fuller wording."""
    if len(first) == len(second) and all(map(_likely, first, second)):
        return [max(pair, key=_size) for pair in zip(second, first, strict=True)]
    left = list(first)
    out: list[Draft] = []
    for item in second:
        twin = next((other for other in left if _same(item, other)), None)
        if twin is not None:
            left.remove(twin)
        out.append(item if twin is None or _size(item) >= _size(twin) else twin)
    return out + left


def _size(item: Draft) -> int:
    return len(squeezed(str(item["text"].value)))


def _same(a: Draft, b: Draft) -> bool:
    one, two = (re.sub(r"[。；;]$", "", squeezed(str(x["text"].value))) for x in (a, b))
    short, long = sorted((one, two), key=len)
    if len(short) < 4:
        return False
    return fuzz.partial_ratio(short, long) >= SAME_TEXT or _shared_pairs(short, long) >= SAME_PAIRS


def _likely(a: Draft, b: Draft) -> bool:
    """Whether two points at the same place of two lists of equal length are about the same."""
    short, long = sorted((squeezed(str(x["text"].value)) for x in (a, b)), key=len)
    return _shared_pairs(short, long) >= LIKELY_PAIRS


def _shared_pairs(short: str, long: str) -> float:
    """The part of the short text's character pairs that the long one has too."""
    pairs = [short[i : i + 2] for i in range(len(short) - 1) if not {"，", ",", "、"} & set(short[i : i + 2])]
    return sum(pair in long for pair in pairs) / len(pairs) if pairs else 0.0
