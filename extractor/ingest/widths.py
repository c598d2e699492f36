"""Figures of a scan that are wider or narrower than what was read in them: a lost sign, percent or digit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from extractor.ingest.lines import Line, dark
from extractor.ingest.ocr import Picture
from extractor.layout import Flaw

WIDTH = "width"
_LONE = re.compile(r"[≥≤><=\-–—−+]?\d[\d.,]*%?")
_UNITS = {
    ".": 0.5, ",": 0.5, "%": 1.75, "≥": 1.9, "≤": 1.9, ">": 1.9, "<": 1.9, "-": 0.8, "–": 0.8, "−": 0.8,
    "—": 1.8,
}  # fmt: skip
_LEAST = 5
_WIDER, _NARROWER = 1.28, 0.7


def measured(bare: Picture, lines: Sequence[Line]) -> list[Line]:
    """The lines; lone figures out of proportion with the page's others have a flaw.

    A figure's proportion is its ink's width to its height, by the characters that were read in it.
    """
    found = {i: p for i, line in enumerate(lines) if (p := _proportion(bare, line)) is not None}
    if len(found) < _LEAST:
        return list(lines)
    usual = median(found.values())
    out = list(lines)
    for i, own in found.items():
        if not _NARROWER <= own / usual <= _WIDER:
            flaws = (*lines[i].flaws, Flaw(WIDTH, 0, len(lines[i].text)))
            out[i] = replace(lines[i], flaws=flaws)
    return out


def _proportion(bare: Picture, line: Line) -> float | None:
    """None for what is no lone figure of two characters or more."""
    text = line.text.replace(" ", "")
    if len(text) < 2 or not _LONE.fullmatch(text):
        return None
    strip = line.cut(bare)[..., 0]
    ink = strip < dark(strip)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size < 2 or columns.size < 2:
        return None
    units = sum(_UNITS.get(c, 1.0) for c in text)
    return float((columns[-1] - columns[0] + 1) / (rows[-1] - rows[0] + 1) / units)
