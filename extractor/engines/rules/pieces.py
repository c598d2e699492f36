"""Pieces of a page: runs of characters that a line end, a gap or a fused figure separates.

All positions here are positions in the document's `table_view`; `Source.found` leads back to the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractor.engines.rules.vocabulary import unit_pattern
from extractor.quantities import NUMBER
from extractor.source import Source, width

Gap = Literal["none", "thin", "space", "line", "blank", "page"]
_FUSED = re.compile(rf"-?{NUMBER}%?(?=[\u3400-\u9fff(])")
_FUSED_SIGN = re.compile(r"\d+\.\d{2}(?=[-+@=][^\s%]*[\u3400-\u9fff])")
_LOOSE = re.compile(r"[\u3400-\u9fff] \d|\d [\u3400-\u9fff]")
_TIGHT = re.compile(r"[\u3400-\u9fff]\d|\d[\u3400-\u9fff]")
_PROSE = re.compile(r"[,;。、:]")
_OPENING = '≥≤><-~("'
_ITEM_NUMBER = re.compile(r"(?:^|[;。])\d{1,2}\.$")


@dataclass(frozen=True)
class Piece:
    """`text`, without loose blanks, stands at `start` to `end`; `gap` separates it from the piece before."""

    text: str
    start: int
    end: int
    gap: Gap
    width: float


def pieces(source: Source, start: int, end: int) -> list[Piece]:
    """The pieces of a range of the view, fused figures apart.

    Where nearly every line is followed by a blank one, a blank line means no more than a line end.
    """
    text = source.text
    ends = len(re.findall(r"\n", text[start:end]))
    doubled = len(re.findall(r"\n[ \t]*\n", text[start:end])) >= 0.4 * ends
    loose = _is_loose(text[start:end])
    out: list[Piece] = []
    last = start
    for match in re.finditer(r"\S+", text[start:end]):
        a, b = start + match.start(), start + match.end()
        gap = _gap(text[last:a], doubled) if out else "line"
        if out and "\n" in text[last:a] and source.page_between(last - 1, a):
            gap = "page"
        if gap == "space" and out and _belong_together(out[-1].text, text, a, b, loose):
            whole = out.pop()
            glue = " " if text[a].isascii() and text[a].isalpha() else ""
            words = f"{whole.text}{glue}{text[a:b]}"
            out.append(Piece(words, whole.start, b, whole.gap, width(words)))
            last = b
            continue
        if gap == "space" and loose and out and _mixed(out[-1].text[-1], text[a]):
            gap = "thin"
        for i, j in _split(text, a, b):
            out.append(Piece(text[i:j], i, j, gap, width(text[i:j])))
            gap = "none"
        last = b
    return out


def _is_loose(text: str) -> bool:
    """Whether the text as a rule puts a blank between Chinese characters and figures."""
    apart = len(_LOOSE.findall(text))
    return apart >= 6 and apart >= 2 * len(_TIGHT.findall(text))


def _mixed(before: str, after: str) -> bool:
    """Whether a Chinese character and a figure or sign stand beside each other."""
    return (before > "\u2e7f") != (after > "\u2e7f")


def _belong_together(before: str, text: str, start: int, end: int, loose: bool) -> bool:
    """Whether a gap is no border of cells: 15 个, two Latin words, a blank behind a comma."""
    numbered = before.endswith("任务") and text[start].isdigit()
    if numbered or before[-1] in ",;:、(" or _ITEM_NUMBER.search(before):
        return True
    latin = before[-1].isascii() and before[-1].isalpha() and text[start].isascii() and text[start].isalpha()
    if latin or (before[-1].isdigit() and bool(_unit_end().match(text[:end], start))):
        return True
    prose = loose and _mixed(before[-1], text[start])
    return prose and bool(_PROSE.search(before) or _PROSE.search(text, start, end) or before[-1] in _OPENING)


def _gap(white: str, doubled: bool) -> Gap:
    ends = white.count("\n")
    if ends == 0:
        return "space"
    return "line" if ends == 1 or (doubled and ends == 2) else "blank"


def _split(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    match = _FUSED.match(text, start, end) or _FUSED_SIGN.match(text, start, end)
    twice = (
        None
        if match and match.end() < end and not _unit_after(text, match.end(), end)
        else _twin(text[start:end])
    )
    if twice:
        yield start, start + twice
        yield start + twice, end
        return
    if match and not _unit_after(text, match.end(), end) and ("." in match[0] or not match[0].endswith("%")):
        yield start, match.end()
        start = match.end()
    yield start, end


@cache
def _quantity() -> re.Pattern[str]:
    one = rf"[≥≤><]?{NUMBER}(?:{unit_pattern()})"
    return re.compile(rf"(?P<one>{one})(?P<two>{one})")


def _twin(text: str) -> int | None:
    """Where a target and a result that ran together part: ≥90%93.4%, 持续改善持续改善."""
    pair = _quantity().fullmatch(text)
    if pair:
        return pair.end("one")
    half = len(text) // 2
    return half if half >= 3 and text[:half] * 2 == text else None


@cache
def _unit_end() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{unit_pattern()})(?:[,，。;；、()（）/\d]|已|以|左右|$)|年|月|日|周|多|余|几|[、.):)]"
    )


def _unit_after(text: str, position: int, end: int) -> bool:
    return bool(_unit_end().match(text[:end], position))
