"""A document as read, its clean views, and the map from a view back to the raw text.

Every offset that leaves this package counts code points of the raw text. A `View` is a folded copy in which
each character stands for exactly one raw character, so `starts` is strictly increasing and total.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from extractor.folding import GLYPHS, SQUEEZE, WIDTHS
from extractor.layout import Layout

_LINE_END = re.compile(r"\r\n|[\n\r\f\v\x85\u2028\u2029]")
_PAGE_MARK = re.compile(
    r"[ \t]*(?:[\-─·]{1,2}[ \t]*\d{1,4}[ \t]*[\-─·]{1,2}|第[ \t]*\d{1,4}[ \t]*页"
    r"(?:[ \t]*[/, ]?[ \t]*共[ \t]*\d{1,4}[ \t]*页)?)[ \t]*"
)
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_HEADER_LENGTH = (6, 60)
_LONGEST_MARK = 200
_GLYPHS = frozenset(map(chr, GLYPHS))
# whether a character of a folded text is white space, by its code; the last entry stands for all beyond
_WHITE = np.zeros(0x202B, dtype=bool)
_WHITE[[code for code, folded in SQUEEZE.items() if folded is None and code < 0x202A]] = True
_DIGIT = re.compile(r"\d")
_ATTACHMENT = re.compile(r"附[件表]\d*")


class Span(NamedTuple):
    """`raw[start:end]`, in code points of the raw text."""

    start: int
    end: int


class Line(NamedTuple):
    """One line of the raw text without its end; `number` counts from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True)
class View:
    """A folded copy of a text. `starts[i]` is the raw offset of the character that `text[i]` stands for."""

    text: str
    starts: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """The raw span of `text[start:end]`, which must not be empty."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no characters in [{start}, {end})")
        return Span(self.starts[start], self.starts[end - 1] + 1)

    def position(self, offset: int) -> int:
        """The first position in the view whose raw offset is `offset` or later."""
        return bisect_left(self.starts, offset)


@dataclass(frozen=True)
class Document:
    """A document as read. `text` is raw: of a text file nothing was changed but the decoding.

    `layout` says where its characters stand on pages and in cells; None for plain text.
    """

    name: str
    text: str
    sha256: str = ""
    media_type: str = "text/plain"
    encoding: str = "utf-8"
    layout: Layout | None = None

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All lines of the raw text, empty ones included."""
        return tuple(_lines(self.text))

    @cached_property
    def furniture(self) -> tuple[Span, ...]:
        """Page marks and repeated page headers: whole lines that belong to the page, not to the text."""
        return tuple(_furniture(self.text, self.lines))

    @cached_property
    def broken(self) -> bool:
        """Whether any character is one that a font broke: most documents have none."""
        return not _GLYPHS.isdisjoint(self.text)

    @cached_property
    def table_view(self) -> View:
        """The folded text without furniture; white space and line ends are kept, as forms need them."""
        returns: dict[int, str | None] = {13: None if "\r\n" in self.text else "\n"}
        return _view(self.text, _outside(len(self.text), self.furniture), {**WIDTHS, **returns})

    @cached_property
    def clean(self) -> View:
        """The folded text without furniture and without spaces beside Chinese characters."""
        base = self.table_view
        kept = _without_loose_spaces(base.text)
        return View("".join(base.text[i] for i in kept), [base.starts[i] for i in kept])

    @cached_property
    def squeezed(self) -> View:
        """The folded text without furniture and any white space, for matching."""
        base = self.table_view
        codes = np.frombuffer(base.text.encode("utf-32-le", "surrogatepass"), np.uint32)
        kept = np.flatnonzero(~_WHITE[np.minimum(codes, _WHITE.size - 1)])
        text = codes[kept].tobytes().decode("utf-32-le", "surrogatepass")
        return View(text, np.asarray(base.starts, np.int64)[kept].tolist())


def _lines(text: str) -> Iterator[Line]:
    start, number = 0, 1
    for match in _LINE_END.finditer(text):
        yield Line(number, start, match.start())
        start, number = match.end(), number + 1
    yield Line(number, start, len(text))


def _view(text: str, kept: Iterator[tuple[int, int]], table: dict[int, str | None]) -> View:
    parts: list[str] = []
    starts: list[int] = []
    dropped = {chr(code) for code, folded in table.items() if folded is None}
    for start, end in kept:
        piece = text[start:end]
        parts.append(piece.translate(table))
        if dropped.isdisjoint(piece):
            starts.extend(range(start, end))
        else:
            codes = np.frombuffer(piece.encode("utf-32-le", "surrogatepass"), np.uint32)
            kept_codes = ~np.isin(codes, [ord(c) for c in dropped.intersection(piece)])
            starts.extend((np.flatnonzero(kept_codes) + start).tolist())
    return View("".join(parts), starts)


def _outside(length: int, furniture: Sequence[Span]) -> Iterator[tuple[int, int]]:
    start = 0
    for span in furniture:
        yield start, span.start
        start = span.end
    yield start, length


def _furniture(text: str, lines: Sequence[Line]) -> Iterator[Span]:
    marks = {line.number for line in lines if _is_mark(text, line)}
    headers = _repeated_headers(text, lines, marks)
    for line in lines:
        if line.number in marks or line.number in headers:
            yield Span(line.start, min(line.end + 1, len(text)))


def _is_mark(text: str, line: Line) -> bool:
    """Whether a line is a page mark; one without a figure cannot be."""
    if line.end - line.start > _LONGEST_MARK or not _DIGIT.search(text, line.start, line.end):
        return False
    return bool(_PAGE_MARK.fullmatch(text[line.start : line.end].translate(WIDTHS)))


def _repeated_headers(text: str, lines: Sequence[Line], marks: set[int]) -> set[int]:
    """Titles that stand again at the head of later pages: beside a page mark or after a form feed."""
    if not marks and "\f" not in text:
        return set()
    beside = _beside_marks(text, lines, marks)
    words = {line.number: text[line.start : line.end].translate(SQUEEZE) for line in lines}
    places: dict[str, list[int]] = {}
    for line in lines:
        if _like_header(words[line.number]):
            places.setdefault(words[line.number], []).append(line.number)
    found: set[int] = set()
    for numbers in places.values():
        if len(numbers) < 2:
            continue
        # the first is the title itself, unless it too stands at the head of a later page
        titled = numbers[0] not in beside
        found |= {number for number in numbers[titled:] if number in beside}
    return found


def _beside_marks(text: str, lines: Sequence[Line], marks: set[int]) -> set[int]:
    filled = [line for line in lines if line.start < line.end]
    beside: set[int] = set()
    for i, line in enumerate(filled):
        after_feed = line.start > 0 and text[line.start - 1] == "\f"
        near = filled[max(0, i - 2) : i + 3]
        if after_feed or any(other.number in marks for other in near):
            beside.add(line.number)
    return beside


def _like_header(word: str) -> bool:
    low, high = _HEADER_LENGTH
    if _ATTACHMENT.fullmatch(word):
        return True
    return low <= len(word) <= high and word[-1] not in "。；，、：;,:" and bool(_IDEOGRAPH.search(word))


def _without_loose_spaces(text: str) -> list[int]:
    """Positions to keep: a blank goes where a Chinese character or a line end stands on either side."""
    kept: list[int] = []
    length = len(text)
    i = 0
    while i < length:
        if text[i] not in " \t":
            kept.append(i)
            i += 1
            continue
        j = i
        while j < length and text[j] in " \t":
            j += 1
        before = text[i - 1] if i else "\n"
        after = text[j] if j < length else "\n"
        if before < "\u2e80" and after < "\u2e80" and before != "\n" and after != "\n":
            kept.append(i)
        i = j
    return kept
