"""The department's money: budget tables and budget labels into draft funding lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from extractor.amounts import amount
from extractor.drafts import Draft, Found
from extractor.engines.rules.pieces import Piece
from extractor.engines.rules.vocabulary import RATES
from extractor.folding import folded
from extractor.fundlines import empty_line, is_part, plain_source, settled
from extractor.quantities import AMOUNT_WORDS, NUMBER, number
from extractor.source import Source

_FIGURE = re.compile(rf"\(?[-+]?{NUMBER}\)?%?|{NUMBER}(?:万|亿)?元")
_CUT = re.compile(r"[-+]?(?:\d{3,}|\d{1,3}(?:,\d{3})+)\.\d?")
_REST = re.compile(r"\d{1,2}")
_DASHES = frozenset({"-", "--", "/", "—", "——", "\\"})


@dataclass(frozen=True)
class BudgetRow:
    """A printed row: its name and its cells (None for a blank one that the layout shows)."""

    name: Sequence[tuple[int, int]]
    cells: Sequence[Sequence[tuple[int, int]] | None]


def rows_of(stream: Iterable[Piece]) -> list[BudgetRow]:
    """Rows of a linearised budget table: a name, then its figures."""
    rows: list[BudgetRow] = []
    name: list[tuple[int, int]] = []
    cells: list[Sequence[tuple[int, int]] | None] = []
    for piece in stream:
        figure = any(shape.fullmatch(piece.text) for shape in (_FIGURE, AMOUNT_WORDS, _CUT))
        if figure or (piece.text in _DASHES and name):
            cells.append(None if piece.text in _DASHES else [(piece.start, piece.end)])
            continue
        if cells:
            rows.append(BudgetRow(name, cells))
            name, cells = [], []
        name.append((piece.start, piece.end))
    if cells:
        rows.append(BudgetRow(name, cells))
    return rows


def table_lines(
    source: Source, rows: Sequence[BudgetRow], columns: Sequence[str], unit: str | None
) -> list[Draft]:
    """Draft lines of a budget table whose figures stand under `columns`."""
    lines: list[Draft] = []
    for row in rows:
        name = source.found(list(row.name)) if row.name else None
        text = str(name.value) if name else ""
        line = empty_line(_source_value(name, text), partial=is_part(text))
        for field, ranges in aligned(source, row.cells, columns).items():
            line[field] = _figure(source, ranges, field, unit)
        lines.append(line)
    return settled(lines)


def _source_value(name: Found | None, text: str) -> Found | str:
    plain = plain_source(text)
    return Found(plain, name.spans) if name is not None else plain


def _figure(source: Source, ranges: Sequence[tuple[int, int]], field: str, unit: str | None) -> Found | None:
    if len(ranges) > 1:
        value = number(_joined(source, ranges))
        if value is not None:
            return Found(value, source.spans(ranges))
    if _joined(source, ranges).endswith("."):
        return None
    if field in RATES or field in ("weight", "score"):
        return source.figure(ranges[0][0], ranges[-1][1])
    return amount(source, ranges, unit)


def aligned(
    source: Source, cells: Sequence[Sequence[tuple[int, int]] | None], columns: Sequence[str]
) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Figures under their columns, in order; where blanks are not shown, as types and arithmetic allow."""
    cells = mended(source, cells, len(columns))
    if len(cells) >= len(columns):
        pairs = zip(columns, cells, strict=False)
        return {column: cell for column, cell in pairs if cell is not None}
    filled = [cell for cell in cells if cell is not None]
    texts = [source.text[cell[0][0] : cell[-1][1]] for cell in filled]
    choices = combinations(range(len(columns)), len(filled))
    best = max(choices, key=lambda chosen: _fit([columns[c] for c in chosen], texts), default=())
    return {columns[c]: cell for c, cell in zip(best, filled, strict=True)}


def mended(
    source: Source, cells: Sequence[Sequence[tuple[int, int]] | None], width: int
) -> list[Sequence[tuple[int, int]] | None]:
    """Figures that a narrow column broke over lines (10,265. and 50), joined to two decimals.

    A figure that ends in its point has lost the rest in any case; one with a single decimal is joined only
    while the row has more cells than the table has columns.
    """
    whole: list[Sequence[tuple[int, int]] | None] = []
    surplus = len(cells) - width
    for cell in cells:
        before = whole[-1] if whole else None
        if cell and before and _is_rest(source, before, cell, surplus):
            whole[-1] = [*before, *cell]
            surplus -= 1
        else:
            whole.append(cell)
    return whole


def _is_rest(
    source: Source, cell: Sequence[tuple[int, int]], rest: Sequence[tuple[int, int]], surplus: int
) -> bool:
    head, tail = _joined(source, cell), _joined(source, rest)
    if (
        not (_CUT.fullmatch(head) and _REST.fullmatch(tail))
        or "\n" not in source.text[cell[-1][1] : rest[0][0]]
    ):
        return False
    return head.endswith(".") or (surplus > 0 and len(tail) == 1)


def _joined(source: Source, ranges: Sequence[tuple[int, int]]) -> str:
    return "".join(folded(source.text[start:end]) for start, end in ranges).strip()


def _fit(columns: Sequence[str], texts: Sequence[str]) -> float:
    score = 0.0
    read: dict[str, Decimal] = {}
    for column, text in zip(columns, texts, strict=True):
        percent = "%" in folded(text)
        score += 2.0 if percent == (column in RATES) else -1.0 if not percent else -4.0
        value = number(text)
        if value is not None:
            read[column] = value
    score += 0.2 * ("actual" in read) + 0.1 * ("adjusted" in read)
    if {"actual", "adjusted", "execution_rate"} <= read.keys() and read["adjusted"]:
        score += 3.0 * (abs(read["actual"] / read["adjusted"] * 100 - read["execution_rate"]) < 1)
    if {"initial", "adjustment", "adjusted"} <= read.keys():
        score += 3.0 * (abs(read["initial"] + read["adjustment"] - read["adjusted"]) < 1)
    return score
