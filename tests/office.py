"""Makes Word files and workbooks of web pages: their paragraphs and their tables, merged cells kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docx
import openpyxl
from lxml import html


@dataclass
class Made:
    """A table of a page: the text of each cell with its first row and column and how many it covers."""

    rows: int = 0
    columns: int = 0
    cells: list[tuple[int, int, int, int, str]] = field(default_factory=list)


def parts(page: bytes) -> Iterator[str | Made]:
    """The paragraphs and tables of a page, from its top."""
    body = html.fromstring(page.decode("utf-8")).find("body")
    for node in body.iter("h1", "h2", "h3", "p", "div", "table"):
        if any(True for _ in node.iterancestors("table")):
            continue
        if node.tag == "table":
            yield table(node)
        elif not any(True for _ in node.iter("table")) and not any(
            one.tag in ("p", "div") for one in node.iterdescendants()
        ):
            text = said(node)
            if text:
                yield text


def said(node: Any) -> str:
    """The text of a node, its line breaks kept."""
    for one in node.iter("br"):
        one.tail = "\n" + (one.tail or "").lstrip()
    lines = (" ".join(line.split()) for line in node.text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def table(node: Any) -> Made:
    """A table of a page with its spans resolved."""
    out, taken = Made(), set()
    for row, line in enumerate(node.iter("tr")):
        column = 0
        for cell in line.iterchildren("td", "th"):
            while (row, column) in taken:
                column += 1
            high, wide = int(cell.get("rowspan", 1)), int(cell.get("colspan", 1))
            taken |= {(row + i, column + j) for i in range(high) for j in range(wide)}
            out.cells.append((row, column, high, wide, said(cell)))
            column += wide
    out.rows = max(row for row, _ in taken) + 1
    out.columns = max(column for _, column in taken) + 1
    return out


def as_docx(page: bytes) -> bytes:
    """The page as a Word file."""
    document = docx.Document()
    for part in parts(page):
        if isinstance(part, str):
            for line in part.split("\n"):
                document.add_paragraph(line)
            continue
        made = document.add_table(part.rows, part.columns)
        made.style = "Table Grid"
        for row, column, high, wide, text in part.cells:
            cell = made.cell(row, column)
            if high > 1 or wide > 1:
                cell = cell.merge(made.cell(row + high - 1, column + wide - 1))
            first, *rest = text.split("\n")
            cell.paragraphs[0].text = first
            for line in rest:
                cell.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_xlsx(page: bytes) -> bytes:
    """The page as a workbook of one sheet, its figures as text as forms have them."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    at = 1
    for part in parts(page):
        if isinstance(part, str):
            for line in part.split("\n"):
                sheet.cell(at, 1, line)
                at += 1
            continue
        for row, column, high, wide, text in part.cells:
            sheet.cell(at + row, column + 1, text)
            if high > 1 or wide > 1:
                sheet.merge_cells(
                    start_row=at + row, end_row=at + row + high - 1,
                    start_column=column + 1, end_column=column + wide,
                )  # fmt: skip
        at += part.rows
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
