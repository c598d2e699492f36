"""Blocks into one raw text with its layout.

A table becomes one line a row, its cells between tabs, what a merged cell covers blank. Inside a cell a mere
line wrap is gone, and a paragraph's end is `<br>`, as in a Markdown table. A new page begins with a form
feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from extractor.document import Document
from extractor.ingest.blocks import PageBlocks, Paragraph, Piece, Table, TableCell, TextLine
from extractor.layout import Cell, Layout, Origin, Page, Run

BREAK = "<br>"


class _Composer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.runs: list[Run] = []
        self.cells: list[Cell] = []
        self.tables = 0

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def piece(self, piece: Piece) -> None:
        text = _plain(piece.text)
        if not text:
            return
        if piece.page is not None and piece.box is not None:
            end = self.length + len(text)
            edges = piece.edges if piece.edges and len(piece.edges) == len(text) + 1 else None
            self.runs.append(
                Run(self.length, end, piece.page, piece.box, edges, piece.confidence, piece.flaws)
            )
        self.write(text)

    def paragraph(self, pieces: Paragraph) -> None:
        """Pieces one after the other; a blank stands only between two Latin words."""
        before = ""
        for piece in pieces:
            if piece.text and before and _word(before[-1]) and _word(piece.text[0]):
                self.write(" ")
            self.piece(piece)
            before = piece.text or before

    def line(self, line: TextLine) -> None:
        for n, piece in enumerate(line.pieces):
            if n:
                self.write(" ")
            self.piece(piece)
        self.write("\n")

    def table(self, table: Table) -> None:
        rows: dict[int, dict[int, TableCell]] = {}
        for cell in table.cells:
            rows.setdefault(cell.row, {})[cell.column] = cell
        width = table.width
        for row in range(table.height):
            own = rows.get(row, {})
            for column in range(width):
                if column:
                    self.write("\t")
                if column in own:
                    self._cell(own[column])
            self.write("\n")
        self.tables += 1

    def _cell(self, cell: TableCell) -> None:
        start = self.length
        for n, paragraph in enumerate(cell.paragraphs):
            if n:
                self.write(BREAK)
            self.paragraph(paragraph)
        self.cells.append(
            Cell(self.tables, cell.row, cell.column, cell.rows, cell.columns, start, self.length)
        )


def composed(pages: Sequence[PageBlocks], name: str, sha256: str, media_type: str) -> Document:
    """The document whose text and layout the pages' blocks make."""
    composer = _Composer()
    for n, page in enumerate(pages):
        if n:
            composer.write("\f")
        for block in page.blocks:
            if isinstance(block, Table):
                composer.table(block)
            else:
                composer.line(block)
    layout = Layout(tuple(_pages(pages)), tuple(composer.runs), tuple(composer.cells))
    return Document(name, "".join(composer.parts), sha256, media_type, layout=layout)


def _pages(pages: Iterable[PageBlocks]) -> Iterable[Page]:
    for page in pages:
        if page.number is not None:
            origin = cast(Origin, page.origin)
            yield Page(page.number, page.width, page.height, origin, page.turned, page.unread)


def _plain(text: str) -> str:
    """White space that would break a row or a line becomes a blank."""
    return text.translate({9: " ", 10: " ", 11: " ", 12: " ", 13: " ", 0x85: " ", 0x2028: " ", 0x2029: " "})


def _word(character: str) -> bool:
    return character.isascii() and character.isalpha()
