"""A document as a model is shown it: numbered lines, the cells of a table's line numbered too.

A line is shown as `12|text`, a table's line as `14|[1]text[3]text` with the numbers of its filled cells. Both
numbers are addresses that a reply refers to: `12` is the line, `14.3` the cell. Blank lines and the page's
furniture are neither shown nor counted.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from extractor.chunking import MAX_CHARS
from extractor.document import Document, Line
from extractor.engines.model.routing import filled_lines
from extractor.outline import Section, sections
from extractor.source import TAG, Source

Range = tuple[int, int]
_BARS = re.compile(r"\s*\|.*\|.*\|\s*")
_RULE = re.compile(r"[\s|:\-]+")
_UNIT = re.compile(r"单\s*位\s*[:：]?\s*[（(]?\s*(?:万|亿)?元")
MOST_CHARS = 4 * MAX_CHARS


@dataclass(frozen=True)
class Sheet:
    """A document with its addresses."""

    source: Source

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self.source.document

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines that can be shown; the first has number 1."""
        return filled_lines(self.document)

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {line.start: n for n, line in enumerate(self.lines, 1)}

    def number(self, line: Line) -> int:
        """The number of a line, among those that can be shown."""
        return self._numbers[line.start]

    @cached_property
    def _outline(self) -> list[Section]:
        return sections(self.source.text)

    @cached_property
    def unit_line(self) -> Line | None:
        """The first line that names the unit of money of a whole form."""
        text = self.document.text
        return next((line for line in self.lines if _UNIT.search(text, line.start, line.end)), None)

    def shown(self, lines: Sequence[Line], unit: bool) -> str:
        """The lines as the model sees them, with the headings above them and, if wanted, the unit's line."""
        out: list[str] = []
        if unit and self.unit_line is not None and self.unit_line not in lines:
            out.append(self._numbered(self.unit_line))
        before = 0
        own = {line.start for line in lines}
        for line in lines:
            number = self.number(line)
            if number != before + 1 or not before:
                out += self._above(line, own)
            out.append(self._numbered(line))
            before = number
        return "\n".join(out)

    @cached_property
    def _heads(self) -> list[tuple[int, int]]:
        """Where each heading begins, and which one of them is the heading above it (-1 for none)."""
        above: list[int] = []
        out: list[tuple[int, int]] = []
        for i, section in enumerate(self._outline):
            while above and self._outline[above[-1]].end <= section.start:
                above.pop()
            out.append((section.start, above[-1] if above else -1))
            above.append(i)
        return out

    def _above(self, line: Line, shown: set[int]) -> list[str]:
        """The headings above a line that are not shown themselves, in one line."""
        position = self.range_of(line)[0]
        at = bisect_right(self._heads, (position, len(self._heads))) - 1
        words: list[str] = []
        while at >= 0:
            section = self._outline[at]
            if section.end > position and self._line_of(section.start) not in shown:
                words.insert(0, section.title)
            at = self._heads[at][1]
        return [f"〔{' > '.join(words)}〕"] if words else []

    def _line_of(self, position: int) -> int:
        """The start of the line that a position of the table view stands in."""
        return self.lines[bisect_right(self._starts, position) - 1].start

    @cached_property
    def _starts(self) -> list[int]:
        return [self.range_of(line)[0] for line in self.lines]

    def _numbered(self, line: Line) -> str:
        cells = self.cells(line)
        if not cells:
            return f"{self.number(line)}|{self._text(*self.range_of(line))}"
        filled = ((n, self._text(a, b)) for n, (a, b) in enumerate(cells, 1))
        return f"{self.number(line)}|" + "".join(f"[{n}]{text}" for n, text in filled if text)

    def _text(self, start: int, end: int) -> str:
        if start >= end:
            return ""
        words = self.source.raw(start, end)
        if "<" in words:
            words = TAG.sub(" ", words)
        return " ".join(words.split())

    @cached_property
    def _ranges(self) -> dict[int, Range]:
        position = self.document.table_view.position
        return {line.start: (position(line.start), position(line.end)) for line in self.lines}

    def range_of(self, line: Line) -> Range:
        """Where a line stands in the table view."""
        return self._ranges[line.start]

    def cells(self, line: Line) -> list[Range]:
        """Where the cells of a table's line stand; none for a line of text."""
        start, end = self.range_of(line)
        text = self.source.text[start:end]
        bars = _BARS.fullmatch(text)
        if not (bars or "\t" in text) or _RULE.fullmatch(text):
            return []
        mark = "|" if bars else "\t"
        position = start + (text.index("|") + 1 if bars else 0)
        out: list[Range] = []
        for cell in (text.strip()[1:-1] if bars else text).split(mark):
            out.append((position, position + len(cell)))
            position += len(cell) + 1
        return out


def parts(sheet: Sheet, lines: Sequence[Line], most: int = MOST_CHARS) -> list[tuple[Line, ...]]:
    """The lines in as few parts as keep below `most` characters each."""
    out: list[list[Line]] = [[]]
    size = 0
    for line in lines:
        length = line.end - line.start
        if out[-1] and size + length > most:
            out.append([])
            size = 0
        out[-1].append(line)
        size += length
    return [tuple(part) for part in out if part]


def halves(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """The lines in two parts of about the same length; one part where there is one line only."""
    if len(lines) < 2:
        return [tuple(lines)]
    ends = list(_running(line.end - line.start for line in lines))
    cut = min(max(1, bisect_left(ends, ends[-1] / 2) + 1), len(lines) - 1)
    return [tuple(lines[:cut]), tuple(lines[cut:])]


def _running(sizes: Iterable[int]) -> Iterable[int]:
    total = 0
    for size in sizes:
        total += size
        yield total
