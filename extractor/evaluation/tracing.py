"""Whether a labelled value stands in its document, without being told where.

A text stands there if it is made of pieces of the document that begin and end where a line, a cell or a
bracket does: a page breaks a cell into such pieces, a misprint of the labeller's does not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property

from extractor.document import Document
from extractor.folding import printed, squeezed
from extractor.quantities import CHINESE_NUMBER, number

_FIGURE = re.compile(rf"\d+(?:,\d{{3}})*(?:\.\d+)?|{CHINESE_NUMBER}")
_EDGES = '|<>()[]:;,。、“”"'
_OF_FIGURES = frozenset("0123456789.,")
POWERS = (0, 4, -4, 8, -8)
_MOST_STARTS = 200
_SHORTEST_BROKEN = 4


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
    def _figures(self) -> frozenset[Decimal]:
        """Every figure as the lines print it."""
        words = (match[0] for match in _FIGURE.finditer(printed(self._document.text)))
        return frozenset(abs(one).normalize() for one in map(number, words) if one is not None)

    def figure(self, value: Decimal, money: bool) -> bool:
        """Whether a figure is printed, an amount also in another unit, also where a line breaks it."""
        return any(self._figure(abs(value).scaleb(power)) for power in (POWERS if money else (0,)))

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
