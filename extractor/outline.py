"""A document's own outline: 一、（一）1.（1） headings and what stands under each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_NUMERAL = "[一二三四五六七八九十]{1,3}"
_LEVELS = (
    re.compile(rf"第?{_NUMERAL}(?:、|部分[、:\s]|\s*\.)"),
    re.compile(rf"\({_NUMERAL}\)\s*[、.]?"),
    re.compile(r"\d{1,2}\s*[.、](?!\d)"),
    re.compile(r"\(\d{1,2}\)\s*[、.]?|\d{1,2}\)"),
)
# what a heading's number begins with; \d takes digits of any script
_FIRST = frozenset("第一二三四五六七八九十(0123456789")
_LONGEST_TITLE = 40
_LONGEST_RUN_IN = 28
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Section:
    """A heading with its level (1 to 4), and the stretch of text that it heads.

    `start` is the heading's first character, `body` where its text begins, `end` where the next heading of
    the same or a higher level begins. `run_in` is true where the title is the head of a paragraph.
    """

    level: int
    title: str
    start: int
    body: int
    end: int
    run_in: bool


def sections(text: str, start: int = 0, end: int | None = None) -> list[Section]:
    """The headings of a range in reading order, each with its extent."""
    return list(_sections(text, start, len(text) if end is None else end))


@lru_cache(maxsize=16)
def _sections(text: str, start: int, stop: int) -> tuple[Section, ...]:
    heads = list(_headings(text, start, stop))
    ends = [stop] * len(heads)
    open_heads: list[int] = []
    for i, (level, _, at, _, _) in enumerate(heads):
        while open_heads and heads[open_heads[-1]][0] >= level:
            ends[open_heads.pop()] = at
        open_heads.append(i)
    return tuple(
        Section(level, title, a, b, end, run_in)
        for (level, title, a, b, run_in), end in zip(heads, ends, strict=True)
    )


def _headings(text: str, start: int, end: int) -> Iterator[tuple[int, str, int, int, bool]]:
    for line in _LINE.finditer(text, start, end):
        a = line.start() + len(line[0]) - len(line[0].lstrip(" *#\t"))
        if text[a : a + 1] not in _FIRST:
            continue
        for level, pattern in enumerate(_LEVELS, 1):
            mark = pattern.match(text, a, line.end())
            if mark:
                title = _title(text, mark.end(), line.end())
                if title is not None:
                    words, body, run_in = title
                    yield level, words, a, body, run_in
                break


def _title(text: str, start: int, end: int) -> tuple[str, int, bool] | None:
    """The title's words, where its text begins, and whether it runs on into the paragraph."""
    words = text[start:end].strip(" *\t")
    if not words:
        return None
    if len(words) <= _LONGEST_TITLE and not re.search(r"[。；;]|[，,、]$", words):
        colon = re.search(r"[:：]", words)
        if colon is None or colon.end() == len(words):
            return words.rstrip(":："), end, False
    if re.fullmatch(r"[^。；;，,]{2,40}。", words):
        return words.rstrip("。"), end, False
    run_in = re.match(r"\s*([^。；;，,:：]{2,28})[。:：]", text[start:end])
    if run_in:
        return run_in[1].strip(" *"), start + run_in.end(), True
    return None


def lineage(found: list[Section], position: int) -> tuple[str, ...]:
    """Titles of the sections around a position, the outermost first."""
    return tuple(section.title for section in found if section.start <= position < section.end)
