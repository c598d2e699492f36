"""Any file that users have into a `Document`, by what its bytes are."""

from __future__ import annotations

import hashlib

from extractor.document import Document
from extractor.errors import UnreadableInput
from extractor.ingest import text
from extractor.ingest.blocks import PageBlocks
from extractor.ingest.composing import composed
from extractor.ingest.kinds import Kind, kind_of
from extractor.ingest.laying import laid_out
from extractor.ingest.limits import Limits


def document(data: bytes, name: str, limits: Limits | None = None, cache: str | None = None) -> Document:
    """The document that these bytes hold; `cache` is the folder where readings of pictures are kept.

    Raises `UnreadableInput` for what cannot be read, or is larger than allowed.
    """
    limits = limits or Limits()
    if len(data) > limits.bytes:
        raise UnreadableInput(f"{name}: more than the limit of {limits.bytes:,} bytes (--max-bytes)")
    kind, media_type = kind_of(data, name, limits)
    if kind == "text":
        return text.document(data, name, limits.text_bytes)
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
