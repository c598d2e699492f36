"""A document as engines read it: ranges of its table view, and the text and raw spans behind them.

All positions here are positions in the document's `table_view`; `Source.found` leads back to the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from extractor.document import Document, Span
from extractor.drafts import Found, Value
from extractor.folding import printed
from extractor.quantities import number

_MARKER = re.compile(
    r"(?:\d{1,2}[.．、]|[((]?[一二三四五六七八九十]+[)、)]|[((]\d{1,2}[))]|[①-⑳]|[一二三四五六七八九十]是)"
)
TAG = re.compile(r"</?\s*(?:p|br|div|li)\s*/?>", re.I)
_ENDS = "。；：！？;:!?"
_LATIN = re.compile(r"[A-Za-z0-9]")
_NARROW = re.compile("[^\u2e80-\U0010ffff“”‘’]")


@dataclass(frozen=True)
class Source:
    """A document as the rules see it: folded, with its forms' white space kept."""

    document: Document

    @cached_property
    def text(self) -> str:
        """The table view's text."""
        return self.document.table_view.text

    def raw(self, start: int, end: int) -> str:
        """The raw characters behind a range, mended but otherwise as printed."""
        starts = self.document.table_view.starts
        words = self.document.text[starts[start] : starts[end - 1] + 1]
        return printed(words) if self.document.broken else words

    def spans(self, ranges: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
        """Raw spans of the ranges; neighbours with only white space between them become one."""
        out: list[Span] = []
        for start, end in ranges:
            for a, b in self._unbroken(start, end):
                span = self.document.table_view.span(a, b)
                if out and not self.document.text[out[-1].end : span.start].strip():
                    span = Span(out.pop().start, span.end)
                out.append(span)
        return tuple(out)

    def _unbroken(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        """Parts of a range in which no furniture of the page was left out."""
        starts = self.document.table_view.starts
        if starts[end - 1] - starts[start] == end - 1 - start:
            if self.text[start:end].strip():
                yield self._stripped(start, end)
            return
        raw = self.document.text
        a = start
        for i in range(start + 1, end):
            if starts[i] - starts[i - 1] > 1 and raw[starts[i - 1] + 1 : starts[i]].strip():
                if self.text[a:i].strip():
                    yield self._stripped(a, i)
                a = i
        if self.text[a:end].strip():
            yield self._stripped(a, end)

    def _stripped(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return start, end

    def page_between(self, first: int, second: int) -> bool:
        """Whether the page's furniture was left out between two positions of the view."""
        starts = self.document.table_view.starts
        return bool(self.document.text[starts[first] + 1 : starts[second]].strip())

    def found(self, ranges: Sequence[tuple[int, int]], value: Value | None = None) -> Found | None:
        """The text of the ranges, joined as its cell reads, or the given value; None if they are blank."""
        if len(ranges) == 1 and (line := self._one_line(*ranges[0])) is not None:
            return line if value is None else Found(value, line.spans)
        paragraphs = [p for p in self._paragraphs(ranges) if p]
        kept = [r for paragraph in paragraphs for r in paragraph]
        if not kept:
            return None
        if value is None:
            value = "\n".join(self.joined(paragraph) for paragraph in paragraphs)
        return Found(value, self.spans(kept))

    def _one_line(self, start: int, end: int) -> Found | None:
        """The text of a range that is a part of one line, without markup; None for any other."""
        words = self.text[start:end]
        if not words.strip() or "\n" in words or "<" in words:
            return None
        start, end = self._stripped(start, end)
        return Found(_tidy(self.raw(start, end)), self.spans([(start, end)]))

    def _paragraphs(self, ranges: Sequence[tuple[int, int]]) -> Iterable[list[tuple[int, int]]]:
        """The ranges cut at paragraph markup, which is a break and not text."""
        current: list[tuple[int, int]] = []
        for start, end in ranges:
            position = start
            for tag in TAG.finditer(self.text, start, end):
                current += self._filled(position, tag.start())
                yield current
                current, position = [], tag.end()
            current += self._filled(position, end)
        yield current

    def _filled(self, start: int, end: int) -> list[tuple[int, int]]:
        a, b = self._stripped(start, end)
        return [(a, b)] if a < b else []

    def figure(self, start: int, end: int) -> Found | None:
        """The figure printed in a range, or None where it is not one."""
        start, end = self._stripped(start, end)
        if start == end:
            return None
        value = number(self.text[start:end])
        return None if value is None else Found(value, self.spans([(start, end)]))

    def joined(self, ranges: Sequence[tuple[int, int]]) -> str:
        """Text of the ranges: a mere line wrap becomes nothing, a paragraph break one line end."""
        lines: list[str] = []
        for start, end in ranges:
            for part in re.finditer(r"[^\n]+", self.text[start:end]):
                text = self.raw(start + part.start(), start + part.end()).strip()
                if text:
                    lines.append(_tidy(text))
        return joined_lines(lines)


def joined_lines(lines: Sequence[str]) -> str:
    """Lines of one cell as one text."""
    if len(lines) == 1:
        return lines[0]
    full = max((width(line) for line in lines), default=0.0)
    out = ""
    before = ""
    for line in lines:
        if not out:
            out = line
        elif _breaks(before, line, full):
            out += "\n" + line
        elif (
            _LATIN.match(out[-1]) and _LATIN.match(line[0]) and not (out[-1].isdigit() and line[0].isdigit())
        ):
            out += " " + line
        else:
            out += line
        before = line
    return out


def _breaks(before: str, line: str, full: float) -> bool:
    if _MARKER.match(line) and before[-1] in _ENDS:
        return True
    return before[-1] in "。！？" and width(before) < 0.9 * full and full > 12


def _tidy(text: str) -> str:
    """Spaces beside Chinese characters go; one stays between Latin words."""
    text = re.sub(r"[ \t\u3000\u00a0]+", " ", text)
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", text).strip()


def width(text: str) -> float:
    """Width in ems: an ideograph is one, a Latin letter or digit a half."""
    narrow = len(_NARROW.findall(text))
    return (len(text) - narrow) + 0.55 * narrow
