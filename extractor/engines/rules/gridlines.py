"""Lines of a grid as rows of cells: between tabs, or between the bars of a Markdown table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.engines.rules.vocabulary import vocabulary
from extractor.folding import squeezed
from extractor.source import Source

Range = tuple[int, int]
_BARS = re.compile(r"\s*\|.*\|.*\|\s*")
_RULE = re.compile(r"[\s|:-]+")
_NOTE = re.compile(r"\([^()]{1,12}\)$")


@dataclass(frozen=True)
class Row:
    """The cells of one line: where each stands, what it says, and which label it is, if any."""

    cells: tuple[Range, ...]
    texts: tuple[str, ...]
    kinds: tuple[str | None, ...]

    @property
    def filled(self) -> list[int]:
        """Columns that are not blank."""
        return [i for i, text in enumerate(self.texts) if text]


def grid_rows(source: Source, start: int, end: int) -> list[Row]:
    """The lines of a range that hold cells: between tabs, or between the bars of a Markdown table."""
    rows: list[Row] = []
    for line in re.finditer(r"[^\n]+", source.text[start:end]):
        cells = _cells(line[0], start + line.start())
        if len(cells) < 2:
            continue
        texts = tuple(squeezed(re.sub(r"<[^<>]{1,10}>", "", source.text[a:b])) for a, b in cells)
        rows.append(Row(tuple(cells), texts, tuple(_kind(text) for text in texts)))
    return rows


def _cells(line: str, start: int) -> list[Range]:
    """Where the cells of a line stand; none for a line of text or a Markdown table's rule."""
    bars = _BARS.fullmatch(line)
    if _RULE.fullmatch(line) or not (bars or "\t" in line):
        return []
    out: list[Range] = []
    position = start + (line.index("|") + 1 if bars else 0)
    inner = line.strip()[1:-1] if bars else line
    for cell in inner.split("|" if bars else "\t"):
        out.append((position, position + len(cell)))
        position += len(cell) + 1
    return out


def _kind(text: str) -> str | None:
    plain = text.strip(":*")
    kinds = vocabulary().kinds
    return kinds.get(plain) or kinds.get(_NOTE.sub("", plain))


def is_grid(source: Source, start: int, end: int) -> bool:
    """Whether a range is a grid: several lines with two or more tabs or bars, a good part of all."""
    lines = [line for line in source.text[start:end].split("\n") if line.strip()]
    tabbed = sum(line.count("\t") >= 2 or bool(_BARS.fullmatch(line)) for line in lines)
    return tabbed >= 5 and tabbed >= 0.3 * len(lines)
