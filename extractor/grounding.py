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
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from extractor.document import Document, Span
from extractor.folding import printed, squeezed

Kind = Literal["figure", "name", "text"]
MatchType = Literal["exact", "normalized", "fuzzy"]
LEAST_LIKENESS = 90.0
_SHORTEST_FUZZY = 10
_GRAM = 4
_FIGURE = re.compile(r"\(?[-+]?\d[\d,]*(?:\.\d+)?%?\)?")
_RUN = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NEGATIONS = re.compile(r"[未不无没非否]")
_IN_FIGURE = re.compile(r"[\d.]")


@dataclass(frozen=True)
class Placement:
    """The raw spans of a value, in order, and how well they match it."""

    spans: tuple[Span, ...]
    match: MatchType


@dataclass(frozen=True)
class Wanted:
    """A value as printed; `within` narrows where it may stand, in raw offsets."""

    value: str
    kind: Kind = "text"
    within: Span | None = None


@dataclass(frozen=True)
class _Candidate:
    start: int
    end: int
    fuzzy: bool = False


class Index:
    """A document prepared for placing values in it; building it is linear in its length."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.view = document.squeezed
        self.text = self.view.text

    def place(self, value: str, kind: Kind = "text", within: Span | None = None) -> Placement | None:
        """Where one value stands: its first place in `within`, None if it stands nowhere."""
        return self.place_all([Wanted(value, kind, within)])[0]

    def place_all(self, wanted: Sequence[Wanted]) -> list[Placement | None]:
        """Where each of these values stands; they are taken to come in reading order."""
        values = [squeezed(want.value) for want in wanted]
        found = [self._candidates(value, want) for value, want in zip(values, wanted, strict=True)]
        chosen = _chain(found)
        return [
            None if candidate is None else self._placement(candidate, want.value)
            for candidate, want in zip(chosen, wanted, strict=True)
        ]

    def _candidates(self, value: str, want: Wanted) -> list[_Candidate]:
        if not value:
            return []
        if want.kind == "figure" and _FIGURE.fullmatch(value):
            found = self._figures(value)
        else:
            found = [_Candidate(a, a + len(value)) for a in self._exact(value)]
        if not found and want.kind == "text" and len(value) >= _SHORTEST_FUZZY:
            found = self._fuzzy(value)
        if want.within is None:
            return found
        low, high = self.view.position(want.within.start), self.view.position(want.within.end)
        return [c for c in found if low <= c.start and c.end <= high]

    def _exact(self, value: str) -> list[int]:
        """Places where the value stands and does not cut a figure in two."""
        starts = self._with_gram(value) if len(value) >= _GRAM else self._scanned(value)
        return [a for a in starts if not self._cuts_figure(a, a + len(value))]

    def _scanned(self, value: str) -> list[int]:
        out: list[int] = []
        a = self.text.find(value)
        while a >= 0:
            out.append(a)
            a = self.text.find(value, a + 1)
        return out

    def _with_gram(self, value: str) -> list[int]:
        text, size = self.text, len(value)
        first = text.find(value)
        if first < 0:
            return []
        second = text.find(value, first + 1)
        if second < 0:
            return [first]
        return [a for a in self._positions(value[:_GRAM]) if text[a : a + size] == value]

    def _cuts_figure(self, a: int, b: int) -> bool:
        text = self.text
        if (
            text[a].isdigit()
            and a
            and (text[a - 1].isdigit() or (text[a - 1] in ".," and a > 1 and text[a - 2].isdigit()))
        ):
            return True
        if not text[b - 1].isdigit() or b >= len(text):
            return False
        return text[b].isdigit() or (text[b] in ".," and b + 1 < len(text) and text[b + 1].isdigit())

    def _figures(self, value: str) -> list[_Candidate]:
        sign, digits = _signed(value)
        out: list[_Candidate] = []
        for a, b in self.figures.get(digits, ()):
            start, end = self._signed_place(a, b, sign)
            if start is not None:
                out.append(_Candidate(start, end + (value.endswith("%") and self.text[end : end + 1] == "%")))
        return out

    def _signed_place(self, a: int, b: int, sign: str) -> tuple[int | None, int]:
        """The figure with its sign; a minus that is asked for must be printed, as - or in brackets."""
        before = self.text[a - 1 : a]
        bracketed = before == "(" and self.text[b : b + 1] == ")"
        if sign != "-":
            return a, b
        if before == "-" and not self.text[a - 2 : a - 1].isdigit():
            return a - 1, b
        return (a - 1, b + 1) if bracketed else (None, b)

    @cached_property
    def figures(self) -> dict[str, list[tuple[int, int]]]:
        """Digits without commas → the places of the figures that print them."""
        out: dict[str, list[tuple[int, int]]] = {}
        for match in _RUN.finditer(self.text):
            words = match[0].rstrip(",")
            out.setdefault(words.replace(",", ""), []).append((match.start(), match.start() + len(words)))
        return out

    @cached_property
    def _grams(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """Hashes of all runs of four characters, sorted, with their places."""
        codes = np.frombuffer(self.text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
        hashes = _hashes(codes)
        order = np.argsort(hashes, kind="stable")
        return hashes[order], order

    def _positions(self, gram: str) -> list[int]:
        hashes, order = self._grams
        wanted = _hash(gram)
        low, high = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
        return [int(a) for a in order[low:high]]

    def _fuzzy(self, value: str) -> list[_Candidate]:
        """The place that most of the value's runs of characters point to, if it is near enough."""
        hashes, order = self._grams
        own = _hashes(np.frombuffer(value.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64))
        low = np.searchsorted(hashes, own, "left")
        high = np.searchsorted(hashes, own, "right")
        rare = [i for i in np.argsort(high - low, kind="stable") if high[i] > low[i]][:12]
        votes: Counter[int] = Counter()
        for i in rare:
            votes.update(int(a) - int(i) for a in order[low[i] : min(high[i], low[i] + 64)])
        out: list[_Candidate] = []
        for start, _ in votes.most_common(6):
            candidate = self._near(value, start)
            if candidate is not None and candidate not in out:
                out.append(candidate)
        return sorted(out, key=lambda c: c.start)

    def _near(self, value: str, start: int) -> _Candidate | None:
        slack = max(2, len(value) // 10)
        low, high = max(0, start - slack), min(len(self.text), start + len(value) + slack)
        window = self.text[low:high]
        plain = self.text[max(0, start) : start + len(value)]
        if len(plain) == len(value) and fuzz.ratio(value, plain) >= LEAST_LIKENESS:
            a, b = max(0, start), start + len(value)
        else:
            aligned = fuzz.partial_ratio_alignment(value, window, score_cutoff=LEAST_LIKENESS)
            if aligned is None:
                return None
            a, b = low + aligned.dest_start, low + aligned.dest_end
        if fuzz.ratio(value, self.text[a:b]) < LEAST_LIKENESS or not same_sense(value, self.text[a:b]):
            return None
        return None if self._cuts_figure(a, b) else _Candidate(a, b, fuzzy=True)

    def _placement(self, candidate: _Candidate, value: str) -> Placement:
        spans = self.spans(candidate.start, candidate.end)
        if candidate.fuzzy:
            return Placement(spans, "fuzzy")
        whole = "".join(self.document.text[span.start : span.end] for span in spans)
        return Placement(spans, "exact" if whole == value else "normalized")

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Raw spans of a squeezed range: one, or several where the page's furniture lies between."""
        starts = self.view.starts
        first, last = starts[start], starts[end - 1] + 1
        if not any(first < mark.start and mark.end <= last for mark in self._furniture_between(first, last)):
            return (Span(first, last),)
        out: list[Span] = []
        a = start
        for mark in self._furniture_between(first, last):
            b = bisect_left(starts, mark.start)
            if b > a:
                out.append(Span(starts[a], starts[b - 1] + 1))
            a = max(a, bisect_left(starts, mark.end))
        if end > a:
            out.append(Span(starts[a], last))
        return tuple(out)

    def _furniture_between(self, first: int, last: int) -> list[Span]:
        marks = self.document.furniture
        low = bisect_left(marks, Span(first, first))
        out: list[Span] = []
        for mark in marks[low:]:
            if mark.start >= last:
                break
            out.append(mark)
        return out


def same_sense(a: str, b: str) -> bool:
    """Whether two squeezed texts hold the same figures, years and negations."""
    return _RUN.findall(a) == _RUN.findall(b) and _NEGATIONS.findall(a) == _NEGATIONS.findall(b)


def match_of(document: Document, value: str, spans: Sequence[Span], kind: Kind) -> MatchType | None:
    """How a value matches what stands at given spans, None if it does not."""
    raw = "".join(document.text[span.start : span.end] for span in spans)
    if raw == value:
        return "exact"
    found, wanted = squeezed(printed(raw)), squeezed(value)
    if kind == "figure":
        return "normalized" if _signed(found) == _signed(wanted) else None
    if found == wanted:
        return "normalized"
    if kind == "text" and fuzz.ratio(found, wanted) >= LEAST_LIKENESS and same_sense(found, wanted):
        return "fuzzy"
    return None


def narrowed(document: Document, value: str, spans: Sequence[Span]) -> tuple[Span, ...] | None:
    """The part of the spans that is the value, where a number, a note or a title stands around or in it."""
    view = document.squeezed
    at = [i for span in spans for i in range(view.position(span.start), view.position(span.end))]
    text = "".join(view.text[i] for i in at)
    wanted = squeezed(value)
    start = text.find(wanted)
    if not wanted:
        return None
    if start >= 0:
        kept = at[start : start + len(wanted)]
    else:
        cut = _one_gap(wanted, text)
        if cut is None:
            return None
        kept = at[:cut] + at[len(at) - (len(wanted) - cut) :]
    return _runs(document, kept)


def _one_gap(value: str, text: str) -> int | None:
    """Where to cut the value so that the text is its two parts with something between."""
    if len(text) <= len(value):
        return None
    cut = next((i for i, (a, b) in enumerate(zip(value, text, strict=False)) if a != b), len(value))
    return cut if text.endswith(value[cut:]) and cut else None


def _runs(document: Document, positions: Sequence[int]) -> tuple[Span, ...]:
    starts = document.squeezed.starts
    out: list[Span] = []
    for i in positions:
        span = Span(starts[i], starts[i] + 1)
        if out and not document.text[out[-1].end : span.start].strip():
            span = Span(out.pop().start, span.end)
        out.append(span)
    return tuple(out)


def _signed(value: str) -> tuple[str, str]:
    """Sign and digits of a squeezed figure: (1,171.31) → -, 1171.31."""
    plain = value.rstrip("%")
    negative = plain.startswith("-")
    if plain.startswith("(") and plain.endswith(")"):
        negative, plain = True, plain[1:-1]
    return "-" if negative else "", plain.lstrip("+-").rstrip("%").replace(",", "")


def _hashes(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    if len(codes) < _GRAM:
        return np.zeros(0, dtype=np.uint64)
    out = codes[: len(codes) - _GRAM + 1].copy()
    for i in range(1, _GRAM):
        out = out * np.uint64(0x1FFFFF0B5) + codes[i : len(codes) - _GRAM + 1 + i]
    return out


def _hash(gram: str) -> np.uint64:
    return np.uint64(_hashes(np.frombuffer(gram.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64))[0])


def _chain(found: Sequence[list[_Candidate]]) -> list[_Candidate | None]:
    """One candidate for each value so that they come in reading order, the unambiguous ones as anchors."""
    anchors = _rising([(i, own[0].start) for i, own in enumerate(found) if len(own) == 1])
    out: list[_Candidate | None] = [own[0] if len(own) == 1 else None for own in found]
    anchor = 0
    position = 0
    for i, own in enumerate(found):
        while anchor < len(anchors) and anchors[anchor][0] < i:
            position = max(position, anchors[anchor][1])
            anchor += 1
        if len(own) == 1:
            position = own[0].end if anchor < len(anchors) and anchors[anchor][0] == i else position
            continue
        if own:
            limit = anchors[anchor][1] if anchor < len(anchors) else None
            out[i] = _between(own, position, limit)
            position = out[i].end  # type: ignore[union-attr]
    return out


def _between(own: Sequence[_Candidate], position: int, limit: int | None) -> _Candidate:
    """The first candidate behind the value before; without one the nearest."""
    at = bisect_left(own, position, key=lambda c: c.start)
    if at < len(own) and (limit is None or own[at].start < limit):
        return own[at]
    return min(own[max(0, at - 1) : at + 1] or own[-1:], key=lambda c: abs(c.start - position))


def _rising(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of anchors whose places rise: those that do not contradict each other."""
    tails: list[int] = []
    back: list[int] = []
    ends: list[int] = []
    for n, (_, place) in enumerate(points):
        k = bisect_left(tails, place)
        if k == len(tails):
            tails.append(place)
            ends.append(n)
        else:
            tails[k] = place
            ends[k] = n
        back.append(ends[k - 1] if k else -1)
    out: list[tuple[int, int]] = []
    n = ends[-1] if ends else -1
    while n >= 0:
        out.append(points[n])
        n = back[n]
    return out[::-1]
