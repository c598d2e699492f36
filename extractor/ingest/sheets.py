"""Excel workbooks (.xlsx): the cells as they are shown, with merged cells."""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from extractor.errors import UnreadableInput
from extractor.ingest.blocks import Block, PageBlocks, Paragraph, Piece, Table, TableCell, TextLine
from extractor.ingest.limits import Limits

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
_DIGITS = re.compile(r"[#0?,]*[#0?](?:\.[0#?]+)?")
_DATES = re.compile(r"[ymdhs年月日]", re.I)


def pages(data: bytes, name: str, limits: Limits) -> list[PageBlocks]:
    """Each visible sheet as a page without a number; raises `UnreadableInput` as reading does."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False, rich_text=False)
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile, SyntaxError) as error:
        raise UnreadableInput(f"{name}: this workbook is damaged and cannot be opened") from error
    out = []
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            out.append(PageBlocks(list(_blocks(sheet, name, limits))))
    return out


def _blocks(sheet: Any, name: str, limits: Limits) -> Iterator[Block]:
    """Rows with several cells as tables; a row that is one text only, across the sheet, as a line."""
    merged = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
    filled: dict[int, dict[int, Any]] = {}
    # only cells that exist are looked at: a sheet may claim a million rows and hold twenty
    for (row, column), cell in sheet._cells.items():
        if cell.value is not None and str(cell.value).strip():
            filled.setdefault(row, {})[column] = cell
            if len(filled) > limits.rows:
                raise UnreadableInput(f"{name}: more than the limit of {limits.rows:,} rows (--max-rows)")
    if not filled:
        return
    left = min(min(own) for own in filled.values())
    right = max(
        max(merged[row, column].max_col if (row, column) in merged else column for column in own)
        for row, own in filled.items()
    )
    cells: list[TableCell] = []
    base = min(filled)
    tabled = False
    for row in sorted(filled):
        own = filled[row]
        only = next(iter(own)) if len(own) == 1 else None
        area = merged.get((row, only)) if only is not None else None
        wide = area is not None and _across(area, left, right)
        if only is not None and (wide or (not tabled and area is None)):
            if cells:
                yield _table(cells)
                cells = []
            base = row + 1
            for paragraph in _paragraphs(own[only]):
                yield TextLine(paragraph)
            continue
        tabled = True
        cells += [_cell(cell, merged.get((row, column)), base, left) for column, cell in sorted(own.items())]
    if cells:
        yield _table(cells)


def _across(area: Any, left: int, right: int) -> bool:
    """Whether a merged cell is one row that covers the sheet from side to side."""
    return bool(area.min_col <= left and area.max_col >= right and area.min_row == area.max_row)


def _table(cells: Sequence[TableCell]) -> Table:
    first = min(cell.row for cell in cells)
    moved = tuple(TableCell(c.row - first, c.column, c.rows, c.columns, c.paragraphs) for c in cells)
    return Table(moved)


def _cell(cell: Any, area: Any | None, base: int, left: int) -> TableCell:
    rows = 1 if area is None else area.max_row - area.min_row + 1
    columns = 1 if area is None else area.max_col - area.min_col + 1
    return TableCell(cell.row - base, cell.column - left, rows, columns, _paragraphs(cell))


def _paragraphs(cell: Any) -> tuple[Paragraph, ...]:
    text = shown(cell.value, cell.number_format or "General")
    return tuple((Piece(line.strip()),) for line in text.splitlines() if line.strip())


def shown(value: Any, number_format: str) -> str:
    """A cell's value as Excel shows it: 0.9616 under 0.00% is 96.16%."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime | datetime.date):
        return _date(value, number_format)
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if not isinstance(value, int | float | Decimal):
        return str(value)
    return _number(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), number_format)


def _date(value: datetime.datetime | datetime.date, number_format: str) -> str:
    lowered = number_format.lower()
    if "年" in number_format or "[$-804]" in lowered or "[$-f800]" in lowered:
        day = "日" in number_format or "d" in lowered
        return f"{value.year}年{value.month}月{value.day}日" if day else f"{value.year}年{value.month}月"
    return f"{value.year}-{value.month:02}-{value.day:02}"


def _number(value: Decimal, number_format: str) -> str:
    section = _section(value, number_format)
    if section is None or section.lower() in ("general", "@", ""):
        return _general(value)
    literal = _QUOTED.sub(lambda m: "\x00" * len(m[1] or m[2] or ""), section)
    digits = _DIGITS.search(literal)
    if digits is None:
        return _QUOTED.sub(lambda m: m[1] or m[2] or "", section) or _general(value)
    pattern = digits[0]
    percent = literal.count("%")
    scaled = abs(value) * (Decimal(100) ** percent)
    trailing = len(pattern) - len(pattern.rstrip(","))
    scaled = scaled / (Decimal(1000) ** trailing)
    whole, _, fraction = pattern.rstrip(",").partition(".")
    rounded = scaled.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    optional = len(fraction) - len(fraction.rstrip("#"))
    if optional and "." in text:
        keep = len(text) - optional
        text = text[:keep] + text[keep:].rstrip("0")
        text = text.rstrip(".")
    negative = value < 0 and ";" not in number_format and any(c in "123456789" for c in text)
    before, after = _around(section, literal, digits)
    return ("-" if negative else "") + before + text + after


def _around(section: str, literal: str, digits: re.Match[str]) -> tuple[str, str]:
    """The words of a format before and behind its digits."""
    before, after = "", ""
    position = 0
    shift = 0
    for match in _QUOTED.finditer(section):
        plain = section[position : match.start()]
        at = match.start() - shift
        words = plain + (match[1] or match[2] or "")
        if at <= digits.start():
            before += words
        else:
            after += words
        shift += len(match[0]) - len(match[1] or match[2] or "")
        position = match.end()
    rest = section[position:]
    if position == 0 or position - shift <= digits.start():
        start = digits.start() - (position - shift)
        before += rest[:start]
        after += rest[start + len(digits[0]) :]
    else:
        after += rest
    return before, after.replace(digits[0], "", 1) if digits[0] in after else after


def _section(value: Decimal, number_format: str) -> str | None:
    """The part of a format for positive, negative or zero values."""
    parts = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    if _DATES.search(_QUOTED.sub("", parts[0])) and not re.search(r"[0#]", parts[0]):
        return None
    if value < 0 and len(parts) > 1:
        return parts[1] or parts[0]
    if value == 0 and len(parts) > 2:
        return parts[2] or parts[0]
    return parts[0]


def _general(value: Decimal) -> str:
    """At most eleven digits, as Excel shows under General."""
    if value == value.to_integral_value():
        return f"{value.to_integral_value():f}"
    whole = len(str(abs(int(value))))
    rounded = value.quantize(Decimal(1).scaleb(-max(0, 10 - whole)), ROUND_HALF_UP)
    return f"{rounded.normalize():f}"
