"""Lines of a grid as rows of cells: between tabs, or between the bars of a Markdown table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from extractor.engines.rules.labels import CONTENT, told_beside
from extractor.engines.rules.vocabulary import vocabulary
from extractor.folding import ALIKE, squeezed
from extractor.source import Source

Range = tuple[int, int]
_BARS = re.compile(r"\s*\|.*\|.*\|\s*")
_RULE = re.compile(r"[\s|:-]+")
_LONG = frozenset({"problems", "measures", "conclusion"})
_FOOT = re.compile(
    r"\s*(?:填[表报]|制表|审核|复核|联系|经办|分管|(?:单位|部门|主要|财务)?负责人|注\s*[:：1]|说明\s*[:：]|[-—])"
)
_LONGEST_HEAD = 24
_FEW, _LONG_CELL = 4, 12
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
    """The lines of a range that hold cells: between tabs, or between the bars of a Markdown table.

    A passage may go on under its row in lines without cells, up to the next blank line; so may one whose
    label stands alone on a line.
    """
    rows: list[Row] = []
    going_on = False
    for at, stop, cells in _logical(source.text, start, end):
        line = source.text[at:stop]
        row = _row(source, cells) if len(cells) >= 2 else None
        if row is not None and not (going_on and _more(row)):
            rows.append(row)
            going_on = bool(_LONG & set(row.kinds))
        elif not line.strip() or _FOOT.match(line):
            going_on = False
        elif _kind(squeezed(line)) in _LONG:
            rows.append(_row(source, [(at, stop), (stop, stop)]))
            going_on = True
        elif going_on:
            *others, (first, _) = _filled_cells(rows[-1])
            rows[-1] = _row(source, [*others, (first, stop)])
    return rows


def _logical(text: str, start: int, end: int) -> Iterator[tuple[int, int, list[Range]]]:
    """The lines of a range with their cells, those as one over which the page broke a cell."""
    lines = [
        (start + m.start(), start + m.end(), _cells(m[0], start + m.start()))
        for m in re.finditer(r"[^\n]+|(?<=\n)(?=\n)", text[start:end])
    ]
    counts = Counter(len(cells) for a, b, cells in lines if len(cells) > _FEW and "\t" in text[a:b])
    width = counts.most_common(1)[0][0] if counts else 0
    i = 0
    while i < len(lines):
        at, stop, cells = lines[i]
        i += 1
        while i < len(lines) and _broken(text, cells, lines[i], width):
            _, stop, more = lines[i]
            cells = [*cells[:-1], (cells[-1][0], more[0][1] if more else stop), *more[1:]]
            i += 1
        yield at, stop, cells


def _broken(text: str, cells: list[Range], below: tuple[int, int, list[Range]], width: int) -> bool:
    """Whether the last cell of a line goes on in the line below: by the number of cells that a row has."""
    at, stop, more = below
    if not width or len(cells) < 2 or not text[slice(*cells[-1])].strip():
        return False
    if more:
        whole = len(cells) + len(more) - 1 <= width and len(cells) < width
        head = text[slice(*more[0])]
        return (
            whole
            and bool(head.strip())
            and _kind(squeezed(head)) in (None, CONTENT)
            and not _is_figure(text, cells[-1])
        )
    last, line = squeezed(text[slice(*cells[-1])]), text[at:stop]
    unfinished = len(last) >= _LONG_CELL and not last.endswith("。")
    return len(cells) == width and unfinished and bool(line.strip()) and not _FOOT.match(line)


def _is_figure(text: str, cell: Range) -> bool:
    return not re.search(r"[\u3400-\u9fff]", text[slice(*cell)])


def _more(row: Row) -> bool:
    """Whether a row only goes on with the cell above: one cell of text, its label's cell blank."""
    return len(row.filled) == 1 and row.filled[0] > 0 and not any(row.kinds)


def _filled_cells(row: Row) -> list[Range]:
    """The cells up to the last that holds something, or that a label alone is followed by."""
    last = max(row.filled, default=0)
    return list(row.cells[: max(2, last + 1)])


def _row(source: Source, cells: Sequence[Range]) -> Row:
    texts = tuple(squeezed(re.sub(r"<[^<>]{1,10}>", "", source.text[a:b])) for a, b in cells)
    return Row(tuple(cells), texts, told_beside([_kind(text) for text in texts]))


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
    bare = _NOTE.sub("", plain)
    return kinds.get(plain) or kinds.get(bare) or (_misread().get(bare.translate(ALIKE)) if bare else None)


@cache
def _misread() -> dict[str, str]:
    """Labels as a scan may give them, with characters that look alike folded to one."""
    out: dict[str, str] = {}
    for label, kind in vocabulary().kinds.items():
        out.setdefault(label.translate(ALIKE), kind)
    return out


def headed(row: Row) -> Row:
    """The row with the heads of columns told in other words, where the cells beside them are known."""
    filled = row.filled
    known = sum(row.kinds[i] not in (None, "side") for i in filled)
    if known < 2 or len(filled) < 3 or any(len(row.texts[i]) > _LONGEST_HEAD for i in filled):
        return row
    kinds = tuple(
        kind if kind or not text else _other_words(_NOTE.sub("", text.strip(":*")))
        for kind, text in zip(row.kinds, row.texts, strict=True)
    )
    return Row(row.cells, row.texts, kinds)


def kind_of(text: str) -> str | None:
    """What a word at the head of a column names, by the vocabulary's labels or in other words."""
    return _kind(text) or _other_words(_NOTE.sub("", text))


def _other_words(text: str) -> str | None:
    return next((kind for kind, shape in vocabulary().heads.items() if shape.fullmatch(text)), None)


def is_grid(source: Source, start: int, end: int) -> bool:
    """Whether a range is a grid: several lines with two or more tabs or bars, a good part of all."""
    lines = [line for line in source.text[start:end].split("\n") if line.strip()]
    tabbed = sum(line.count("\t") >= 2 or bool(_BARS.fullmatch(line)) for line in lines)
    return tabbed >= 5 and tabbed >= 0.3 * len(lines)
