"""Two texts beside each other: what differs is marked, and long stretches that do not are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

_AROUND = 30
_LONG = 160
_MOST = 4000


class Piece(NamedTuple):
    """A stretch of a text, and whether the other text has something else there."""

    text: str
    differs: bool


def marked(text: str | None, other: str | None) -> list[Piece]:
    """The pieces of a text against another; beside nothing its beginning is shown as it is."""
    if text is None:
        return []
    if other is None or text == other:
        return [Piece(_cut(text), False)]
    one, two = text[:_MOST], other[:_MOST]
    codes = Levenshtein.opcodes(one, two)
    pieces = [
        Piece(one[code.src_start : code.src_end] or "‸", code.tag != "equal")
        for code in codes
        if code.src_end > code.src_start or code.tag == "insert"
    ]
    return list(_shortened(pieces)) if len(one) > _LONG else pieces


def _shortened(pieces: list[Piece]) -> Iterator[Piece]:
    for i, piece in enumerate(pieces):
        if piece.differs or len(piece.text) <= 2 * _AROUND + 1:
            yield piece
            continue
        head = piece.text[:_AROUND] if i else ""
        tail = piece.text[-_AROUND:] if i < len(pieces) - 1 else ""
        yield Piece(f"{head}…{tail}", False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONG * 2 else text[: _LONG * 2] + "…"
