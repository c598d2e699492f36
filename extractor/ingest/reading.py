"""Any file that users have into a `Document`, by what its bytes are."""

from __future__ import annotations

import hashlib
import re

from extractor.document import Document
from extractor.errors import UnreadableInput
from extractor.ingest import text
from extractor.ingest.blocks import PageBlocks
from extractor.ingest.composing import composed
from extractor.ingest.kinds import Kind, kind_of
from extractor.ingest.laying import laid_out
from extractor.ingest.limits import Limits

_TABLE = re.compile(r"<table\b.*?</table\s*>", re.I | re.S)


def marked_up(text: str) -> str:
    """A text with tables in HTML, as converters write Markdown, as one page; other lines are paragraphs."""
    parts, at = [], 0
    for match in _TABLE.finditer(text):
        parts += [_paragraphs(text[at : match.start()]), match[0]]
        at = match.end()
    parts.append(_paragraphs(text[at:]))
    return f"<!doctype html><meta charset=utf-8><body>{''.join(parts)}</body>"


def _paragraphs(text: str) -> str:
    """Lines as paragraphs; what is marked up in them stays so, the marks of headings go."""
    lines = (re.sub(r"^#{1,6}\s+|^\*\*(?=.*\*\*$)|\*\*$", "", line.strip()) for line in text.splitlines())
    return "".join(f"<p>{line}</p>" for line in lines if line)


def document(data: bytes, name: str, limits: Limits | None = None, cache: str | None = None) -> Document:
    """The document that these bytes hold; `cache` is the folder where readings of pictures are kept.

    Raises `UnreadableInput` for what cannot be read, or is larger than allowed.
    """
    limits = limits or Limits()
    if len(data) > limits.bytes:
        raise UnreadableInput(f"{name}: more than the limit of {limits.bytes:,} bytes (--max-bytes)")
    kind, media_type = kind_of(data, name, limits)
    if kind == "text":
        read = text.document(data, name, limits.text_bytes)
        if not _TABLE.search(read.text):
            return read
        kind, data = "html", marked_up(read.text).encode("utf-8", "surrogatepass")
        media_type = "text/markdown"
    pages = _pages(kind, data, name, limits, cache)
    read = composed(pages, name, hashlib.sha256(data).hexdigest(), media_type)
    if not read.text.strip():
        raise UnreadableInput(f"{name}: there is no text in it")
    return read


def _pages(kind: Kind, data: bytes, name: str, limits: Limits, cache: str | None) -> list[PageBlocks]:
    if kind == "legacy":
        from extractor.ingest.legacy import converted

        data = converted(data, name)
        kind, _ = kind_of(data, name, limits)
    if kind == "html":
        from extractor.ingest import markup

        return markup.pages(data, name)
    if kind == "word":
        from extractor.ingest import word

        return word.pages(data, name)
    if kind == "excel":
        from extractor.ingest import sheets

        return sheets.pages(data, name, limits)
    from extractor.ingest.scans import Scans

    scans = Scans(name, limits, cache)
    if kind == "image":
        return laid_out(scans.pictures(data))
    from extractor.ingest import pdf

    return laid_out(pdf.pages(data, name, limits, scans.pdf_page))
