"""Lines of text of a straight grey picture: found, cut at the rulings between cells, and read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extractor.ingest import ocr
from extractor.ingest.grids import Ruling
from extractor.ingest.ocr import Picture
from extractor.layout import Box, Flaw

_MARGIN = 0.12
_LEAST_INK = 4
_STROKES = frozenset({"1", "I", "l", "|", "丨", "7", "丿", "J", "/"})


@dataclass(frozen=True)
class Line:
    """A line or a part of one: what it says, how sure the engine is, its box in pixels, and its flaws."""

    text: str
    confidence: float
    box: Box
    flaws: tuple[Flaw, ...] = ()

    def cut(self, picture: Picture, margin: float = 0.0) -> Picture:
        """The strip of a grey picture that the line stands in, in three colours as the engine wants it."""
        height, width = picture.shape[:2]
        x0, y0, x1, y1 = self.box
        more = margin * (y1 - y0)
        left, right = int(max(0, x0 - more)), int(min(width, x1 + more) + 1)
        top, bottom = int(max(0, y0 - more)), int(min(height, y1 + more) + 1)
        strip = picture[top:bottom, left:right]
        return np.repeat(strip[..., None], 3, axis=2)


def read_lines(bare: Picture, rulings: Sequence[Ruling]) -> list[Line]:
    """The lines of a page whose rulings were erased, those over several cells in pieces."""
    import cv2

    boxes = ocr.strips(cv2.cvtColor(bare, cv2.COLOR_GRAY2RGB))
    places = [
        part
        for box in boxes
        for part in _parts((*box.min(axis=0).tolist(), *box.max(axis=0).tolist()), rulings)
    ]
    tight = [grown for place in places if (grown := _fitted(bare, place, rulings)) is not None]
    lines = [Line("", 0.0, place) for place in _without_doubles(_united(tight))]
    read = ocr.texts([line.cut(bare, 0.06) for line in lines])
    return [
        Line("/" if _is_slash(one.text, line.cut(bare)) else one.text, round(one.confidence, 4), line.box)
        for one, line in zip(read, lines, strict=True)
        if one.text.strip()
    ]


def _is_slash(text: str, strip: Picture) -> bool:
    """Whether a stroke that was read as a one is a slash: it leans to the right."""
    if text.strip() not in _STROKES:
        return False
    rows, columns = np.nonzero(strip[..., 0] < dark(strip[..., 0]))
    if rows.size < _LEAST_INK:
        return False
    top, bottom = rows.min(), rows.max()
    third = (bottom - top) / 3
    upper, lower = columns[rows < top + third], columns[rows > bottom - third]
    return bool(upper.size and lower.size and upper.mean() - lower.mean() > 0.18 * (bottom - top))


def erased(picture: Picture, rulings: Sequence[Ruling]) -> Picture:
    """The picture with its rulings painted over."""
    bare = picture.copy()
    for r in rulings:
        pad = 3
        if r.vertical:
            bare[int(r.y0) : int(r.y1) + 1, max(0, int(r.x0) - pad) : int(r.x0) + pad + 1] = 255
        else:
            bare[max(0, int(r.y0) - pad) : int(r.y0) + pad + 1, int(r.x0) : int(r.x1) + 1] = 255
    return bare


def _parts(box: Box, rulings: Sequence[Ruling]) -> Iterator[Box]:
    """A box cut at the vertical rulings that cross it."""
    x0, y0, x1, y1 = box
    middle, size = (y0 + y1) / 2, y1 - y0
    cuts = sorted(
        r.x0
        for r in rulings
        if r.vertical and r.y0 - 2 <= middle <= r.y1 + 2 and x0 + 0.25 * size < r.x0 < x1 - 0.25 * size
    )
    left = x0
    for cut in [*cuts, x1]:
        if cut - left > 0.3 * size:
            yield left, y0, cut, y1
        left = cut


def _fitted(bare: Picture, box: Box, rulings: Sequence[Ruling]) -> Box | None:
    """The box fitted to its ink: wider where a character stands just outside, within its cell.

    None where the box holds no ink.
    """
    height, width = bare.shape
    x0, y0, x1, y1 = box
    size = y1 - y0
    middle = (y0 + y1) / 2
    walls = [r.x0 for r in rulings if r.vertical and r.y0 - 2 <= middle <= r.y1 + 2]
    left = max([x for x in walls if x <= x0 + 0.3 * size], default=0.0) + 3
    right = min([x for x in walls if x >= x1 - 0.3 * size], default=float(width)) - 3
    reach = 0.8 * size
    a, b = int(max(left, x0 - reach, 0)), int(min(right, x1 + reach, width))
    top, bottom = int(max(0, y0)), int(min(height, y1) + 1)
    if b - a < 3 or bottom - top < 3:
        return None
    strip = bare[int(top + 0.15 * size) : int(bottom - 0.1 * size), a:b]
    inked = np.flatnonzero((strip < dark(strip)).any(axis=0))
    if inked.size < _LEAST_INK:
        return None
    first, last = _joined(inked, int(x0) - a, int(x1) - a, 0.35 * size)
    pad = _MARGIN * size
    return max(a + first - pad, left - 2), y0, min(a + last + pad, right + 2), y1


def dark(strip: Picture) -> float:
    """What is darker than this is ink: between the darkest of a strip and its paper."""
    if strip.size == 0:
        return 0.0
    ink, paper = np.percentile(strip, (2, 90))
    return float(min(190.0, max(110.0, ink + 0.6 * (paper - ink))))


def _joined(inked: Picture, start: int, end: int, gap: float) -> tuple[int, int]:
    """The ink of a box with what stands beside it, up to the first gap."""
    inside = inked[(inked >= start) & (inked <= end)]
    if inside.size == 0:
        return start, end
    first, last = int(inside[0]), int(inside[-1])
    for x in inked[inked > last]:
        if x - last > gap:
            break
        last = int(x)
    for x in inked[inked < first][::-1]:
        if first - x > gap:
            break
        first = int(x)
    return first, last


def _united(boxes: Sequence[Box]) -> list[Box]:
    """The boxes, those that overlap on a line as one: what was found twice or in two parts."""
    left = sorted(boxes)
    out: list[Box] = []
    for box in left:
        for i, other in enumerate(out):
            if _on_one_line(box, other):
                out[i] = (
                    min(box[0], other[0]),
                    min(box[1], other[1]),
                    max(box[2], other[2]),
                    max(box[3], other[3]),
                )
                break
        else:
            out.append(box)
    return out


def _on_one_line(box: Box, other: Box) -> bool:
    """Whether two boxes of about one height share a good part of the narrower one's width."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    sizes = sorted((box[3] - box[1], other[3] - other[1]))
    narrow = min(box[2] - box[0], other[2] - other[0])
    return width > 0.25 * narrow and height > 0.7 * sizes[1]


def _without_doubles(boxes: Sequence[Box]) -> list[Box]:
    """The boxes without those that lie in another."""
    out: list[Box] = []
    for box in sorted(boxes, key=lambda b: (b[0] - b[2]) * (b[3] - b[1])):
        if not any(_covered(box, other) > 0.7 for other in out):
            out.append(box)
    return sorted(out, key=lambda b: (b[1], b[0]))


def _covered(box: Box, other: Box) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(0.0, width) * max(0.0, height) / area if area else 1.0
