"""Where a value stands in the document, or that it stands nowhere.

Figures, rates, years, units, names of departments and grades match exactly after folding or not at all. A
text may also match at a similarity of 0.9 if it holds the same numbers and negations. A value that occurs
several times is placed by its neighbours: values are asked for in reading order, those that stand in one
place only are the anchors, and the others are put between them.

Positions inside this module are positions in the document's squeezed text (folded, no white space), which
maps back to the raw text character by character.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from rapidfuzz.fuzz import partial_ratio_alignment, ratio

from extractor.document import Document, Span
from extractor.folding import squeezed
from extractor.matching import FIGURE_RUN, LEAST_LIKENESS, Kind, same_sense, signed
from extractor.neighbours import Range, in_order
from extractor.result import MatchType

_SHORTEST_FUZZY = 10
_GRAM = 4
_FIGURE = re.compile(r"\(?[-+]?\d[\d,]*(?:\.\d+)?%?\)?")
_DIGITS = re.compile(r"\d[\d,.]*")
_WHITE = re.compile(r"\s")
_VOTERS = 12
_MOST_VOTES = 512


class Placement(NamedTuple):
    """The raw spans of a value, in order, and how well they match it."""

    spans: tuple[Span, ...]
    match: MatchType


class Wanted(NamedTuple):
    """A value as printed; `within` narrows where it may stand, in raw offsets."""

    value: str
    kind: Kind = "text"
    within: Span | None = None


class Index:
    """A document prepared for placing values in it; building it is linear in its length."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.view = document.squeezed
        self.text = self.view.text

    def prepare(self) -> None:
        """Build everything that placing needs; without it, the first call does."""
        _ = self._figures, self._grams

    def place(self, value: str, kind: Kind = "text", within: Span | None = None) -> Placement | None:
        """Where one value stands: its first place in `within`, None if it stands nowhere."""
        return self.place_all([Wanted(value, kind, within)])[0]

    def place_all(self, wanted: Sequence[Wanted]) -> list[Placement | None]:
        """Where each of these values stands; they are taken to come in reading order."""
        values = [squeezed(want.value) for want in wanted]
        found: list[Sequence[Range]] = []
        near: set[int] = set()
        for i, (value, want) in enumerate(zip(values, wanted, strict=True)):
            places = self._exact(value, want.kind) if value else ()
            if not places and want.kind == "text" and len(value) >= _SHORTEST_FUZZY:
                places = self._fuzzy(value)
                near.add(i)
            found.append(places if want.within is None else self._inside(places, want.within))
        return [
            None if place is None else self._placement(place, wanted[i].value, i in near)
            for i, place in enumerate(in_order(found, values))
        ]

    def _inside(self, places: Sequence[Range], within: Span) -> list[Range]:
        low, high = self.view.position(within.start), self.view.position(within.end)
        return [place for place in places if low <= place[0] and place[1] <= high]

    def _exact(self, value: str, kind: Kind) -> Sequence[Range]:
        """Places where the value stands and does not cut a figure in two."""
        if kind == "figure" and _FIGURE.fullmatch(value):
            return self._signed_figures(value)
        size = len(value)
        if size < _GRAM:
            return self._short(value)
        last = size - _GRAM
        grams = self._grams
        rarest: Sequence[int] | None = None
        shift = 0
        for i in (0, last // 2, last):
            places = grams.get(value[i : i + _GRAM])
            if places is None:
                return ()
            if rarest is None or len(places) < len(rarest):
                rarest, shift = places, i
        text = self.text
        starts = [place - shift for place in rarest or ()]
        return [
            (a, a + size)
            for a in starts
            if text.startswith(value, a) and a >= 0 and not self._cuts(a, a + size)
        ]

    def _short(self, value: str) -> Sequence[Range]:
        """Places of a value too short for the index; found once and kept."""
        if value not in self._short_places:
            starts = [match.start() for match in re.finditer(re.escape(value), self.text)]
            size = len(value)
            self._short_places[value] = [(a, a + size) for a in starts if not self._cuts(a, a + size)]
        return self._short_places[value]

    @cached_property
    def _short_places(self) -> dict[str, list[Range]]:
        return {}

    @cached_property
    def _gaps(self) -> frozenset[int]:
        """Positions before which the raw text has white space or a page's furniture."""
        starts, raw = self.view.starts, self.document.text
        steps = np.diff(np.asarray(starts, dtype=np.int64))
        wide = (np.flatnonzero(steps > 1) + 1).tolist()
        return frozenset(i for i in wide if _WHITE.search(raw, starts[i - 1] + 1, starts[i]))

    def _cuts(self, a: int, b: int) -> bool:
        """Whether a figure goes on before or behind these positions."""
        text = self.text
        if text[a].isdigit() and a and a not in self._gaps:
            before = text[a - 1]
            if before.isdigit() or (
                before in ".," and a > 1 and text[a - 2].isdigit() and a - 1 not in self._gaps
            ):
                return True
        if not text[b - 1].isdigit() or b >= len(text) or b in self._gaps:
            return False
        after = text[b]
        return after.isdigit() or (
            after in ".," and text[b + 1 : b + 2].isdigit() and b + 1 not in self._gaps
        )

    def _signed_figures(self, value: str) -> Sequence[Range]:
        sign, digits = signed(value)
        places = self._figures.get(digits, ())
        if value.endswith("%"):
            rates = [(a, b + 1) for a, b in places if self.text.startswith("%", b)]
            places = rates or places
        if sign != "-":
            return places
        return [negative for a, b in places if (negative := self._negative(a, b)) is not None]

    def _negative(self, a: int, b: int) -> Range | None:
        """The figure with its minus, printed as - or in brackets; None where neither stands."""
        text = self.text
        if text[a - 1 : a] == "-" and not (a > 1 and text[a - 2].isdigit() and a - 1 not in self._gaps):
            return a - 1, b
        return (a - 1, b + 1) if text[a - 1 : a] == "(" and text[b : b + 1] == ")" else None

    @cached_property
    def _figures(self) -> dict[str, list[Range]]:
        """Digits without commas → the places of the figures that print them."""
        out: dict[str, list[Range]] = defaultdict(list)
        gaps = self._gaps
        for match in _DIGITS.finditer(self.text):
            start, end = match.span()
            cuts = [start, *(i for i in range(start + 1, end) if i in gaps), end]
            for a, b in pairwise(cuts):
                for figure in FIGURE_RUN.finditer(self.text, a, b):
                    out[figure[0].replace(",", "")].append(figure.span())
        return dict(out)

    @cached_property
    def _grams(self) -> dict[str, list[int]]:
        """Every run of four characters and the positions at which it stands."""
        out: dict[str, list[int]] = defaultdict(list)
        text = self.text
        for i in range(len(text) - _GRAM + 1):
            out[text[i : i + _GRAM]].append(i)
        return dict(out)

    def _fuzzy(self, value: str) -> list[Range]:
        """The places that most of the value's runs of characters point to, if they are near enough."""
        grams = self._grams
        own = [
            (places, i) for i in range(len(value) - _GRAM + 1) if (places := grams.get(value[i : i + _GRAM]))
        ]
        own.sort(key=lambda found: len(found[0]))
        votes: Counter[int] = Counter()
        for places, i in own[:_VOTERS]:
            votes.update([place - i for place in places[:_MOST_VOTES]])
        least = 0.6 * max(votes.values(), default=0)
        starts = sorted(start for start, count in votes.items() if count >= least)
        return sorted({near for start in starts if (near := self._near(value, start)) is not None})

    def _near(self, value: str, start: int) -> Range | None:
        a, b = max(0, start), start + len(value)
        if ratio(value, self.text[a:b]) < LEAST_LIKENESS:
            slack = max(2, len(value) // 10)
            low = max(0, start - slack)
            window = self.text[low : b + slack]
            aligned = partial_ratio_alignment(value, window, score_cutoff=LEAST_LIKENESS)
            if aligned is None:
                return None
            a, b = low + aligned.dest_start, low + aligned.dest_end
        found = self.text[a:b]
        if ratio(value, found) < LEAST_LIKENESS or not same_sense(value, found) or self._cuts(a, b):
            return None
        return a, b

    def _placement(self, place: Range, value: str, fuzzy: bool) -> Placement:
        spans = self.spans(*place)
        if fuzzy:
            return Placement(spans, "fuzzy")
        raw = self.document.text
        whole = raw[spans[0].start : spans[0].end] if len(spans) == 1 else None
        return Placement(spans, "exact" if whole == value else "normalized")

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Raw spans of a squeezed range: one, or several where the page's furniture lies between."""
        starts = self.view.starts
        first, last = starts[start], starts[end - 1] + 1
        marks = self._furniture_between(first, last)
        if not marks:
            return (Span(first, last),)
        out: list[Span] = []
        a = start
        for mark in marks:
            b = bisect_left(starts, mark.start)
            if b > a:
                out.append(Span(starts[a], starts[b - 1] + 1))
            a = max(a, bisect_left(starts, mark.end))
        if end > a:
            out.append(Span(starts[a], last))
        return tuple(out)

    def _furniture_between(self, first: int, last: int) -> Sequence[Span]:
        marks = self.document.furniture
        low = bisect_left(marks, (first, first))
        return marks[low : bisect_left(marks, (last, last), low)]
