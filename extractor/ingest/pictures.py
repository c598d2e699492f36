"""Pictures of pages made ready for reading: grey, upright, straight, one page each.

Pixels run from the top left; an angle is in degrees, positive where the page leans clockwise.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from extractor.ingest.ocr import Picture
from extractor.layout import Box

_RED = 60
_TINGE = 18
_STAMP_ALONE = 30
_MOST_STAMPED = 0.25  # what is more is the colour of the form, not a stamp
_STEEPEST = 15.0
_LEAST_FRAME = 0.2
_LEAST_FILLED = 0.93
_LEAST_SLANT = 2.0  # labels beside a frame make flat ones look slanted by up to 1.4 degrees


def grey(picture: Picture) -> Picture:
    """The picture in grey, without a red or blue stamp: in its own light it is nearly as light as paper.

    What light is left of it is measured where its colour is strongest, and made as white as paper.
    """
    import cv2

    if picture.ndim == 2:
        return picture
    plain = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    for own, others in ((0, (1, 2)), (2, (0, 1))):
        plain = _bleached(picture, plain, own, others)
    return plain


def _bleached(picture: Picture, plain: Picture, own: int, others: tuple[int, int]) -> Picture:
    """The grey picture with what is of one colour as light as paper."""
    import cv2

    light = picture[..., own].astype(np.int16)
    tinge = light - np.maximum(picture[..., others[0]], picture[..., others[1]]).astype(np.int16)
    stamped = tinge > _RED
    if not 0.0002 <= stamped.mean() <= _MOST_STAMPED:
        return plain
    near = cv2.dilate(stamped.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool) & (tinge > _TINGE)
    white = max(120.0, float(np.percentile(light[stamped], _STAMP_ALONE)))
    bleached = np.minimum(255, light * (255 / white)).astype(np.uint8)
    return np.where(near, np.maximum(bleached, plain), plain)


def lean(picture: Picture) -> float:
    """The angle by which the page leans: where its rows of ink are the most distinct."""
    import cv2

    scale = 900 / max(picture.shape)
    small = (
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    )
    ink = (255 - small).astype(np.float32)
    ink[ink < 60] = 0
    coarse = _best(ink, np.arange(-_STEEPEST, _STEEPEST + 0.01, 0.5))
    fine = _best(ink, np.arange(coarse - 0.5, coarse + 0.51, 0.1))
    scale = 1800 / max(picture.shape)
    large = (
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    )
    ink = (255 - large).astype(np.float32)
    ink[ink < 60] = 0
    return _best(ink, np.arange(fine - 0.1, fine + 0.11, 0.025))


def _best(ink: Picture, angles: Any) -> float:
    import cv2

    height, width = ink.shape
    best, found = -1.0, 0.0
    for angle in angles:
        # shearing moves rows as a small rotation does, and is cheaper
        shear = np.array([[1, 0, 0], [-math.tan(math.radians(angle)), 1, 0]], np.float32)
        rows = cv2.warpAffine(ink, shear, (width, height)).sum(axis=1)
        score = float(np.square(np.diff(rows)).sum())
        if score > best:
            best, found = score, float(angle)
    return found


def straightened(picture: Picture, angle: float) -> tuple[Picture, Any]:
    """The picture turned back by an angle, and the 2 × 3 matrix from it to the picture as it was."""
    import cv2

    height, width = picture.shape[:2]
    if abs(angle) < 0.03:
        return picture, np.array([[1.0, 0, 0], [0, 1, 0]])
    there = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(picture, there, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    return turned, cv2.invertAffineTransform(there)


def rectified(picture: Picture) -> tuple[Picture, Any, Box | None]:
    """A photographed page as if seen from straight above, the 3 × 3 matrix from it to the picture, the frame.

    By the frame of the largest table on it; a picture whose frame is no slanted one stays as it is.
    """
    import cv2

    corners = _frame(picture)
    if corners is None:
        return picture, np.eye(3), None
    across = (_length(corners[0], corners[1]) + _length(corners[3], corners[2])) / 2
    down = (_length(corners[0], corners[3]) + _length(corners[1], corners[2])) / 2
    left, top = corners.min(axis=0)
    right, bottom = left + across, top + down
    target = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    there = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    height, width = picture.shape
    edges = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float32)
    outer = cv2.perspectiveTransform(edges, there).reshape(-1, 2)
    low = np.maximum(outer.min(axis=0), -0.2 * np.array([width, height]))
    high = np.minimum(outer.max(axis=0), 1.2 * np.array([width, height]))
    there = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ there
    size = tuple(int(v) for v in np.ceil(high - low))
    flat = cv2.warpPerspective(picture, there, size, flags=cv2.INTER_CUBIC, borderValue=255)
    frame = (left - low[0], top - low[1], right - low[0], bottom - low[1])
    return _evenly_lit(flat), np.linalg.inv(there), frame


def _evenly_lit(picture: Picture) -> Picture:
    """The picture as on white paper: shadows and the desk around the page taken out."""
    import cv2

    scale = min(1.0, 400 / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 15)
    light = cv2.resize(paper, picture.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.minimum(255.0, picture * (255.0 / np.maximum(light, 30.0))).astype(np.uint8)


def _frame(picture: Picture) -> Any:
    """The corners of the largest frame, from the top left clockwise; None where none leans away."""
    import cv2

    scale = min(1.0, 1200 / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 10)
    thick = cv2.dilate(ink, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(thick, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hulls = [cv2.convexHull(one) for one in outlines]
    hull = max(hulls, key=cv2.contourArea, default=None)
    if hull is None or cv2.contourArea(hull) < _LEAST_FRAME * small.size:
        return None
    quad = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True).reshape(-1, 2)
    if len(quad) != 4 or cv2.contourArea(hull) < _LEAST_FILLED * cv2.contourArea(quad):
        return None
    corners = _clockwise(quad / scale)
    return corners if _slanted(corners) else None


def _clockwise(quad: Any) -> Any:
    """Four corners from the top left clockwise."""
    by_sum, by_difference = quad.sum(axis=1), quad[:, 0] - quad[:, 1]
    return quad[[by_sum.argmin(), by_difference.argmax(), by_sum.argmax(), by_difference.argmin()]]


def _slanted(corners: Any) -> bool:
    """Whether opposite sides of a frame do not run alike, as they do on every flat scan."""
    sides = [corners[(i + 1) % 4] - corners[i] for i in range(4)]
    angles = [math.degrees(math.atan2(side[1], side[0])) for side in sides]
    return any(abs((angles[i] - angles[i + 2] + 360) % 360 - 180) > _LEAST_SLANT for i in (0, 1))


def _length(one: Any, other: Any) -> float:
    return float(np.hypot(*(one - other)))


def turned(picture: Picture, quarters: int) -> Picture:
    """The picture turned clockwise by quarter turns."""
    return np.ascontiguousarray(np.rot90(picture, -quarters)) if quarters % 4 else picture


def without_lines(picture: Picture) -> Picture:
    """The picture without long straight strokes, so that rulings do not pass for text."""
    import cv2

    ink = (picture < 160).astype(np.uint8) * 255
    length = max(picture.shape) // 25
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    lines = cv2.max(across, down)
    return np.where(cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0, 255, picture).astype(picture.dtype)


def gutter(picture: Picture) -> int | None:
    """Where two pages that lie side by side part, None for one page.

    The picture is wider than high, nothing but paper (or the shadow of a fold) stands down its middle, and
    there is ink on both sides.
    """
    height, width = picture.shape
    if width < 1.2 * height:
        return None
    ink = picture < 128
    low, high = int(width * 0.42), int(width * 0.58)
    rows = ink[int(height * 0.04) : int(height * 0.96)]
    clear = rows[:, low:high].mean(axis=0) < 0.002
    widest, start, run = (0, 0), 0, 0
    for i, free in enumerate(clear):
        run = run + 1 if free else 0
        if run > widest[0]:
            widest, start = (run, i - run + 1), i
    if widest[0] < 0.03 * width:
        return None
    middle = low + widest[1] + widest[0] // 2
    left, right = rows[:, :middle].mean(), rows[:, middle:].mean()
    return middle if min(left, right) > 0.004 and start else None
