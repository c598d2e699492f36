"""A document into chunks, by its outline, its labels and its tables.

Chunks partition the raw text: every character belongs to exactly one. A table stays whole with its caption
and its unit line where the size allows; a cut falls between lines, and inside a line only where the line
alone is longer than a chunk may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.document import Document, Line, Span
from extractor.outline import Section, lineage, sections

MAX_CHARS = 3000
_CAPTION = re.compile(
    r"[^\n。；]{0,60}表\s*$|.{0,20}单\s*位\s*[:：].{0,20}$|^\s*[((]?\s*\d{4}\s*年度?\s*[))]?\s*$"
)
_TABLE_LABEL = re.compile(
    r"^\s*(?:主要\s*任务|年度\s*目标|部门资|资金来源|一级指标|存在(?:的)?问题|改进措施|关键指标|预算执行)"
)


@dataclass(frozen=True)
class Chunk:
    """`raw[start:end]`; `lines` are its first and last line numbers, `lineage` the headings above it."""

    id: str
    start: int
    end: int
    lines: tuple[int, int]
    lineage: tuple[str, ...]


def chunks(document: Document, max_chars: int = MAX_CHARS) -> list[Chunk]:
    """The chunks of a document in reading order, none longer than `max_chars`."""
    if max_chars < 1:
        raise ValueError("a chunk holds at least one character")
    view = document.table_view
    outline = sections(view.text)
    found = list(blocks(document, outline))
    spans = [piece for span in _packed(found, max_chars) for piece in _halved(document, span, max_chars)]
    return [_chunk(document, outline, n, span) for n, span in enumerate(spans)]


def numbered(document: Document, chunk: Chunk) -> str:
    """The chunk's lines, each behind its number, as a reader can refer to them."""
    low, high = chunk.lines
    rows = [
        line for line in document.lines[low - 1 : high] if line.end > chunk.start or line.start >= chunk.start
    ]
    return "\n".join(
        f"{line.number}|{document.text[max(line.start, chunk.start) : min(line.end, chunk.end)]}"
        for line in rows
    )


def blocks(document: Document, outline: Sequence[Section]) -> Iterator[Span]:
    """Stretches that should stay whole: a section's own text, a table with its caption."""
    view = document.table_view
    cuts = {0, len(document.text)}
    for section in outline:
        if section.level <= 3 and not (section.run_in and section.level == 3):
            cuts.add(_line_start(document, view.starts[section.start]))
    cuts |= set(_table_cuts(document))
    ordered = sorted(cuts)
    for a, b in pairwise(ordered):
        if b > a:
            yield Span(a, b)


def _table_cuts(document: Document) -> Iterator[int]:
    """Where a grid or a labelled part of a form begins, its caption lines with it."""
    lines = document.lines
    inside = False
    for i, line in enumerate(lines):
        text = document.text[line.start : line.end]
        grid = text.count("\t") >= 2
        if (grid and not inside) or (not grid and _TABLE_LABEL.match(text)):
            yield lines[_caption(document, lines, i)].start
        if text.strip():
            inside = grid


def _caption(document: Document, lines: Sequence[Line], i: int) -> int:
    """The first of the caption lines above line i."""
    first = i
    for j in range(i - 1, max(-1, i - 8), -1):
        text = document.text[lines[j].start : lines[j].end]
        if _CAPTION.match(text):
            first = j
        elif text.strip():
            break
    return first


def _line_start(document: Document, offset: int) -> int:
    return document.lines[_number(document.lines, offset) - 1].start


def _packed(blocks: Sequence[Span], max_chars: int) -> Iterator[Span]:
    """Neighbouring blocks together as long as they fit."""
    start = end = 0
    for block in blocks:
        if block.end - start > max_chars and end > start:
            yield Span(start, end)
            start = block.start
        end = block.end
    if end > start:
        yield Span(start, end)


def _halved(document: Document, span: Span, max_chars: int) -> Iterator[Span]:
    """A block that is too long, cut at line ends, at blank lines rather than at others."""
    start = span.start
    while span.end - start > max_chars:
        cut = _cut(document.text, start, start + max_chars)
        yield Span(start, cut)
        start = cut
    yield Span(start, span.end)


def _cut(text: str, start: int, limit: int) -> int:
    for mark in ("\n\n", "\n", "。", "；"):
        at = text.rfind(mark, start + (limit - start) // 3, limit)
        if at >= 0:
            return at + len(mark)
    return limit


def _chunk(document: Document, outline: Sequence[Section], n: int, span: Span) -> Chunk:
    first = _number(document.lines, span.start)
    last = _number(document.lines, max(span.start, span.end - 1))
    at = min(document.table_view.position(span.start), max(0, len(document.table_view.text) - 1))
    return Chunk(f"c{n + 1}", span.start, span.end, (first, last), lineage(list(outline), at))


def _number(lines: Sequence[Line], offset: int) -> int:
    low, high = 0, len(lines) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if lines[middle].start <= offset:
            low = middle
        else:
            high = middle - 1
    return lines[low].number
