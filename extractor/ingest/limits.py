"""How much one document may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most of each that a document may take; beyond it the document is refused, not read in part."""

    bytes: int = 100_000_000
    text_bytes: int = 2_000_000
    pages: int = 300
    pixels: int = 100_000_000
    unpacked_bytes: int = 200_000_000
    rows: int = 20_000
