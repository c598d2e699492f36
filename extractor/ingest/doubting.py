"""Which figures of a scan a person should look at: by their grammar, and by reading them a second time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from extractor.ingest import ocr
from extractor.ingest.lines import Line
from extractor.ingest.ocr import Picture

GRAMMAR = "grammar"
SECOND = "second reading"
_WIDTHS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"[\d.,]*\d[\d.,]*")
_SOUND = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_LIST = re.compile(r"\d+(?:\.\d+){2,}")
_STRAY = re.compile(r"(?<=[\d.])[OoDlI|〇○](?=[\d.%]|$)|(?<![A-Za-z])[OolI|](?=[\d.])")
_MIXED = str.maketrans("OoDlI|〇○", "000111" + "00")


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
    doubts: list[str] = []
    if not sound(text):
        doubts.append(GRAMMAR)
    if _figures(text) != _figures(second.translate(_WIDTHS)):
        doubts.append(SECOND)
    return replace(line, doubts=tuple(doubts))


def sound(text: str) -> bool:
    """Whether every figure of a text is written as figures are: thousands by threes, one point at most."""
    if _STRAY.search(text):
        return False
    return all(_SOUND.fullmatch(f.strip(".,")) for f in _FIGURE.findall(text))


def _figures(text: str) -> list[str]:
    """The figures of a text with their signs."""
    return re.findall(r"[≥≤><＞＜=\-–—−+]?\d[\d.,]*%?", text.replace(" ", ""))


def _otherwise(strip: Picture) -> Picture:
    """The strip in black and white with more paper around it, another picture of the same ink."""
    import cv2

    plain = strip[..., 0]
    _, hard = cv2.threshold(plain, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    soft = cv2.addWeighted(plain, 0.5, hard, 0.5, 0)
    pad = max(2, plain.shape[0] // 8)
    framed = cv2.copyMakeBorder(soft, pad, pad, 2 * pad, 2 * pad, cv2.BORDER_CONSTANT, value=255)
    return np.repeat(framed[..., None], 3, axis=2)
