"""Boxes of cells into tables: rows, columns and what a merged cell covers.

Rulings come as pdfplumber's edges, from a PDF's lines or from the picture of a page; pdfplumber finds the
cells between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from extractor.ingest.blocks import Paragraph, Piece, Table, TableCell
from extractor.layout import Box

SNAP = 3.0
_LABEL = re.compile(r"[\u4e00-\u9fff]{2,8}指标")
_LEAST_CELLS = 2
_MARKER = re.compile(
    r"\d{1,2}[.．、]|[（(]?[一二三四五六七八九十]{1,3}[)）、]|[（(]\d{1,2}[)）]|[①-⑳]|[一二三四五六七八九十]是"
)
# opening marks stay with what follows them, closing marks with what they follow
_UNBROKEN = re.compile(r"[（“《【(\[]*(?:[!-~]+|.)[，。；、）：！？”》】％%),.;:!?\]]*")


@dataclass(frozen=True)
class Ruling:
    """A line of a table's frame; `x0 == x1` where it is vertical."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def vertical(self) -> bool:
        """Whether it goes down the page."""
        return abs(self.x1 - self.x0) < abs(self.y1 - self.y0)


def edge(ruling: Ruling) -> dict[str, Any]:
    """The ruling as pdfplumber's functions take it."""
    x0, y0, x1, y1 = ruling.x0, ruling.y0, ruling.x1, ruling.y1
    return {
        "x0": x0,
        "x1": x1,
        "top": y0,
        "bottom": y1,
        "width": x1 - x0,
        "height": y1 - y0,
        "orientation": "v" if ruling.vertical else "h",
        "object_type": "line",
    }


def tables_of(rulings: Sequence[Ruling], snap: float = SNAP) -> list[list[Box]]:
    """The cells of each table that the rulings make; tables of one cell are frames, and none."""
    from pdfplumber import table

    merged = table.merge_edges([edge(r) for r in rulings], snap, snap, snap, snap)
    lines = [Ruling(e["x0"], e["top"], e["x1"], e["bottom"]) for e in merged]
    out: list[list[Box]] = []
    for group in connected(lines, snap):
        edges = table.merge_edges([edge(r) for r in framed(group)], snap, snap, snap, snap)
        crossings = table.edges_to_intersections(edges, snap, snap)
        found = table.cells_to_tables(table.intersections_to_cells(crossings))
        out += [_boxes(own) for own in found if len(own) >= _LEAST_CELLS]
    return sorted(out, key=lambda cells: min(cell[1] for cell in cells))


def _boxes(cells: Iterable[tuple[float, ...]]) -> list[Box]:
    return [(cell[0], cell[1], cell[2], cell[3]) for cell in cells]


def connected(rulings: Sequence[Ruling], snap: float = SNAP) -> list[list[Ruling]]:
    """The rulings in groups that touch each other."""
    groups: list[list[Ruling]] = []
    for ruling in rulings:
        touching = [g for g in groups if any(_touch(ruling, other, snap) for other in g)]
        groups = [g for g in groups if g not in touching]
        groups.append([ruling, *(other for g in touching for other in g)])
    return groups


def _touch(a: Ruling, b: Ruling, snap: float) -> bool:
    return a.x0 - snap <= b.x1 and b.x0 - snap <= a.x1 and a.y0 - snap <= b.y1 and b.y0 - snap <= a.y1


def framed(rulings: Sequence[Ruling]) -> list[Ruling]:
    """The rulings of one table with its whole frame.

    A table that a page's end cuts often has no rule there, and many have none at their sides.
    """
    if not any(r.vertical for r in rulings) or all(r.vertical for r in rulings):
        return list(rulings)
    left, right = min(r.x0 for r in rulings), max(r.x1 for r in rulings)
    top, bottom = min(r.y0 for r in rulings), max(r.y1 for r in rulings)
    frame = [
        Ruling(left, top, right, top),
        Ruling(left, bottom, right, bottom),
        Ruling(left, top, left, bottom),
        Ruling(right, top, right, bottom),
    ]
    return [*rulings, *frame]


def clustered(values: Iterable[float], tolerance: float = SNAP) -> list[float]:
    """The values with those that lie together made one."""
    out: list[list[float]] = []
    for value in sorted(values):
        if out and value - out[-1][-1] <= tolerance:
            out[-1].append(value)
        else:
            out.append([value])
    return [sum(group) / len(group) for group in out]


def nearest(edges: Sequence[float], value: float) -> int:
    """The index of the edge that a value lies nearest to."""
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))


Paragraphs = Callable[[Box], tuple[Paragraph, ...]]


def gridded(cells: Sequence[Box], columns: Sequence[float], paragraphs: Paragraphs) -> Table:
    """The table of these cells, its columns cut at `columns`."""
    rows = clustered([edge for cell in cells for edge in (cell[1], cell[3])])
    own: dict[tuple[int, int], TableCell] = {}
    for box in sorted(cells, key=lambda box: (box[1], box[0])):
        top, bottom = nearest(rows, box[1]), nearest(rows, box[3])
        left, right = nearest(columns, box[0]), nearest(columns, box[2])
        if top < bottom and left < right:
            cell = TableCell(top, left, bottom - top, right - left, paragraphs(box))
            own.setdefault((top, left), cell)
    return Table(tuple(own.values()), rows[0], tuple(columns))


def shared_columns(tables: Sequence[Sequence[Box]]) -> list[list[float]]:
    """The column edges of each table; tables that follow each other between the same sides share theirs."""
    edges = [clustered([x for cell in cells for x in (cell[0], cell[2])]) for cells in tables]
    out: list[list[float]] = []
    for _, group in groupby(range(len(edges)), key=_sides(edges)):
        own = list(group)
        union = clustered([x for i in own for x in edges[i]])
        out += [union] * len(own)
    return out


def _sides(edges: Sequence[Sequence[float]]) -> Callable[[int], int]:
    """A key that stays the same while tables keep the same left and right side."""
    keys: list[int] = []
    for i, own in enumerate(edges):
        same = i > 0 and abs(own[0] - edges[i - 1][0]) < 6 and abs(own[-1] - edges[i - 1][-1]) < 6
        keys.append(keys[-1] if same else i)
    return lambda i: keys[i]


def continued(before: Table, after: Table) -> tuple[Table, Table] | None:
    """Both tables with the row that a page's end cut in two made whole again; None where it cut none.

    The first row below the cut goes on with the last row above it where cells that are filled in nearly every
    row, and were filled above, are blank below, and what goes on below runs on to its cell's end above.
    """
    if not before.cells or not after.cells or before.columns != after.columns:
        return None
    last = {c.column: c for c in before.cells if c.row + c.rows == before.height}
    first = {c.column: c for c in after.cells if c.row == 0}
    if set(last) != set(first) or any(last[i].columns != first[i].columns for i in last):
        return None
    short = [i for i in last if last[i].rows == 1 and first[i].rows == 1]
    usual = [i for i in short if _filled(before, i) >= 0.8]
    cut = [i for i in usual if last[i].text and not first[i].text]
    going_on = [i for i in short if last[i].text and first[i].text]
    if not cut or not going_on or any(first[i].text and not last[i].text for i in short):
        return None
    if not all(_runs_on(before, last[i]) for i in going_on):
        return None
    whole = {i: replace(last[i], paragraphs=_joined(last[i], first[i])) for i in short}
    kept = [whole[c.column] if c is last.get(c.column) and c.column in whole else c for c in before.cells]
    rest = [replace(c, paragraphs=()) if c.row == 0 and c.column in short else c for c in after.cells]
    return replace(before, cells=tuple(kept)), replace(after, cells=tuple(rest))


def labelled_again(before: Table, after: Table) -> tuple[Table, Table] | None:
    """Both tables with the labels whole that a page's end cut in two: 效 | 益指标; None where it cut none.

    The cell on either page says the whole label then, for the rows beside it are of that class.
    """
    if not before.cells or not after.cells or before.columns != after.columns:
        return None
    last = {c.column: c for c in before.cells if c.row + c.rows == before.height}
    first = {c.column: c for c in after.cells if c.row == 0}
    cut = {i for i in last if i in first and _is_cut_label(last[i].text, first[i].text)}
    if not cut:
        return None
    whole = {i: ((*_pieces(last[i]), *_pieces(first[i])),) for i in cut}
    above = [replace(c, paragraphs=whole[c.column]) if last.get(c.column) is c and c.column in cut else c
             for c in before.cells]  # fmt: skip
    below = [replace(c, paragraphs=whole[c.column]) if first.get(c.column) is c and c.column in cut else c
             for c in after.cells]  # fmt: skip
    return replace(before, cells=tuple(above)), replace(after, cells=tuple(below))


def _is_cut_label(above: str, below: str) -> bool:
    both = "".join((above + below).split())
    return bool(_LABEL.fullmatch(both)) and not above.strip().endswith("指标") and bool(above and below)


def _pieces(cell: TableCell) -> Paragraph:
    return tuple(piece for paragraph in cell.paragraphs for piece in paragraph)


def _runs_on(table: Table, cell: TableCell) -> bool:
    """Whether the last line of a cell is full, or is not its first: such a text may go on overleaf."""
    last = cell.paragraphs[-1][-1]
    lines = {piece.box[1] for paragraph in cell.paragraphs for piece in paragraph if piece.box is not None}
    if last.box is None or len(lines) > 1:
        return True
    right = table.columns[min(cell.column + cell.columns, len(table.columns) - 1)]
    return right - last.box[2] < 2 * (last.box[3] - last.box[1])


def _filled(table: Table, column: int) -> float:
    own = [c for c in table.cells if c.column == column and c.rows == 1]
    return sum(bool(c.text) for c in own) / len(own) if own else 0.0


def _joined(above: TableCell, below: TableCell) -> tuple[Paragraph, ...]:
    if not below.paragraphs:
        return above.paragraphs
    ends = above.text[-1:] in "。！？；"
    if ends:
        return above.paragraphs + below.paragraphs
    middle: Paragraph = (*above.paragraphs[-1], *below.paragraphs[0])
    return (*above.paragraphs[:-1], middle, *below.paragraphs[1:])


def wrapped(lines: Sequence[tuple[Piece, ...]], right: float, em: float) -> tuple[Paragraph, ...]:
    """A cell's lines as paragraphs: a line end is a wrap where what follows would not have fitted.

    `right` is how far the text of the cell may reach, `em` the size of its characters.
    """
    out: list[list[Piece]] = []
    for line in lines:
        text = "".join(piece.text for piece in line)
        if not out or not _is_wrap(out[-1][-1], text, right, em):
            out.append(list(line))
        else:
            out[-1] += line
    return tuple(tuple(paragraph) for paragraph in out)


def _is_wrap(last: Piece, text: str, right: float, em: float) -> bool:
    if last.text[-1:] in "。；;！" and _MARKER.match(text):
        return False
    if last.box is None:
        return True
    return right - last.box[2] < (_first_word(text) + 0.6) * em


def _first_word(text: str) -> float:
    """Width in ems of what cannot be broken at a line's start: a figure, or a character with its marks."""
    word = _UNBROKEN.match(text)
    return sum(1.0 if c > "\u2e7f" else 0.55 for c in word[0]) if word else 1.0
