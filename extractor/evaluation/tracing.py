"""Whether a labelled value stands in its document, without being told where.

A text stands there if it is made of pieces of the document that begin and end where a line, a cell or a
bracket does: a page breaks a cell into such pieces, a misprint of the labeller's does not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from decimal import Decimal
from functools import cached_property

from extractor.document import Document
from extractor.folding import printed, squeezed
from extractor.quantities import CHINESE_NUMBER, number

_FIGURE = re.compile(rf"\d+(?:,\d{{3}})*(?:\.\d+)?|{CHINESE_NUMBER}")
_EDGES = '|<>()[]:;,。、“”"'
POWERS = (0, 4, -4, 8, -8)
_MOST_STARTS = 200


class Tracer:
    """A document prepared for looking values up."""

    def __init__(self, document: Document) -> None:
        view = document.squeezed
        self._text = view.text
        self._printed = printed(document.text)
        starts = view.starts
        edges = {0, len(self._text)}
        for i in range(1, len(self._text)):
            if starts[i] != starts[i - 1] + 1 or self._text[i] in _EDGES or self._text[i - 1] in _EDGES:
                edges.add(i)
            elif self._text[i - 1].isdigit() != self._text[i].isdigit():
                edges.add(i)  # a figure of another column may be fused to a text
        self._edges = sorted(edges)

    @cached_property
    def _figures(self) -> frozenset[Decimal]:
        """Every figure, as the lines print it and as it reads without white space."""
        words = (match[0] for text in (self._printed, self._text) for match in _FIGURE.finditer(text))
        return frozenset(abs(one).normalize() for one in map(number, words) if one is not None)

    @cached_property
    def _beginnings(self) -> dict[str, list[int]]:
        out: dict[str, list[int]] = defaultdict(list)
        for at in self._edges:
            if at < len(self._text):
                out[self._text[at]].append(at)
        return out

    def figure(self, value: Decimal, money: bool) -> bool:
        """Whether a figure is printed, an amount also in another unit, also where a line breaks it."""
        return any(self._figure(abs(value).scaleb(power)) for power in (POWERS if money else (0,)))

    def _figure(self, value: Decimal) -> bool:
        if value.normalize() in self._figures:
            return True
        whole = value.normalize()
        places = -int(whole.as_tuple().exponent)
        forms = (
            f"{value:f}",
            *(f"{whole:{comma}.{max(0, places) + more}f}" for comma in ("", ",") for more in range(3)),
        )
        return any(len(form) > 3 and self.text(form) for form in dict.fromkeys(forms))

    def text(self, value: str) -> bool:
        """Whether a text is printed, in one piece or in several."""
        wanted = squeezed(value)
        if not wanted or wanted in self._text:
            return bool(wanted)
        return self._first_piece(wanted) or self._rest(wanted, 0, set())

    def _first_piece(self, wanted: str) -> bool:
        """From a first piece that may begin anywhere."""
        tried: set[int] = set()
        for length in range(len(wanted) - 1, 0, -1):
            at = self._text.find(wanted[:length])
            while at >= 0:
                if self._is_edge(at + length) and self._rest(wanted, length, tried):
                    return True
                at = self._text.find(wanted[:length], at + 1)
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
        i = bisect_right(self._edges, at) - 1
        return self._edges[i] == at
