"""The plain count beside ours: a text is right at a likeness of 0.90, whatever figures it holds.

This is how an independent scorer counts (figures equal to four decimals, amounts without their unit, no links
and no `partial`; items paired by likeness at 0.5 or better). It is shown under its own name, so that figures
can be compared with those of others; ours is the stricter one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist
from scipy.optimize import linear_sum_assignment

from extractor.evaluation.alignment import Item, items_of
from extractor.evaluation.shape import FIGURES, GOAL, HEADER, LISTS, PASSAGES, VERDICT, Kind, Shape
from extractor.evaluation.values import blank, figure
from extractor.fundlines import plain_source
from extractor.wording import LEAST_LIKENESS, alike, plain

LEAST = 0.5
Matrix = NDArray[np.float64]


@dataclass
class Count:
    """Leaves that are right, invented and missed; a wrong one is both."""

    right: int = 0
    invented: int = 0
    missed: int = 0

    def __iadd__(self, other: Count) -> Count:
        self.right += other.right
        self.invented += other.invented
        self.missed += other.missed
        return self

    @property
    def f1(self) -> float:
        """F1 of the leaves; 1 where there is none."""
        both = 2 * self.right + self.invented + self.missed
        return 2 * self.right / both if both else 1.0


def counts(gold: Item, got: Item) -> dict[str, Count]:
    """The count of each group."""
    out: dict[str, Count] = {}

    def item(shape: Shape, one: Item, two: Item) -> None:
        tally = out.setdefault(shape.group, Count())
        for name, kind in shape.fields.items():
            if kind != "flag":
                tally.__iadd__(_leaf(kind, one.get(name), two.get(name)))

    def items(shape: Shape, name: str, one: Item, two: Item) -> None:
        golds, gots = items_of(one, name), items_of(two, name)
        for ours, theirs in _paired(name, golds, gots):
            item(shape, ours, theirs)
            for inner, inside in shape.lists.items():
                items(inside, inner, ours, theirs)

    item(HEADER, gold, got)
    item(GOAL, gold.get("goal") or {}, _item(got.get("goal")))
    item(PASSAGES, gold, got)
    item(VERDICT, gold.get("self_evaluation") or {}, _item(got.get("self_evaluation")))
    for name, shape in LISTS.items():
        items(shape, name, gold, got)
    return out


def _item(value: Any) -> Item:
    return value if isinstance(value, Mapping) else {}


def _leaf(kind: Kind, gold: Any, got: Any) -> Count:
    if blank(gold) or blank(got):
        return Count(0, int(not blank(got)), int(not blank(gold)))
    return Count(1, 0, 0) if _right(kind, gold, got) else Count(0, 1, 1)


def _right(kind: Kind, gold: Any, got: Any) -> bool:
    if kind in FIGURES:
        one, two = figure(gold), figure(got)
        return one is not None and two is not None and round(float(one), 4) == round(float(two), 4)
    one_text, two_text = str(gold), str(got)
    if kind == "source":
        return plain_source(one_text) == plain_source(two_text)
    if kind == "name":
        return plain(one_text) == plain(two_text)
    return alike(one_text, two_text) >= LEAST_LIKENESS


def _paired(name: str, golds: Sequence[Item], gots: Sequence[Item]) -> Iterator[tuple[Item, Item]]:
    pairs: list[tuple[int, int]] = []
    if golds and gots:
        matrix = _LIKE[name](golds, gots)
        rows, columns = linear_sum_assignment(-matrix)
        best = zip(rows.tolist(), columns.tolist(), strict=True)
        pairs = [(i, j) for i, j in best if matrix[i, j] >= LEAST]
    yield from ((golds[i], gots[j]) for i, j in pairs)
    yield from ((one, {}) for i, one in enumerate(golds) if i not in {i for i, _ in pairs})
    yield from (({}, two) for j, two in enumerate(gots) if j not in {j for _, j in pairs})


def _alike(name: str, golds: Sequence[Item], gots: Sequence[Item]) -> Matrix:
    texts = [[plain(str(one.get(name) or "")) for one in side] for side in (golds, gots)]
    return cdist(*texts, scorer=Levenshtein.normalized_similarity, dtype=np.float64)


def _mean(names: tuple[str, str], golds: Sequence[Item], gots: Sequence[Item], instead: Matrix) -> Matrix:
    """The mean likeness of the fields that either of a pair has, `instead` where neither has any."""
    total, number = np.zeros(instead.shape), np.zeros(instead.shape)
    for name in names:
        held = np.logical_or.outer(*[[bool(one.get(name)) for one in side] for side in (golds, gots)])
        total += np.where(held, _alike(name, golds, gots), 0.0)
        number += held
    return np.where(number > 0, total / np.maximum(number, 1), instead)


def _like(name: str, share: float, names: tuple[str, str] | None) -> Callable[..., Matrix]:
    def likeness(golds: Sequence[Item], gots: Sequence[Item]) -> Matrix:
        own = _alike(name, golds, gots)
        return own if names is None else share * own + (1 - share) * _mean(names, golds, gots, own)

    return likeness


def _like_source(golds: Sequence[Item], gots: Sequence[Item]) -> Matrix:
    same = [[plain_source(str(one.get("source") or "")) for one in side] for side in (golds, gots)]
    likeness = _alike("source", golds, gots)
    spent = [[figure(one.get("actual")) for one in side] for side in (golds, gots)]
    out = np.zeros(likeness.shape)
    for i, j in np.ndindex(*out.shape):
        alike_money = spent[0][i] is not None and spent[0][i] == spent[1][j]
        out[i, j] = 1.0 if same[0][i] == same[1][j] else 0.4 * likeness[i, j] + 0.5 * alike_money
    return out


_LIKE: Mapping[str, Callable[..., Matrix]] = {
    "budget": _like_source,
    "indicators": _like("name", 0.75, ("target", "actual")),
    "tasks": _like("name", 0.4, ("expected", "achieved")),
    "projects": _like("name", 1.0, None),
    "problems": _like("text", 1.0, None),
    "measures": _like("text", 1.0, None),
}
