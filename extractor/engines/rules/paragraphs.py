"""Paragraphs of running text whose lines a page has wrapped."""

from __future__ import annotations

import re

from extractor.source import width

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_FULL = 0.9
_ENDS = "。：；:;！"


def full_width(text: str, start: int, end: int) -> float:
    """How wide the lines of a range are that the page has filled, in ems."""
    widths = sorted(width(line[0].strip()) for line in _LINE.finditer(text, start, end))
    return widths[int(len(widths) * 0.8)] if widths else 0.0


def first_paragraph_end(text: str, start: int, end: int, full: float) -> int:
    """Where the first paragraph of a range ends: behind a line that ends early on a full stop."""
    before = ""
    for line in _LINE.finditer(text, start, end):
        if before and before[-1] in _ENDS and width(before) < full * _FULL:
            return line.start()
        before = line[0].strip()
    return end


def sentence_lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the lines of a range begin that begin a sentence, each with the range's end."""
    out: list[tuple[int, int]] = []
    before = "。"
    for line in _LINE.finditer(text, start, end):
        if before[-1] in _ENDS:
            out.append((line.start() + len(line[0]) - len(line[0].lstrip()), end))
        before = line[0].strip()
    return out
