"""Rulings of a straight grey picture: long horizontal and vertical strokes, by opening."""

from __future__ import annotations

from typing import Any

import numpy as np

from extractor.ingest.grids import Ruling
from extractor.ingest.ocr import Picture

_LEAST = 0.012
_GAP = 0.004
_SURE = 0.04


def rulings(picture: Picture) -> list[Ruling]:
    """The rulings, in pixels."""
    ink = _ink(picture)
    long = max(picture.shape)
    across = _strokes(ink, long, vertical=False)
    down = _strokes(ink, long, vertical=True)
    # strokes of a large character, as titles have them, stand on each other: only long ones hold others
    sure = [r for r in across if r.x1 - r.x0 >= _SURE * long]
    held = _upright(down, sure, long)
    short = [r for r in across if r not in sure and _hangs(r, held, long)]
    return [*sure, *short, *(_upright(down, [*sure, *short], long) if short else held)]


def _upright(down: list[Ruling], across: list[Ruling], long: int) -> list[Ruling]:
    """The vertical strokes that are rulings."""
    standing = [r for r in down if _stands(r, across, long) == 2]
    # a page's end cuts a row without a rule: there several strokes end together that stand on one
    half = [r for r in down if _stands(r, across, long) == 1]
    return [*standing, *(r for r in half if _together(r, [*half, *standing], long))]


def _hangs(ruling: Ruling, down: list[Ruling], long: int) -> bool:
    """Whether both ends of a short horizontal stroke meet upright rulings."""
    near = max(6.0, 0.004 * long)
    beside = [r for r in down if r.y0 - near <= ruling.y0 <= r.y1 + near]
    return all(any(abs(r.x0 - end) <= near for r in beside) for end in (ruling.x0, ruling.x1))


def _stands(ruling: Ruling, across: list[Ruling], long: int) -> int:
    """How many ends of a vertical stroke stand on rulings; a long one needs none.

    A stroke that is part of a character stands on none.
    """
    if ruling.y1 - ruling.y0 >= _SURE * long:
        return 2
    near = max(4.0, 0.003 * long)
    beside = [r for r in across if r.x0 - near <= ruling.x0 <= r.x1 + near]
    return sum(any(abs(r.y0 - end) <= near for r in beside) for end in (ruling.y0, ruling.y1))


def _together(ruling: Ruling, others: list[Ruling], long: int) -> bool:
    near = max(4.0, 0.003 * long)
    same = [r for r in others if abs(r.y0 - ruling.y0) <= near and abs(r.y1 - ruling.y1) <= near]
    return len(same) >= 3


def _ink(picture: Picture) -> Picture:
    import cv2

    return cv2.adaptiveThreshold(picture, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 12)


def _strokes(ink: Picture, long: int, vertical: bool) -> list[Ruling]:
    import cv2

    length = max(20, int(long * _LEAST * (1.0 if vertical else 1.6)))
    gap = max(3, int(long * _GAP))
    across = np.ones((1, 3), np.uint8) if vertical else np.ones((3, 1), np.uint8)
    # a stroke that leans a pixel or two is still one, and a broken one is closed
    thick = cv2.dilate(ink, across)
    lines = cv2.morphologyEx(thick, cv2.MORPH_OPEN, _bar(length, vertical))
    lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, _bar(gap, vertical))
    count, _, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    out: list[Ruling] = []
    for i in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[i][:5])
        out += (
            _pieces(lines, (x, y, width, height), vertical)
            if _bent(width, height, area, vertical)
            else [_ruling(x, y, width, height, vertical)]
        )
    return [r for r in out if max(r.x1 - r.x0, r.y1 - r.y0) >= length]


def _bar(length: int, vertical: bool) -> Picture:
    return np.ones((length, 1) if vertical else (1, length), np.uint8)


def _bent(width: int, height: int, area: int, vertical: bool) -> bool:
    """Whether several strokes make up one patch."""
    thick = width if vertical else height
    return thick > 14 and area > 0


def _ruling(x: int, y: int, width: int, height: int, vertical: bool) -> Ruling:
    if vertical:
        return Ruling(x + width / 2, y, x + width / 2, y + height)
    return Ruling(x, y + height / 2, x + width, y + height / 2)


def _pieces(lines: Picture, patch: tuple[int, int, int, int], vertical: bool) -> list[Ruling]:
    """A thick patch (a dark band, a stroke that leans): its most inked rows or columns, one each."""
    x, y, width, height = patch
    part = lines[y : y + height, x : x + width] > 0
    profile = part.sum(axis=0 if vertical else 1)
    keep: list[Any] = []
    floor = 0.5 * profile.max()
    run: list[int] = []
    for i, value in enumerate([*profile, 0]):
        if value >= floor:
            run.append(i)
        elif run:
            keep.append(sum(run) / len(run))
            run = []
    if len(keep) > 3:
        return []
    if vertical:
        return [Ruling(x + at, y, x + at, y + height) for at in keep]
    return [Ruling(x, y + at, x + width, y + at) for at in keep]
