"""Where the characters of a document stand on its pages: pages, runs of characters, cells of tables.

All lengths are points (1/72 inch) from the top left of the page as it is read upright; offsets count code
points of the document's raw text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Origin = Literal["text", "ocr"]
Box = tuple[float, float, float, float]
_NARROW = 0.55


class Flaw(NamedTuple):
    """Why a person should look at characters of a run, and which: `text[start:end]` of the run's own text."""

    reason: str
    start: int
    end: int


@dataclass(frozen=True)
class Page:
    """One page, counted from 1: its size, whence its text comes, and a quarter turn that set it upright.

    `unread` says why nothing of it could be read, None for a page that was.
    """

    number: int
    width: float
    height: float
    origin: Origin = "text"
    turned: int = 0
    unread: str | None = None


@dataclass(frozen=True)
class Run:
    """Characters that stand beside each other on one line of one page.

    `edges` holds the left edge of each character and the right edge of the last, where they are known;
    `confidence` is the reader's, 0 to 1; `flaws` say what a person should look at.
    """

    start: int
    end: int
    page: int
    box: Box
    edges: tuple[float, ...] | None = None
    confidence: float | None = None
    flaws: tuple[Flaw, ...] = ()

    def part(self, text: str, start: int, end: int) -> Box:
        """The box of the characters from `start` to `end`, which lie inside the run."""
        left, top, right, bottom = self.box
        if start <= self.start and end >= self.end:
            return self.box
        edges = self.edges or _even_edges(text[self.start : self.end], left, right)
        return edges[start - self.start], top, edges[end - self.start], bottom


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its first row and column, how many it covers, and its text's range."""

    table: int
    row: int
    column: int
    rows: int
    columns: int
    start: int
    end: int


class Place(NamedTuple):
    """A part of a span that stands on one line of a page."""

    start: int
    end: int
    page: int
    box: Box
    confidence: float | None


@dataclass(frozen=True)
class Layout:
    """The pages, runs and cells of a document; runs are in the order of the text."""

    pages: tuple[Page, ...] = ()
    runs: tuple[Run, ...] = ()
    cells: tuple[Cell, ...] = ()

    @cached_property
    def _starts(self) -> list[int]:
        return [run.start for run in self.runs]

    def runs_in(self, start: int, end: int) -> Sequence[Run]:
        """The runs that share a character with a range of the text."""
        first = max(0, bisect_right(self._starts, start) - 1)
        last = bisect_right(self._starts, end - 1)
        return [run for run in self.runs[first:last] if run.end > start and run.start < end]

    def flaws_in(self, start: int, end: int) -> set[str]:
        """Why a person should look at characters of a range of the text."""
        return {
            flaw.reason
            for run in self.runs_in(start, end)
            for flaw in run.flaws
            if run.start + flaw.start < end and run.start + flaw.end > start
        }

    def places(self, text: str, start: int, end: int) -> Iterator[Place]:
        """The parts of a range of the document's text, each with its page and box."""
        for run in self.runs_in(start, end):
            a, b = max(start, run.start), min(end, run.end)
            x0, y0, x1, y1 = (round(value, 1) for value in run.part(text, a, b))
            yield Place(a, b, run.page, (x0, y0, x1, y1), run.confidence)


def _even_edges(text: str, left: float, right: float) -> tuple[float, ...]:
    """Edges of characters spread over a width: an ideograph is one em wide, other characters about half."""
    widths = [1.0 if c > "\u2e7f" else _NARROW for c in text]
    scale = (right - left) / sum(widths)
    out = [left]
    for width in widths:
        out.append(out[-1] + width * scale)
    return tuple(out)
