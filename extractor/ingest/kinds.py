"""What a file is, by its bytes; its name says nothing that its bytes do not."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Literal

from extractor.errors import UnreadableInput
from extractor.ingest.limits import Limits

Kind = Literal["text", "pdf", "image", "word", "excel", "html", "legacy"]
MEDIA_TYPES: dict[Kind, str] = {
    "text": "text/plain",
    "pdf": "application/pdf",
    "image": "image/*",
    "word": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "legacy": "application/x-ole-storage",
}
# what zipfile raises for an archive that is broken, encrypted or packed in an unknown way
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
_IMAGES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
    b"GIF8": "image/gif",
}
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div|p)\b", re.I)
_PREFACE = re.compile(rb"^(?:<\?xml[^>]*>|<!--.*?-->|\s)+", re.S)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def kind_of(data: bytes, name: str, limits: Limits) -> tuple[Kind, str]:
    """The kind of a file and its media type; raises `UnreadableInput` for what is of no kind that is read."""
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise UnreadableInput(f"{name}: the file is empty")
    if b"%PDF-" in data[:1024]:
        return "pdf", MEDIA_TYPES["pdf"]
    if (picture := _picture_type(data, name)) is not None:
        return "image", picture
    if data.startswith(b"PK\x03\x04"):
        kind = _zipped(data, name, limits)
        return kind, MEDIA_TYPES[kind] if kind != "legacy" else "application/zip"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if _ENCRYPTED in data:
            raise UnreadableInput(f"{name}: this office file is encrypted: save it without a password")
        return "legacy", MEDIA_TYPES["legacy"]
    if data.startswith(b"{\\rtf"):
        return "legacy", "text/rtf"
    if _is_html(data):
        return "html", MEDIA_TYPES["html"]
    return "text", MEDIA_TYPES["text"]


def _picture_type(data: bytes, name: str) -> str | None:
    """The media type of a picture, None for what is none; raises `UnreadableInput` for HEIC and AVIF."""
    if data[4:12] in _HEIC:
        raise UnreadableInput(f"{name}: HEIC and AVIF pictures are not read: save it as JPEG or PNG")
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "image/bmp"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in _IMAGES.items() if data.startswith(mark)), None)


def _is_html(data: bytes) -> bool:
    """Whether a file begins as HTML does; a Markdown table with a `<br>` in it does not."""
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[2:].replace(b"\x00", b"")
    return head.startswith(b"<") and bool(_HTML.match(_PREFACE.sub(b"", head)))


def _zipped(data: bytes, name: str, limits: Limits) -> Kind:
    """The kind of an office file; what unpacks to more than allowed is refused before it is unpacked.

    Every part is unpacked once and checked, so that no reader meets a broken one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise UnreadableInput(f"{name}: this archive is encrypted: save it without a password")
            if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
                raise UnreadableInput(
                    f"{name}: unpacks to more than the limit of {limits.unpacked_bytes:,} bytes "
                    "(--max-unpacked)"
                )
            whole = archive.testzip() is None
    except BROKEN_ZIP as error:
        raise UnreadableInput(f"{name}: this office file is damaged and cannot be opened") from error
    if not whole:
        raise UnreadableInput(f"{name}: this office file is damaged and cannot be opened")
    names = {entry.filename for entry in entries}
    if "word/document.xml" in names:
        return "word"
    if "xl/workbook.xml" in names:
        return "excel"
    if "content.xml" in names:
        return "legacy"
    raise UnreadableInput(f"{name}: this is an archive, not a document")
