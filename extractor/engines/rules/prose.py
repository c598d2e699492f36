"""Two prose cells side by side that a PDF-to-text pass put one behind the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.engines.rules.pieces import Piece

_RESTART = 4.0
_NUMBER = re.compile(r"目标\d|\d[.、]|\(?[一二三四五六七八九十]+[)、]|\(\d\)|①|一是")
_BAD_START = "×÷，。；、,;:：）)”!！?？%"


def split_texts(stream: Sequence[Piece]) -> list[list[Piece]]:
    """Two prose cells that follow each other: cut where both read as columns of even width."""
    lines = _lines(stream)
    prices = {
        k: _column_price(lines[:k]) + _column_price(lines[k:]) + _cut_price(lines, k)
        for k in range(1, len(lines))
    }
    if not prices:
        return [list(stream)]
    cut = min(prices, key=lambda k: (prices[k], k))
    return [[piece for line in part for piece in line] for part in (lines[:cut], lines[cut:])]


def _lines(stream: Sequence[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = []
    for piece in stream:
        if piece.gap in ("none", "space") and lines:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _column_price(lines: Sequence[Sequence[Piece]]) -> float:
    """How uneven the lines are for one column: only a paragraph's last line may be short."""
    widths = [sum(piece.width for piece in line) for line in lines]
    full = max(widths)
    price = 0.0
    for line, wide in zip(lines[:-1], widths[:-1], strict=True):
        if wide < full - 2.2:
            price += 0.6 if line[-1].text[-1] in "。；！;:" else 1.6
    return price


def _cut_price(lines: Sequence[Sequence[Piece]], k: int) -> float:
    last = lines[k - 1][-1].text[-1]
    if lines[k][0].text[:3] == lines[0][0].text[:3] and _NUMBER.match(lines[0][0].text):
        return -_RESTART
    price = 0.0 if last in "。！" else 1.0 if last in "；;" else 6.0 if last in "，、,:" else 3.0
    if lines[k][0].text[0] in _BAD_START:
        price += 8.0
    return price - (0.8 if lines[k][0].gap == "blank" else 0.0)
