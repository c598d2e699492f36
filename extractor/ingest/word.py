"""Word documents (.docx), by their XML: paragraphs with their automatic numbers, tables with merged cells."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from extractor.errors import UnreadableInput
from extractor.ingest.blocks import Block, PageBlocks, Paragraph, Piece, Table, TableCell, TextLine
from extractor.ingest.numbering import Numbering

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED = frozenset(
    {f"{_MC}Fallback", *(f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText"))}
)


def pages(data: bytes, name: str) -> list[PageBlocks]:
    """The document's blocks, as one page without a number; raises `UnreadableInput` for what is damaged."""
    from lxml import etree

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            root = _parsed(archive.read("word/document.xml"))
            listed = archive.read("word/numbering.xml") if "word/numbering.xml" in archive.namelist() else b""
            styled = archive.read("word/styles.xml") if "word/styles.xml" in archive.namelist() else b""
            numbering = Numbering.of(_parsed(listed) if listed else None, _parsed(styled) if styled else None)
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, zipfile.LargeZipFile, EOFError) as error:
        raise UnreadableInput(f"{name}: this Word document is damaged and cannot be opened") from error
    body = root.find(f"{_W}body")
    if body is None:
        raise UnreadableInput(f"{name}: this Word document holds no text")
    return [PageBlocks(list(_Reader(numbering).blocks(body)))]


def _parsed(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


@dataclass
class _Reader:
    numbering: Numbering
    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 9))

    def blocks(self, node: Any) -> Iterator[Block]:
        """The lines and tables of a body, a cell or a text box, in order."""
        for child in node:
            if child.tag == f"{_W}p":
                yield from self._lines(child)
            elif child.tag == f"{_W}tbl":
                table = self._table(child)
                if table is not None:
                    yield table
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}smartTag", f"{_W}customXml"):
                yield from self.blocks(child)

    def _lines(self, paragraph: Any) -> Iterator[Block]:
        number = self.numbering.number(paragraph, self.counts)
        texts = _texts(paragraph)
        for n, text in enumerate(texts):
            words = (number + text if n == 0 else text).strip()
            if words:
                yield TextLine((Piece(words),))
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(up.tag == f"{_MC}Fallback" for up in box.iterancestors()):
                yield from self.blocks(box)

    def _table(self, node: Any) -> Table | None:
        cells: list[TableCell] = []
        open_cells: dict[int, int] = {}  # first column of a cell that may go on downwards → its index
        rows = [child for child in _inside(node) if child.tag == f"{_W}tr"]
        for row, line in enumerate(rows):
            column = _before(line)
            for cell in (child for child in _inside(line) if child.tag == f"{_W}tc"):
                columns, merge = _spans(cell)
                if merge == "continue" and column in open_cells:
                    index = open_cells[column]
                    old = cells[index]
                    more = old.paragraphs + self._paragraphs(cell)
                    cells[index] = TableCell(old.row, old.column, row - old.row + 1, old.columns, more)
                else:
                    open_cells[column] = len(cells)
                    cells.append(TableCell(row, column, 1, columns, self._paragraphs(cell)))
                column += columns
        return Table(tuple(cells)) if cells else None

    def _paragraphs(self, cell: Any) -> tuple[Paragraph, ...]:
        out: list[Paragraph] = []
        for block in self.blocks(cell):
            if isinstance(block, TextLine):
                out.append(block.pieces)
            else:  # a table in a cell: its cells one after the other
                out += [paragraph for own in block.cells for paragraph in own.paragraphs]
        return tuple(out)


def _inside(node: Any) -> Iterator[Any]:
    """The children of a table or row, those inside content controls included."""
    for child in node:
        if child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _inside(child)
        else:
            yield child


def _before(row: Any) -> int:
    skipped = row.find(f"{_W}trPr/{_W}gridBefore")
    return _number(skipped, 0)


def _spans(cell: Any) -> tuple[int, str]:
    """Columns that a cell covers, and whether it begins or goes on with a cell merged downwards."""
    columns = _number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1)
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    if merge is None:
        return columns, ""
    return columns, "restart" if merge.get(f"{_W}val") == "restart" else "continue"


def _number(node: Any, default: int) -> int:
    value = "" if node is None else node.get(f"{_W}val") or ""
    return min(int(value), 1000) if value.isdigit() else default


def _texts(paragraph: Any) -> list[str]:
    """The paragraph's text, cut at its line breaks; what was deleted under review is not there."""
    out = [""]
    for node in _shown(paragraph):
        if node.tag == f"{_W}t":
            out[-1] += node.text or ""
        elif node.tag == f"{_W}tab":
            out[-1] += " "
        elif node.tag == f"{_W}noBreakHyphen":
            out[-1] += "-"
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            out.append("")
    return out


def _shown(node: Any) -> Iterator[Any]:
    for child in node:
        if child.tag in _SKIPPED or child.tag == f"{_W}txbxContent":
            continue
        yield child
        yield from _shown(child)
