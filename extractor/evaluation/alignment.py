"""Which item of a report is which item of the gold: an exact assignment, never a match by position.

The cost of taking one item for another is an edit distance over the fields that identify it, plus the cost of
the best assignment of the items inside it; figures have no part in it. Leaving both unmatched costs what
saying nothing of either would, so items are paired where they have something in common that no better pair
claims. Of assignments that cost the same, the one with most right leaves is taken.

Each distance is a metric (the generalised Levenshtein distance of Li and Liu, 2007, cut off at `CUT`, with
half of that between a text and nothing). Hence an improved leaf moves an item nowhere that it would be worth
less: mending a leaf never lowers a score. Costs are whole numbers, rounded up, so that equal is equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist
from scipy.optimize import linear_sum_assignment

from extractor.evaluation.shape import FIGURES, Kind, Shape
from extractor.evaluation.values import Units, blank, figure, right
from extractor.fundlines import plain_source
from extractor.wording import LEAST_LIKENESS, plain

Item = Mapping[str, Any]
Matrix = NDArray[np.float64]
Places = NDArray[np.intp]
Spans = Sequence[tuple[int, int]]
CUT = 0.4
_STEPS = 10_000
_FEW = 2_000
_MANY = 250_000
_WORKERS = 2
_FIRST = 65_536  # what one step of identity is worth in right leaves: more than a report has


@dataclass(frozen=True)
class Gains:
    """What pairing each gold item with each other one saves, in steps of identity and then in right leaves.

    `inside` holds the same for the lists inside the items, over all their rows.
    """

    matrix: Matrix
    inside: Mapping[str, Inside] = field(default_factory=dict)

    def pairs(self) -> list[tuple[int, int]]:
        """The pairs of the best assignment that have anything in common, in the gold's order."""
        if not self.matrix.size or not self.matrix.any():
            return []
        rows, columns = linear_sum_assignment(self.matrix, maximize=True)
        best = zip(rows.tolist(), columns.tolist(), strict=True)
        return [(i, j) for i, j in best if self.matrix[i, j] >= _FIRST]


@dataclass(frozen=True)
class Inside:
    """The gains of one list inside all items, and the rows and columns that are each item's own."""

    whole: Gains
    tops: Sequence[tuple[int, int]]
    lefts: Sequence[tuple[int, int]]

    def of(self, gold: int, got: int) -> Gains:
        """The gains between the lists of two items."""
        return Gains(self.whole.matrix[slice(*self.tops[gold]), slice(*self.lefts[got])])

    def best(self) -> Matrix:
        """The most that the lists of each pair of items can save."""
        matrix, out = self.whole.matrix, np.zeros((len(self.tops), len(self.lefts)))
        if not matrix.size:
            return out
        for i, top in enumerate(self.tops):
            rows = matrix[slice(*top)]
            for j, left in enumerate(self.lefts):
                part = rows[:, slice(*left)]
                if part.any():
                    out[i, j] = part[linear_sum_assignment(part, maximize=True)].sum()
        return out


def gains(
    shape: Shape, golds: Sequence[Item], gots: Sequence[Item], units: Units, near: Matrix | None = None
) -> Gains:
    """The gains between two lists; `near` holds the steps that the items' places in the source save."""
    saved = np.zeros((len(golds), len(gots))) if near is None else near.copy()
    if not saved.size:
        return Gains(saved)
    for name, weight in shape.identity.items():
        _add_saved(saved, _texts(shape, name, golds), _texts(shape, name, gots), weight)
    inside = {name: _inside(inner, name, golds, gots, units) for name, inner in shape.lists.items()}
    inner_right = np.zeros(saved.shape)
    for one in inside.values():
        inner_right += _taken_over(one, saved)
    rows, columns = np.nonzero(saved)
    own = _right(shape, [golds[i] for i in rows.tolist()], [gots[j] for j in columns.tolist()], units)
    saved *= _FIRST
    saved[rows, columns] += own + inner_right[rows, columns]
    return Gains(saved, inside)


def _taken_over(inside: Inside, saved: Matrix) -> Matrix:
    """Add the steps that the items inside save; gives their right leaves."""
    best = inside.best()
    steps = np.floor(best / _FIRST)
    saved += steps
    right_leaves: Matrix = best - steps * _FIRST
    return right_leaves


def _inside(shape: Shape, name: str, golds: Sequence[Item], gots: Sequence[Item], units: Units) -> Inside:
    ones, twos = ([items_of(one, name) for one in side] for side in (golds, gots))
    whole = gains(shape, [one for own in ones for one in own], [one for own in twos for one in own], units)
    return Inside(whole, _edges(ones), _edges(twos))


def items_of(item: Item, name: str) -> list[Item]:
    """The items of a list; what is no item stands as an empty one."""
    held = item.get(name)
    if not isinstance(held, (list, tuple)):
        held = () if held is None else (held,)
    return [one if isinstance(one, Mapping) else {} for one in held]


def _edges(lists: Sequence[Sequence[Item]]) -> list[tuple[int, int]]:
    ends = np.cumsum([len(one) for one in lists]).tolist()
    return [(end - len(one), end) for end, one in zip(ends, lists, strict=True)]


def nearness(golds: Sequence[Spans], gots: Sequence[Spans], weight: float = 0.5) -> Matrix:
    """Steps saved by standing at the same place: by the Jaccard distance of the characters covered."""
    ones, twos = (
        [{at for start, end in own for at in range(start, end)} for own in side] for side in (golds, gots)
    )
    out = np.zeros((len(ones), len(twos)))
    full = round(weight * CUT * _STEPS)
    for i, one in enumerate(ones):
        for j, two in enumerate(twos):
            if one and two:
                apart = 1 - len(one & two) / len(one | two)
                out[i, j] = max(0.0, full - np.ceil(weight * apart * _STEPS - 1e-6))
    return out


def _texts(shape: Shape, name: str, items: Sequence[Item]) -> list[str | None]:
    fold = plain_source if shape.fields[name] == "source" else plain
    return [fold(str(value)) if not blank(value := one.get(name)) else None for one in items]


def _add_saved(saved: Matrix, golds: Sequence[str | None], gots: Sequence[str | None], weight: float) -> None:
    """Add the steps saved by taking one text for the other, against saying nothing of both."""
    ones, one_at = _numbered(golds)
    twos, two_at = _numbered(gots)
    if not ones or not twos:
        return
    rows, columns, steps = _near(ones, twos, weight)
    first, second = _only_places(len(ones), one_at), _only_places(len(twos), two_at)
    if first is not None and second is not None:
        saved[first[rows], second[columns]] += steps
        return
    padded = np.zeros((len(ones) + 1, len(twos) + 1))  # the last row and column stand for nothing
    padded[rows, columns] = steps
    saved += padded[np.ix_(one_at, two_at)]


def _only_places(different: int, at: Sequence[int]) -> Places | None:
    """Where each of the different values stands, None if one stands at several places."""
    known = [place for place, value in enumerate(at) if value < different]
    return np.array(known, dtype=np.intp) if len(known) == different else None


def _near(ones: Sequence[str], twos: Sequence[str], weight: float) -> tuple[Places, Places, Matrix]:
    """The pairs of different texts that are near each other, and the steps that each saves."""
    lengths = np.array([len(one) for one in ones]), np.array([len(two) for two in twos])
    most = int((lengths[0].max() + lengths[1].max()) * CUT / (2 - CUT))  # edits of any pair within the cut
    edits = cdist(
        ones,
        twos,
        scorer=Levenshtein.distance,
        score_cutoff=most,
        dtype=np.int32,
        workers=_WORKERS if len(ones) * len(twos) > _MANY else 1,
    )
    rows, columns = np.nonzero(edits <= most)
    apart = edits[rows, columns].astype(np.float64)
    both = (lengths[0][rows] + lengths[1][columns]).astype(np.float64)
    distance = np.divide(2 * apart, both + apart, out=np.zeros(len(rows)), where=both > 0)
    full = round(weight * CUT * _STEPS)
    return rows, columns, np.maximum(0.0, full - np.ceil(weight * distance * _STEPS - 1e-6))


def _numbered(texts: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The different values, and where each stands among them; None stands behind the last."""
    known: dict[Any, int] = {}
    for text in texts:
        if text is not None:
            known.setdefault(text, len(known))
    return list(known), [len(known) if text is None else known[text] for text in texts]


def _right(shape: Shape, golds: Sequence[Item], gots: Sequence[Item], units: Units) -> Matrix:
    """How many leaves each of these pairs of items would have right."""
    out = np.zeros(len(golds))
    for name, kind in shape.fields.items():
        ones, one_at = _numbered([_key(kind, one.get(name)) for one in golds])
        twos, two_at = _numbered([_key(kind, one.get(name)) for one in gots])
        if ones and twos:
            out += _right_of(kind, (ones, twos), (np.array(one_at), np.array(two_at)), units)
    return out


def _right_of(
    kind: Kind, different: tuple[Sequence[Any], Sequence[Any]], at: tuple[Places, Places], units: Units
) -> Matrix:
    """Whether each pair of values is right, one by one where few pairs differ, else by a table of all."""
    ones, twos = different
    codes, where = np.unique(at[0] * (len(twos) + 1) + at[1], return_inverse=True)
    known = np.zeros(len(codes))
    if len(codes) > _FEW and len(codes) * 4 > len(ones) * len(twos):
        table = np.zeros((len(ones) + 1, len(twos) + 1))
        table[:-1, :-1] = _table(kind, ones, twos, units)
        known = table.ravel()[codes]
    else:
        for k, code in enumerate(codes.tolist()):
            i, j = divmod(code, len(twos) + 1)
            if i < len(ones) and j < len(twos):
                known[k] = right(kind, ones[i], twos[j], units)
    found: Matrix = known[where]
    return found


def _key(kind: Kind, value: Any) -> Any:
    if blank(value):
        return None
    return figure(value) if kind in FIGURES else value if kind == "flag" else str(value)


def _table(kind: Kind, ones: Sequence[Any], twos: Sequence[Any], units: Units) -> Matrix:
    """Which of the different values are right for which; texts are first sieved by likeness."""
    if kind in FIGURES:
        shift = units.shift if kind == "amount" else 0
        found = {two if shift is None else two.scaleb(shift): j for j, two in enumerate(twos)}
        out = np.zeros((len(ones), len(twos)))
        for i, one in enumerate(ones):
            if shift is not None and one in found:
                out[i, found[one]] = 1
        return out
    if kind not in ("text", "cell"):
        return np.array([[right(kind, one, two, units) for two in twos] for one in ones], dtype=np.float64)
    sieve = cdist(
        [plain(one) for one in ones],
        [plain(two) for two in twos],
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=LEAST_LIKENESS,
        dtype=np.float32,
    )
    out = np.zeros(sieve.shape)
    for i, j in zip(*np.nonzero(sieve), strict=True):
        out[i, j] = right(kind, ones[i], twos[j], units)
    return out
