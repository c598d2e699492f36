"""HTML pages: their text and tables; nothing that a page refers to is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from extractor.errors import UnreadableInput
from extractor.ingest.blocks import Block, PageBlocks, Paragraph, Piece, Table, TableCell, TextLine
from extractor.ingest.text import decoded

_UNSEEN = frozenset({"script", "style", "head", "title", "noscript", "template", "svg", "object", "iframe"})
_INLINE = frozenset(
    {"a", "abbr", "b", "big", "em", "font", "i", "ins", "label", "mark", "o:p",
     "s", "small", "span", "strong",
     "sub", "sup", "u"}
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CHARSET = re.compile(rb"<meta[^>]*charset\s*=\s*[\"']?([\w-]+)", re.I)
_MOST_SPAN = 1000


def pages(data: bytes, name: str) -> list[PageBlocks]:
    """The page's blocks, as one page without a number."""
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, recover=True, huge_tree=False, remove_comments=True)
    try:
        root = html.document_fromstring(_text(data, name), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableInput(f"{name}: this HTML cannot be read") from error
    body = root.find("body")
    return [PageBlocks(list(_blocks(root if body is None else body)))]


def _text(data: bytes, name: str) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared:
        encoding = declared[1].decode("ascii").lower()
        encoding = "gb18030" if encoding in ("gb2312", "gbk", "gb18030") else encoding
        try:
            return re.sub(r"^\s*<\?xml[^>]*\?>", "", data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            pass
    text, _ = decoded(data, name)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))


def _blocks(node: Any) -> Iterator[Block]:
    """The lines and tables below a node; a table that only holds others is no table."""
    line: list[str] = [node.text or ""]
    for child in node:
        if _unseen(child):
            pass
        elif child.tag == "br":
            yield from _line(line)
            line = []
        elif child.tag in _INLINE and not _has_blocks(child):
            line.append(_inline(child))
        else:
            yield from _line(line)
            line = []
            if child.tag == "table" and child.find(".//table") is None:
                yield from _table(child)
            else:
                yield from _blocks(child)
        line.append(child.tail or "")
    yield from _line(line)


def _has_blocks(node: Any) -> bool:
    return any(child.tag not in _INLINE for child in node.iterdescendants() if isinstance(child.tag, str))


def _unseen(node: Any) -> bool:
    if not isinstance(node.tag, str) or node.tag in _UNSEEN:
        return True
    return bool(_HIDDEN.search(node.get("style") or "")) or node.get("hidden") is not None


def _inline(node: Any) -> str:
    parts = [node.text or ""]
    for child in node:
        if not _unseen(child):
            parts.append(_inline(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _line(parts: list[str]) -> Iterator[TextLine]:
    text = " ".join("".join(parts).split())
    if text:
        yield TextLine((Piece(text),))


def _table(node: Any) -> Iterator[Block]:
    taken: set[tuple[int, int]] = set()
    cells: list[TableCell] = []
    for caption in node.iter("caption"):
        yield from _line([_inline(caption)])
    for row, line in enumerate(_rows(node)):
        column = 0
        for child in line:
            if _unseen(child) or child.tag not in ("td", "th"):
                continue
            while (row, column) in taken:
                column += 1
            rows, columns = _span(child, "rowspan"), _span(child, "colspan")
            taken |= {(row + i, column + j) for i in range(rows) for j in range(columns)}
            cells.append(TableCell(row, column, rows, columns, _paragraphs(child)))
            column += columns
    if cells:
        yield Table(tuple(cells))


def _rows(node: Any) -> Iterator[Any]:
    for child in node:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from child.iterchildren("tr")


def _span(node: Any, name: str) -> int:
    value = (node.get(name) or "1").strip()
    return min(max(int(value), 1), _MOST_SPAN) if value.isdigit() else 1


def _paragraphs(cell: Any) -> tuple[Paragraph, ...]:
    lines = [block for block in _blocks(cell) if isinstance(block, TextLine)]
    return tuple(line.pieces for line in lines)
