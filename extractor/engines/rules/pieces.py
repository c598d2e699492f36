"""Pieces of a page: runs of characters that a line end, a gap or a fused figure separates.

All positions here are positions in the document's `table_view`; `Source.found` leads back to the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractor.document import Document, Span
from extractor.drafts import Found, Value
from extractor.engines.rules.vocabulary import unit_pattern
from extractor.folding import printed
from extractor.quantities import NUMBER, number

Gap = Literal["none", "thin", "space", "line", "blank", "page"]
_FUSED = re.compile(rf"-?{NUMBER}%?(?=[\u3400-\u9fff(])")
_MARKER = re.compile(
    r"(?:\d{1,2}[.．、]|[((]?[一二三四五六七八九十]+[)、)]|[((]\d{1,2}[))]|[①-⑳]|[一二三四五六七八九十]是)"
)
_FUSED_SIGN = re.compile(r"\d+\.\d{2}(?=[-+@=][^\s%]*[\u3400-\u9fff])")
_LOOSE = re.compile(r"[\u3400-\u9fff] \d|\d [\u3400-\u9fff]")
_TIGHT = re.compile(r"[\u3400-\u9fff]\d|\d[\u3400-\u9fff]")
_PROSE = re.compile(r"[,;。、:]")
_OPENING = '≥≤><-~("'
_ITEM_NUMBER = re.compile(r"(?:^|[;。])\d{1,2}\.$")
_TAG = re.compile(r"</?\s*(?:p|br|div|li)\s*/?>", re.I)
_ENDS = "。；：！？;:!?"
_LATIN = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class Piece:
    """`text`, without loose blanks, stands at `start` to `end`; `gap` separates it from the piece before."""

    text: str
    start: int
    end: int
    gap: Gap
    width: float


@dataclass(frozen=True)
class Source:
    """A document as the rules see it: folded, with its forms' white space kept."""

    document: Document

    @property
    def text(self) -> str:
        """The table view's text."""
        return self.document.table_view.text

    def raw(self, start: int, end: int) -> str:
        """The raw characters behind a range, mended but otherwise as printed."""
        span = self.document.table_view.span(start, end)
        return printed(self.document.text[span.start : span.end])

    def spans(self, ranges: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
        """Raw spans of the ranges; neighbours with only white space between them become one."""
        out: list[Span] = []
        for start, end in ranges:
            for a, b in self._unbroken(start, end):
                span = self.document.table_view.span(a, b)
                if out and not self.document.text[out[-1].end : span.start].strip():
                    span = Span(out.pop().start, span.end)
                out.append(span)
        return tuple(out)

    def _unbroken(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        """Parts of a range in which no furniture of the page was left out."""
        starts = self.document.table_view.starts
        raw = self.document.text
        a = start
        for i in range(start + 1, end):
            if starts[i] - starts[i - 1] > 1 and raw[starts[i - 1] + 1 : starts[i]].strip():
                if self.text[a:i].strip():
                    yield self._stripped(a, i)
                a = i
        if self.text[a:end].strip():
            yield self._stripped(a, end)

    def _stripped(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return start, end

    def page_between(self, first: int, second: int) -> bool:
        """Whether the page's furniture was left out between two positions of the view."""
        starts = self.document.table_view.starts
        return bool(self.document.text[starts[first] + 1 : starts[second]].strip())

    def found(self, ranges: Sequence[tuple[int, int]], value: Value | None = None) -> Found | None:
        """The text of the ranges, joined as its cell reads, or the given value; None if they are blank."""
        paragraphs = [p for p in self._paragraphs(ranges) if p]
        kept = [r for paragraph in paragraphs for r in paragraph]
        if not kept:
            return None
        if value is None:
            value = "\n".join(self.joined(paragraph) for paragraph in paragraphs)
        return Found(value, self.spans(kept))

    def _paragraphs(self, ranges: Sequence[tuple[int, int]]) -> Iterable[list[tuple[int, int]]]:
        """The ranges cut at paragraph markup, which is a break and not text."""
        current: list[tuple[int, int]] = []
        for start, end in ranges:
            position = start
            for tag in _TAG.finditer(self.text, start, end):
                current += self._filled(position, tag.start())
                yield current
                current, position = [], tag.end()
            current += self._filled(position, end)
        yield current

    def _filled(self, start: int, end: int) -> list[tuple[int, int]]:
        a, b = self._stripped(start, end)
        return [(a, b)] if a < b else []

    def figure(self, start: int, end: int) -> Found | None:
        """The figure printed in a range, or None where it is not one."""
        start, end = self._stripped(start, end)
        if start == end:
            return None
        value = number(self.text[start:end])
        return None if value is None else Found(value, self.spans([(start, end)]))

    def joined(self, ranges: Sequence[tuple[int, int]]) -> str:
        """Text of the ranges: a mere line wrap becomes nothing, a paragraph break one line end."""
        lines: list[str] = []
        for start, end in ranges:
            for part in re.finditer(r"[^\n]+", self.text[start:end]):
                text = self.raw(start + part.start(), start + part.end()).strip()
                if text:
                    lines.append(_tidy(text))
        return joined_lines(lines)


def joined_lines(lines: Sequence[str]) -> str:
    """Lines of one cell as one text."""
    full = max((width(line) for line in lines), default=0.0)
    out = ""
    before = ""
    for line in lines:
        if not out:
            out = line
        elif _breaks(before, line, full):
            out += "\n" + line
        elif (
            _LATIN.match(out[-1]) and _LATIN.match(line[0]) and not (out[-1].isdigit() and line[0].isdigit())
        ):
            out += " " + line
        else:
            out += line
        before = line
    return out


def _breaks(before: str, line: str, full: float) -> bool:
    if _MARKER.match(line) and before[-1] in _ENDS:
        return True
    return before[-1] in "。！？" and width(before) < 0.9 * full and full > 12


def _tidy(text: str) -> str:
    """Spaces beside Chinese characters go; one stays between Latin words."""
    text = re.sub(r"[ \t\u3000\u00a0]+", " ", text)
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", text).strip()


def width(text: str) -> float:
    """Width in ems: an ideograph is one, a Latin letter or digit a half."""
    return sum(1.0 if c > "\u2e7f" or c in "“”‘’" else 0.55 for c in text)


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
