"""Cells in which there is ink and nothing was read: they are read again, each as a line of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from extractor.ingest import ocr
from extractor.ingest.doubting import SECOND
from extractor.ingest.grids import Ruling, tables_of
from extractor.ingest.lines import Line, dark
from extractor.ingest.ocr import Picture
from extractor.layout import Box, Flaw

_LONG_SIDE = 842.0
_INSIDE = 5
_LEAST_HEIGHT = 0.45
_MOST_HEIGHT = 1.8
_LEAST_INK = 0.04
_LEAST_SURE = 0.4


def leftovers(bare: Picture, rules: Sequence[Ruling], lines: Sequence[Line]) -> list[Line]:
    """What stands in cells where no line was found; every figure of it is to be looked at."""
    if not lines:
        return []
    em = median(line.box[3] - line.box[1] for line in lines)
    places = [
        place
        for cell in _cells(bare, rules)
        if not any(_holds(cell, line.box) for line in lines)
        if (place := _inked(bare, cell, em)) is not None
    ]
    found = [Line("", 0.0, place) for place in places]
    read = ocr.texts([line.cut(bare, 0.1) for line in found])
    return [
        Line(one.text, round(one.confidence, 4), line.box, (Flaw(SECOND, 0, len(one.text)),))
        for one, line in zip(read, found, strict=True)
        if one.text.strip() and one.confidence >= _LEAST_SURE
    ]


def _cells(bare: Picture, rules: Sequence[Ruling]) -> Iterator[Box]:
    """The cells that the rulings make, in pixels."""
    scale = _LONG_SIDE / max(bare.shape)
    scaled = [Ruling(r.x0 * scale, r.y0 * scale, r.x1 * scale, r.y1 * scale) for r in rules]
    for cells in tables_of(scaled):
        for x0, y0, x1, y1 in cells:
            yield x0 / scale, y0 / scale, x1 / scale, y1 / scale


def _holds(cell: Box, box: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]


def _inked(bare: Picture, cell: Box, em: float) -> Box | None:
    """Where the ink of a cell stands, None where there is none or no more than specks."""
    x0, y0, x1, y1 = (int(v) for v in cell)
    inner = bare[y0 + _INSIDE : y1 - _INSIDE, x0 + _INSIDE : x1 - _INSIDE]
    if inner.size == 0:
        return None
    ink = inner < dark(inner)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size == 0 or ink.mean() > 0.5:
        return None
    height = rows[-1] - rows[0] + 1
    if not _LEAST_HEIGHT * em <= height <= _MOST_HEIGHT * em or ink.sum() < _LEAST_INK * em * em:
        return None
    left, top = x0 + _INSIDE, y0 + _INSIDE
    return (
        float(left + columns[0] - 2),
        float(top + rows[0] - 2),
        float(left + columns[-1] + 3),
        float(top + rows[-1] + 3),
    )
