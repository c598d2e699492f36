"""Printed pages into blocks: marks into cells and lines, tables over pages put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from extractor.ingest.blocks import Block, PageBlocks, Paragraph, Piece, Table, TextLine
from extractor.ingest.columns import compared
from extractor.ingest.grids import continued, gridded, labelled_again, shared_columns, tables_of, wrapped
from extractor.ingest.printed import Mark, PrintedPage, moved
from extractor.layout import Box

_GAP = 0.35


def laid_out(pages: Sequence[PrintedPage]) -> list[PageBlocks]:
    """Pages with their tables as grids; tables that go on over pages share columns and cut rows."""
    boxes = [tables_of(page.rulings) for page in pages]
    columns = iter(shared_columns([cells for own in boxes for cells in own]))
    out = [
        _page(page, [(cells, next(columns)) for cells in own]) for page, own in zip(pages, boxes, strict=True)
    ]
    _mended(out)
    for blocks in out:
        if blocks.origin == "ocr":
            blocks.blocks = [compared(one) if isinstance(one, Table) else one for one in blocks.blocks]
    return [_shown(blocks, page) for blocks, page in zip(out, pages, strict=True)]


def _mended(pages: Sequence[PageBlocks]) -> None:
    """Rows that a page's end cut in two are made whole, in place."""
    for above, below in pairwise(pages):
        tables = [i for i, block in enumerate(above.blocks) if isinstance(block, Table)]
        heads = [i for i, block in enumerate(below.blocks) if isinstance(block, Table)]
        if tables and heads:
            before, after = above.blocks[tables[-1]], below.blocks[heads[0]]
            assert isinstance(before, Table)
            assert isinstance(after, Table)
            both = continued(before, after) or labelled_again(before, after)
            if both:
                above.blocks[tables[-1]], below.blocks[heads[0]] = both


def _page(page: PrintedPage, tables: Sequence[tuple[list[Box], list[float]]]) -> PageBlocks:
    blocks: list[Block] = []
    loose = list(page.marks)
    for cells, columns in tables:
        inside, loose = _by_cell(cells, loose)
        texts = {box: _paragraphs(own, box, page.number) for box, own in inside.items()}
        table = gridded(cells, columns, lambda box, own=texts: own.get(box, ()))  # type: ignore[misc]
        if any(cell.text for cell in table.cells):
            blocks.append(table)
    blocks += [TextLine(pieces, _top(pieces)) for pieces in lines(loose, page.number, split=True)]
    blocks.sort(key=lambda block: block.top)
    return PageBlocks(blocks, page.number, page.width, page.height, page.origin, page.turned, page.unread)


def _shown(blocks: PageBlocks, page: PrintedPage) -> PageBlocks:
    """The blocks with every box where the page as shown has it."""

    def piece(one: Piece) -> Piece:
        if one.box is None or one.page != page.number:
            return one
        return replace(one, box=moved(one.box, page.shown), edges=None)

    if page.shown == PrintedPage.shown:
        return blocks
    out: list[Block] = []
    for block in blocks.blocks:
        if isinstance(block, TextLine):
            out.append(replace(block, pieces=tuple(map(piece, block.pieces))))
        else:
            cells = (
                replace(c, paragraphs=tuple(tuple(map(piece, p)) for p in c.paragraphs)) for c in block.cells
            )
            out.append(replace(block, cells=tuple(cells)))
    blocks.blocks = out
    return blocks


def _by_cell(cells: Sequence[Box], marks: Sequence[Mark]) -> tuple[dict[Box, list[Mark]], list[Mark]]:
    """The marks of each cell, by the middle of their boxes, and those in none."""
    inside: dict[Box, list[Mark]] = {}
    outside: list[Mark] = []
    for mark in marks:
        x, y = mark.middle
        home = next((c for c in cells if c[0] <= x < c[2] and c[1] <= y < c[3]), None)
        if home is None:
            outside.append(mark)
        else:
            inside.setdefault(home, []).append(mark)
    return inside, outside


def _top(pieces: Sequence[Piece]) -> float:
    return min(piece.box[1] for piece in pieces if piece.box)


def _paragraphs(marks: Sequence[Mark], box: Box, page: int) -> tuple[Paragraph, ...]:
    em = _em(marks)
    own = lines(marks, page)
    margin = min(min(mark.box[0] for mark in marks) - box[0], em)
    return wrapped(own, box[2] - max(margin, 0.0), em)


def _em(marks: Sequence[Mark]) -> float:
    """The size of the ideographs among some marks; of other characters where there are none."""
    wide = [_character_width(m) for m in marks if any(c > "\u2e7f" for c in m.text)]
    return median(wide) if wide else median((m.box[3] - m.box[1]) / 1.3 for m in marks)


def _character_width(mark: Mark) -> float:
    ems = sum(1.0 if c > "\u2e7f" else 0.55 for c in mark.text)
    return (mark.box[2] - mark.box[0]) / ems


def lines(marks: Sequence[Mark], page: int, split: bool = False) -> list[tuple[Piece, ...]]:
    """The marks as lines, from the top; with `split`, a wide gap cuts a line into pieces."""
    if not marks:
        return []
    rows: list[list[Mark]] = []
    size = median(map(_character_width, marks))
    for mark in sorted(marks, key=lambda m: m.base):
        if rows and mark.base - rows[-1][-1].base < 0.4 * size:
            rows[-1].append(mark)
        else:
            rows.append([mark])
    return [tuple(_pieces(sorted(row, key=lambda m: m.box[0]), page, split)) for row in rows]


def _pieces(row: Sequence[Mark], page: int, split: bool) -> Iterator[Piece]:
    current: list[Mark] = []
    em = max((_character_width(m) for m in row if m.text[0] > "\u2e7f"), default=0.0)
    for mark in row:
        if current and (mark.confidence is not None or current[-1].confidence is not None):
            yield _piece(current, page)  # what was read together stays together, with its confidence
            current = []
        elif current and _apart(current[-1], mark, em):
            if split:
                yield _piece(current, page)
                current = []
            elif current[-1].text.isascii() and mark.text.isascii():
                last = current[-1].box
                current.append(Mark(" ", (last[2], last[1], mark.box[0], last[3]), mark.base, last[2]))
        if current and _twice(current[-1], mark):
            continue
        current.append(mark)
    if current:
        yield _piece(current, page)


def _apart(before: Mark, mark: Mark, em: float) -> bool:
    """Whether there is a blank between two characters; an ideograph takes a whole em, whatever its ink."""
    if before.text > "\u2e7f":
        return mark.left - before.left > 1.6 * em
    size = em or (before.box[3] - before.box[1]) / 1.3
    return mark.box[0] - before.box[2] > _GAP * size


def _twice(before: Mark, mark: Mark) -> bool:
    """Whether a character is the one before it, drawn again a hair beside it to look bold."""
    return mark.text == before.text and mark.box[0] - before.box[0] < 0.2 * (before.box[2] - before.box[0])


def _piece(marks: Sequence[Mark], page: int) -> Piece:
    box = (
        marks[0].box[0],
        min(m.box[1] for m in marks),
        marks[-1].box[2],
        max(m.box[3] for m in marks),
    )
    if len(marks) == 1 and len(marks[0].text) > 1:
        return Piece(marks[0].text, page, box, None, marks[0].confidence, marks[0].flaws)
    edges = (*(m.box[0] for m in marks), marks[-1].box[2])
    return Piece("".join(m.text for m in marks), page, box, edges, marks[0].confidence, marks[0].flaws)
