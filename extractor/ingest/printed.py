"""What stands on a page before it is laid out: marks with their boxes, and rulings."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.ingest.grids import Ruling
from extractor.layout import Box, Flaw

Plane = tuple[float, ...]  # the nine entries of a 3 × 3 matrix, row by row
UNMOVED: Plane = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Mark:
    """Characters that were read together: one of a PDF, a line or a part of one of a picture.

    `left` and `base` are the point that a PDF's character was drawn from.
    """

    text: str
    box: Box
    base: float
    left: float
    confidence: float | None = None
    flaws: tuple[Flaw, ...] = ()

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True)
class PrintedPage:
    """A page's marks and rulings; `shown` leads from their plane back to the page as it is shown.

    A scan is straightened before it is read, and half a picture may be a page of its own.
    """

    number: int
    width: float
    height: float
    marks: tuple[Mark, ...]
    rulings: tuple[Ruling, ...]
    origin: str = "text"
    turned: int = 0
    shown: Plane = UNMOVED
    unread: str | None = None


def moved(box: Box, plane: Plane) -> Box:
    """The box around a box that was moved."""
    if plane == UNMOVED:
        return box
    a, b, c, d, e, f, g, h, i = plane
    corners = [(x, y, g * x + h * y + i) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [(a * x + b * y + c) / depth for x, y, depth in corners]
    ys = [(d * x + e * y + f) / depth for x, y, depth in corners]
    return min(xs), min(ys), max(xs), max(ys)
