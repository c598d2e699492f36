"""Figures of a scan that are not written as those above and below them are: a lost point or percent sign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extractor.ingest.blocks import Table, TableCell
from extractor.layout import Flaw

COLUMN = "column"
_FIGURE = re.compile(r"[≥≤><]?[-−–]?\d[\d,]*(?:\.(\d+))?(%?)")
_LEAST = 4
_MOST = 0.75


def compared(table: Table) -> Table:
    """The table, with a flaw on every lone figure that is written otherwise than most of its column."""
    columns: dict[tuple[int, int], list[TableCell]] = {}
    for cell in table.cells:
        columns.setdefault((cell.column, cell.columns), []).append(cell)
    odd = {id(cell) for cells in columns.values() for cell in _odd(cells)}
    if not odd:
        return table
    return replace(table, cells=tuple(_flawed(cell) if id(cell) in odd else cell for cell in table.cells))


def _odd(cells: Sequence[TableCell]) -> Iterator[TableCell]:
    """Figures without the percent sign that most have; amounts with other decimals than most have."""
    figures = [(cell, found) for cell in cells if (found := _FIGURE.fullmatch(cell.text.replace(" ", "")))]
    plain = [(cell, len(found[1] or "")) for cell, found in figures if not found[2]]
    if len(figures) >= _LEAST and _MOST * len(figures) <= len(figures) - len(plain) < len(figures):
        yield from (cell for cell, _ in plain)
    elif len(plain) >= _LEAST:
        (usual, count), *_ = Counter(decimals for _, decimals in plain).most_common(1)
        if usual and count >= _MOST * len(plain):
            yield from (cell for cell, decimals in plain if decimals != usual)


def _flawed(cell: TableCell) -> TableCell:
    paragraphs = tuple(
        tuple(replace(piece, flaws=(*piece.flaws, Flaw(COLUMN, 0, len(piece.text)))) for piece in paragraph)
        for paragraph in cell.paragraphs
    )
    return replace(cell, paragraphs=paragraphs)
