"""Plots as SVG: intervals, a history, all texts escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_LEFT, _WIDTH, _ROW = 190, 460, 22
_REACH = 0.08  # an interval that leads further is cut off at the edge


@dataclass(frozen=True)
class Mark:
    """One point of a row with its interval; `kind` is its CSS class."""

    kind: str
    value: float
    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Line:
    """One row of an interval plot."""

    name: str
    marks: tuple[Mark, ...]


def intervals(lines: Sequence[Line], zero: float | None = None) -> Markup:
    """Rows of points with their intervals on one scale; `zero` draws a line to compare with."""
    values = [v for line in lines for m in line.marks for v in (m.low, m.high, m.value)]
    values += [] if zero is None else [zero]
    points = [m.value for line in lines for m in line.marks] or [0.0]
    low = max(min(values, default=0.0), min(points) - _REACH)
    high = min(max(values, default=1.0), max(points) + _REACH)
    span = (high - low) or 1.0
    low, span = low - span * 0.03, span * 1.06

    def x(value: float) -> float:
        return round(_LEFT + min(1.0, max(0.0, (value - low) / span)) * _WIDTH, 1)

    height = _ROW * len(lines) + 30
    out = [_opened(_LEFT + _WIDTH + 70, height)]
    for tick in (low + span * part for part in (0.03, 0.5, 0.97)):
        out.append(
            _line("grid", x(tick), 0, x(tick), height - 18) + _text(x(tick), height - 4, f"{tick:.3f}")
        )
    if zero is not None:
        out.append(_line("zero", x(zero), 0, x(zero), height - 18))
    for i, line in enumerate(lines):
        y = _ROW * i + 14
        out.append(_text(_LEFT - 8, y + 4, line.name, "end"))
        step = 7 if len(line.marks) > 1 else 0
        for j, mark in enumerate(line.marks):
            at = y + step * (j - (len(line.marks) - 1) / 2)
            out.append(_line(mark.kind, x(mark.low), at, x(mark.high), at))
            out.append(_dot(mark.kind, x(mark.value), at, mark.label))
    return Markup("").join([*out, Markup("</svg>")])


def history(points: Sequence[Mark]) -> Markup:
    """Points in the order of time with their intervals."""
    values = [v for m in points for v in (m.low, m.high)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    span = (high - low) or 1.0
    width, height = _LEFT + _WIDTH, 150
    step = (width - 80) / max(1, len(points) - 1)

    def y(value: float) -> float:
        return round(12 + (high - value) / span * (height - 30), 1)

    out = [_opened(width + 70, height)]
    for tick in (low, high):
        out.append(_line("grid", 50, y(tick), width, y(tick)) + _text(44, y(tick) + 4, f"{tick:.3f}", "end"))
    for i, mark in enumerate(points):
        x = round(60 + step * i, 1)
        if i:
            before = points[i - 1]
            out.append(_line("path", round(60 + step * (i - 1), 1), y(before.value), x, y(mark.value)))
        out.append(
            _line(mark.kind, x, y(mark.low), x, y(mark.high)) + _dot(mark.kind, x, y(mark.value), mark.label)
        )
    return Markup("").join([*out, Markup("</svg>")])


def _opened(width: float, height: float) -> Markup:
    return Markup('<svg role="img" viewBox="0 0 {} {}" width="{}" height="{}">').format(
        width, height, width, height
    )


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)


def _dot(kind: str, x: float, y: float, label: str) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>').format(
        kind, x, y, escape(label)
    )


def _text(x: float, y: float, text: str, anchor: str = "middle") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(text))
