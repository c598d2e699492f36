"""What a reader of files finds, page after page, before it is one text: lines, and tables of cells."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractor.layout import Box, Flaw


@dataclass(frozen=True)
class Piece:
    """Characters on one line; without a page where the file has none."""

    text: str
    page: int | None = None
    box: Box | None = None
    edges: tuple[float, ...] | None = None
    confidence: float | None = None
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True)
class TextLine:
    """One line of text outside tables."""

    pieces: tuple[Piece, ...]
    top: float = 0.0


Paragraph = tuple[Piece, ...]


@dataclass(frozen=True)
class TableCell:
    """One cell: where it begins, how many rows and columns it covers, and its paragraphs."""

    row: int
    column: int
    rows: int
    columns: int
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """What it says, paragraphs apart."""
        return "\n".join("".join(piece.text for piece in paragraph) for paragraph in self.paragraphs)


@dataclass(frozen=True)
class Table:
    """A table; `columns` are the left edges of its columns and the right edge of the last, where known."""

    cells: tuple[TableCell, ...]
    top: float = 0.0
    columns: tuple[float, ...] = ()

    @property
    def height(self) -> int:
        """How many rows it has."""
        return max((cell.row + cell.rows for cell in self.cells), default=0)

    @property
    def width(self) -> int:
        """How many columns it has."""
        return max((cell.column + cell.columns for cell in self.cells), default=0)


Block = TextLine | Table


@dataclass
class PageBlocks:
    """The blocks of one page in reading order, and the page's size in points where it has one."""

    blocks: list[Block] = field(default_factory=list)
    number: int | None = None
    width: float = 0.0
    height: float = 0.0
    origin: str = "text"
    turned: int = 0
    unread: str | None = None
