"""Whether a labelled value stands in its document, without being told where.

A text stands there if it is made of pieces of the document that begin and end where a line, a cell or a
bracket does: a page breaks a cell into such pieces, a misprint of the labeller's does not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any

from extractor.document import Document
from extractor.folding import printed, squeezed
from extractor.quantities import CHINESE_NUMBER, number
from extractor.result import NO_LEAVES

Spans = tuple[tuple[int, int], ...]
_POWERS_OF = {"元": 0, "百元": 2, "千元": 3, "万元": 4, "百万元": 6, "千万元": 7, "亿元": 8}
_FIGURE = re.compile(
    rf"(?P<figure>\d+(?:,\d{{3}})*(?:\.\d+)?|{CHINESE_NUMBER})\s*[多余]?(?P<unit>(?:[百千]?[万亿]|[百千])?元)?"
)
_NEGATIVE = re.compile(r"(?:[-−–—(]\s*|[减降负][^\d,，。;；|]{0,8})(?P<figure>\d+(?:,\d{3})*(?:\.\d+)?)")
_EDGES = '|<>()[]:;,。、“”"'
_OF_FIGURES = frozenset("0123456789.,")
_MOST_STARTS = 200
_SHORTEST_BROKEN = 4


def power_of(unit: str) -> int:
    """The power of ten from a money unit to 元; a unit that is none counts as 元."""
    return _POWERS_OF.get(unit, 0)


def printed_unit(behind: str) -> int | None:
    """The power of ten of the money unit with which a text begins, None where it begins with none."""
    match = re.match(r"\s*[多余]?((?:[百千]?[万亿]|[百千])?元)", behind)
    return _POWERS_OF.get(match[1]) if match else None


class Tracer:
    """A document prepared for looking values up."""

    def __init__(self, document: Document) -> None:
        view = document.squeezed
        self._document, self._text = document, view.text
        starts, text = view.starts, view.text
        breaks = {i for i in range(1, len(text)) if starts[i] != starts[i - 1] + 1} | {0, len(text)}
        soft = {
            i
            for i in range(1, len(text))
            if text[i] in _EDGES or text[i - 1] in _EDGES or text[i - 1].isdigit() != text[i].isdigit()
        }
        self._of_texts = _Pieces(text, breaks | soft)  # a figure of another column may be fused to a text
        self._of_figures = _Pieces(text, breaks)

    @cached_property
    def _figures(self) -> Mapping[Decimal, frozenset[str]]:
        """Every figure as the lines print it, with the money units that it is printed with."""
        out: dict[Decimal, set[str]] = {}
        for match in _FIGURE.finditer(printed(self._document.text)):
            if (value := number(match["figure"])) is not None:
                out.setdefault(abs(value).normalize(), set()).add(match["unit"] or "")
        return {value: frozenset(units) for value, units in out.items()}

    @cached_property
    def _negative(self) -> frozenset[Decimal]:
        """The figures printed as less than nothing: with a sign, in brackets, or told as a decrease."""
        words = (match["figure"] for match in _NEGATIVE.finditer(printed(self._document.text)))
        return frozenset(abs(one).normalize() for one in map(number, words) if one is not None)

    def figure(self, value: Decimal, unit: str | None = None) -> bool:
        """Whether a figure is printed, also where a line breaks it; an amount also in a unit of its own.

        One below zero must be printed as such somewhere.
        """
        if value < 0 and unit is not None and abs(value).normalize() in self._figures:
            return abs(value).normalize() in self._negative
        return self._figure(abs(value)) or (unit is not None and self._converted(abs(value), unit))

    def _converted(self, value: Decimal, unit: str) -> bool:
        """Whether an amount is printed with a unit of its own that makes it the same money."""
        own = _POWERS_OF.get(unit)
        return own is not None and any(
            other in self._figures.get(value.scaleb(own - power).normalize(), ())
            for other, power in _POWERS_OF.items()
            if other != unit
        )

    def _figure(self, value: Decimal) -> bool:
        whole = value.normalize()
        if whole in self._figures:
            return True
        places = max(0, -int(whole.as_tuple().exponent))
        forms = {f"{whole:{comma}.{places + more}f}" for comma in ("", ",") for more in range(3)}
        return any(len(form) >= _SHORTEST_BROKEN and self._of_figures.has_broken(form) for form in forms)

    def text(self, value: str) -> bool:
        """Whether a text is printed, in one piece or in several."""
        wanted = squeezed(value)
        return bool(wanted) and (wanted in self._text or self._of_texts.has(wanted))


def only_places(document: Document, report: Mapping[str, Any]) -> Iterator[tuple[str, Spans]]:
    """The place of each value that a document prints in one piece and exactly once, by its pointer."""
    view = document.squeezed
    for at, value in _leaves(report):
        wanted = f"{value}" if isinstance(value, int | Decimal) else squeezed(str(value))
        guard = r"(?<![\d.,]){}(?![\d,]|\.\d)" if isinstance(value, int | Decimal) else "{}"
        found = list(islice(re.finditer(guard.format(re.escape(wanted)), view.text), 2)) if wanted else []
        if len(found) == 1:
            span = view.span(found[0].start(), found[0].end())
            yield at, ((span.start, span.end),)


def _leaves(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for name, inner in node.items():
            yield from _leaves(inner, f"{at}/{name}") if name not in NO_LEAVES else ()
    elif isinstance(node, list | tuple):
        for i, inner in enumerate(node):
            yield from _leaves(inner, f"{at}/{i}")
    elif node is not None and not isinstance(node, bool):
        yield at, node


class _Pieces:
    """A text that may be taken apart at its edges."""

    def __init__(self, text: str, edges: Iterable[int]) -> None:
        self._text = text
        self._edges = sorted(edges)

    @cached_property
    def _beginnings(self) -> dict[str, list[int]]:
        out: dict[str, list[int]] = defaultdict(list)
        for at in self._edges:
            if at < len(self._text):
                out[self._text[at]].append(at)
        return out

    def has(self, wanted: str) -> bool:
        """Whether a text is made of pieces; the first may begin, the last may end anywhere."""
        tried: set[int] = set()
        for length in range(len(wanted) - 1, 0, -1):
            at = self._text.find(wanted[:length])
            while at >= 0:
                if self._is_edge(at + length) and self._rest(wanted, length, tried):
                    return True
                at = self._text.find(wanted[:length], at + 1)
        return self._rest(wanted, 0, tried)

    def has_broken(self, wanted: str) -> bool:
        """Whether a figure is printed whole in two pieces, with no more digits before or behind it."""
        return any(
            self._stands(wanted[:length], ends=True) and self._stands(wanted[length:], ends=False)
            for length in range(1, len(wanted))
        )

    def _stands(self, piece: str, ends: bool) -> bool:
        """Whether a piece of a figure ends, or begins, at an edge, and is no part of a longer figure."""
        at = self._text.find(piece)
        while at >= 0:
            end = at + len(piece)
            inner, outer = (end, at - 1) if ends else (at, end)
            apart = not 0 <= outer < len(self._text) or self._text[outer] not in _OF_FIGURES
            if self._is_edge(inner) and (apart or self._is_edge(at if ends else end)):
                return True
            at = self._text.find(piece, at + 1)
        return False

    def _rest(self, wanted: str, done: int, tried: set[int]) -> bool:
        """Whether what is left is made of pieces that begin at an edge."""
        if done in tried:
            return False
        tried.add(done)
        ends: set[int] = set()
        for at in self._beginnings.get(wanted[done], ())[:_MOST_STARTS]:
            same = self._shared(at, wanted, done)
            if done + same == len(wanted):
                return True
            ends.update(self._ends(at, same))
        return any(self._rest(wanted, done + end, tried) for end in sorted(ends, reverse=True))

    def _shared(self, at: int, wanted: str, done: int) -> int:
        most = min(len(self._text) - at, len(wanted) - done)
        return next((i for i in range(most) if self._text[at + i] != wanted[done + i]), most)

    def _ends(self, at: int, length: int) -> list[int]:
        """The lengths, the longest two, at which a piece may end."""
        last = bisect_right(self._edges, at + length)
        return [edge - at for edge in self._edges[max(0, last - 2) : last] if edge > at]

    def _is_edge(self, at: int) -> bool:
        return self._edges[bisect_right(self._edges, at) - 1] == at
