"""Which figures of a scan a person should look at: by their grammar, and by reading them a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np

from extractor.ingest import ocr
from extractor.ingest.lines import Line
from extractor.ingest.ocr import Picture
from extractor.layout import Flaw

GRAMMAR = "grammar"
SECOND = "second reading"
UNSURE = "poor page"
_LEAST_LINES, _POOR, _UNSURE = 8, 0.12, 0.94
_WIDTHS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"[\d.,]*\d[\d.,]*")
_SOUND = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SIGNED = re.compile(r"[≥≤><＞＜=\-–—−+]? ?\d[\d.,]*(?: ?%)?")
# 1.500 is 1,500 with a comma misread, 97.1000 is 97.10% with its percent sign misread
_MISPOINTED = re.compile(r"[1-9]\d{0,2}\.\d{3}|\d+\.\d{2}00")
# what a percent sign or a unit becomes when it is broken: 97.09ºa, 96.21", 100º o
_BROKEN = re.compile(
    r"(?<=\d) ?(?:[ºª°\"'“”‘’´`^~*#|\\]|(?!(?:km|kg|cm|mm|kw|kv|[mtg])(?![a-z]))[a-z]|[EFHIJLNOPQRSUXYZ])"
)
_STRAY = re.compile(r"(?<=[\d.])[OoDlI|〇○](?=[\d.%]|$)|(?<![A-Za-z])[OolI|](?=[\d.])")


def second_readings(picture: Picture, lines: Sequence[Line]) -> list[Line]:
    """The lines, those with figures read again from a strip cut and sharpened otherwise; doubts noted."""
    asked = [i for i, line in enumerate(lines) if _DIGIT.search(line.text) or _STRAY.search(line.text)]
    again = ocr.texts([_otherwise(lines[i].cut(picture, 0.2)) for i in asked])
    out = list(lines)
    for i, read in zip(asked, again, strict=True):
        out[i] = doubted(lines[i], read.text)
    return out


def doubted(line: Line, second: str) -> Line:
    """The line with what speaks against its figures."""
    text = line.text.translate(_WIDTHS)
    flaws = set(line.flaws)
    flaws |= {Flaw(GRAMMAR, a, b) for a, b in _unsound(text)}
    flaws |= {Flaw(SECOND, a, b) for a, b in _differing(text, second.translate(_WIDTHS))}
    return replace(line, flaws=tuple(sorted(flaws, key=lambda flaw: (flaw.start, flaw.reason))))


def unsure_where_poor(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page; where much of it is in doubt, so is every figure that the engine is unsure of."""
    told = [line for line in lines if _DIGIT.search(line.text)]
    poor = len(told) >= _LEAST_LINES and sum(bool(line.flaws) for line in told) >= _POOR * len(told)
    return [_unsure(line) if poor and line.confidence < _UNSURE else line for line in lines]


def _unsure(line: Line) -> Line:
    own = [Flaw(UNSURE, *match.span()) for match in _SIGNED.finditer(line.text.translate(_WIDTHS))]
    return replace(line, flaws=(*line.flaws, *own))


def _unsound(text: str) -> Iterator[tuple[int, int]]:
    """Figures not written as figures are: thousands by threes, one point at most, no letters among digits."""
    for match in _STRAY.finditer(text):
        yield max(0, match.start() - 1), min(len(text), match.end() + 1)
    for match in _BROKEN.finditer(text):
        yield match.start() - 1, match.end()
    for match in _FIGURE.finditer(text):
        figure = match[0].strip(".,")
        if not _SOUND.fullmatch(figure) or _MISPOINTED.fullmatch(figure):
            yield match.span()


def _differing(text: str, second: str) -> Iterator[tuple[int, int]]:
    """Figures that the second reading does not have; beside one that only the second has, its neighbours."""
    own = list(_SIGNED.finditer(text))
    others = _SIGNED.findall(second)
    matcher = SequenceMatcher(None, [_bare(match[0]) for match in own], [_bare(one) for one in others], False)
    for kind, a, b, _, _ in matcher.get_opcodes():
        if kind == "insert":
            near = own[max(0, a - 1) : a + 1]
            yield from (match.span() for match in near)
            if not near:
                yield 0, len(text)
        elif kind != "equal":
            yield from (match.span() for match in own[a:b])


def _bare(figure: str) -> str:
    """A figure without the blanks and the point or comma at its end that belong to the sentence."""
    return figure.replace(" ", "").rstrip(".,")


def _otherwise(strip: Picture) -> Picture:
    """The strip in black and white with more paper around it, another picture of the same ink."""
    import cv2

    plain = strip[..., 0]
    _, hard = cv2.threshold(plain, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    soft = cv2.addWeighted(plain, 0.5, hard, 0.5, 0)
    pad = max(2, plain.shape[0] // 8)
    framed = cv2.copyMakeBorder(soft, pad, pad, 2 * pad, 2 * pad, cv2.BORDER_CONSTANT, value=255)
    return np.repeat(framed[..., None], 3, axis=2)
