"""The grammar of references: addresses of lines and cells, and the text behind the bar.

12  12-18  12-15+18-20  14.3  12|≥85家  |≥85家  12-18|通过…。
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ADDRESS = r"\d{1,6}(?:\.\d{1,3})?"
_STRETCH = rf"{_ADDRESS}(?:\s*[-~–—]\s*{_ADDRESS})?"
_PIECE = re.compile(rf"\s*(?P<where>{_STRETCH})?\s*(?:\|(?P<text>.*))?", re.S)
_JOINT = re.compile(rf"\s*[+;]\s*(?={_STRETCH}\s*(?P<follows>[|+;]|$))")
ELLIPSIS = re.compile(r"…+|\.{3,}")
BLANK = re.compile(rf"\s*(?:{_STRETCH})?\s*\|?\s*[-—–/]{{1,2}}\s*|\s*\|?\s*|null")


@dataclass(frozen=True)
class Piece:
    """One stretch of a reference: its first and last address ("" where it names none) and its text."""

    first: str
    last: str
    text: str | None


@lru_cache(maxsize=4096)
def parsed(written: str, eager: bool = False) -> tuple[Piece, ...]:
    """The pieces of a reference; what is not of the form is a literal without an address.

    A plus sign inside a literal joins only where an address with a text of its own follows, or if `eager`.
    """
    words = written.strip()
    pieces: list[Piece] = []
    start = 0
    for joint in _JOINT.finditer(words):
        before = words[start : joint.start()]
        if eager or "|" not in before or ELLIPSIS.search(before) or joint["follows"] == "|":
            pieces.append(_piece(before))
            start = joint.end()
    return (*pieces, _piece(words[start:]))


def _piece(words: str) -> Piece:
    match = _PIECE.fullmatch(words)
    if match is None:
        return Piece("", "", words.strip())
    ends = re.findall(_ADDRESS, match["where"] or "") or [""]
    text = (match["text"] or "").strip()
    return Piece(ends[0], ends[-1], text or None)
