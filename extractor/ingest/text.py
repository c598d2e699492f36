"""Bytes into a `Document`: charset detection for Chinese text files, and what is no text at all."""

from __future__ import annotations

import codecs
import hashlib
import logging

from extractor.document import Document
from extractor.errors import UnreadableInput

MAX_BYTES = 2_000_000
_CANDIDATES = ["utf_8", "utf_16", "utf_16_le", "utf_16_be", "gb18030", "big5"]
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SIGNATURES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "an office file or archive",
    b"\xd0\xcf\x11\xe0": "a legacy office file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"II*\x00": "an image",
    b"MM\x00*": "an image",
    b"\x7fELF": "a program",
    b"\x1f\x8b": "an archive",
}
_MOST_BROKEN = 0.02


def document(data: bytes, name: str, max_bytes: int = MAX_BYTES) -> Document:
    """The document that these bytes hold.

    Raises `UnreadableInput` for what is empty, too large, binary or not decodable.
    """
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise UnreadableInput(f"{name}: the file is empty")
    if len(data) > max_bytes:
        raise UnreadableInput(f"{name}: more than the limit of {max_bytes:,} bytes (--max-bytes)")
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableInput(f"{name}: this is {kind}, not a text file")
    text, encoding = decoded(data, name)
    if not text.strip():
        raise UnreadableInput(f"{name}: the file is empty")
    return Document(name=name, text=text, sha256=hashlib.sha256(data).hexdigest(), encoding=encoding)


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text and its encoding; a text with a few damaged bytes keeps U+FFFD in their places."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    try:
        return _checked(data.decode("utf-8"), name), "utf-8"
    except UnicodeDecodeError:
        pass
    detected = _detected(data)
    if detected is None:
        return _repaired(data, name)
    return _checked(data.decode(detected), name), detected


def _detected(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    logging.getLogger("charset_normalizer").setLevel(logging.ERROR)
    best = from_bytes(data, cp_isolation=_CANDIDATES).best()
    return best.encoding if best else None


def _repaired(data: bytes, name: str) -> tuple[str, str]:
    """The reading with the fewest damaged characters, if there are few enough to call it text."""
    readings = [
        (data.decode(encoding, errors="replace"), encoding) for encoding in ("utf-8", "gb18030", "big5")
    ]
    text, encoding = min(readings, key=lambda reading: reading[0].count("\ufffd"))
    if text.count("\ufffd") > max(2, len(text) * _MOST_BROKEN):
        raise UnreadableInput(f"{name}: not a text in UTF-8, UTF-16, GB18030, GBK or Big5")
    return _checked(text, name), encoding


def _checked(text: str, name: str) -> str:
    controls = sum(1 for c in text if c < " " and c not in "\t\n\r\f\v")
    if controls > max(2, len(text) * 0.01):
        raise UnreadableInput(f"{name}: this is binary data, not a text file")
    return text
