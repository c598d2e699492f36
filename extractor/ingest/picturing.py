"""Pictures of a document's pages, for showing where on them a value stands."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from extractor.document import Document
from extractor.errors import ExtractorError
from extractor.ingest.limits import Limits

if TYPE_CHECKING:
    from PIL.Image import Image

_DOTS = 110
_QUALITY = 55
_MOST_PAGES = 60
_LONG_SIDE = 1400
PICTURED = ("application/pdf", "image/")


def page_pictures(
    data: bytes, document: Document, limits: Limits, wanted: Collection[int]
) -> dict[int, bytes]:
    """A WebP picture of each wanted page that can be drawn, upright as it was read, by the page's number.

    At most sixty; a page that cannot be drawn is left out, as its text is shown anyway.
    """
    if document.layout is None or not document.media_type.startswith(PICTURED):
        return {}
    turns = {page.number: page.turned for page in document.layout.pages}
    numbers = [number for number in sorted(wanted) if number in turns][:_MOST_PAGES]
    try:
        if document.media_type == "application/pdf":
            return _drawn(data, document.name, turns, numbers)
        return _frames(data, limits, turns, numbers)
    except (ExtractorError, OSError, ValueError, SyntaxError, RuntimeError):
        return {}


def _drawn(data: bytes, name: str, turns: Mapping[int, int], numbers: list[int]) -> dict[int, bytes]:
    from contextlib import closing

    from extractor.ingest.pdf import opened

    out: dict[int, bytes] = {}
    with closing(opened(data, name)) as pdf:
        for number in numbers:
            with closing(pdf[number - 1]) as page:
                scale = min(_DOTS / 72, _LONG_SIDE / max(page.get_size()))
                with closing(page.render(scale=scale)) as bitmap:
                    out[number] = _packed(bitmap.to_pil(), turns[number])
    return out


def _frames(data: bytes, limits: Limits, turns: Mapping[int, int], numbers: list[int]) -> dict[int, bytes]:
    from PIL import Image, ImageOps

    out: dict[int, bytes] = {}
    with Image.open(io.BytesIO(data)) as image:
        for number in numbers:
            image.seek(number - 1)
            if image.width * image.height <= limits.pixels:
                out[number] = _packed(ImageOps.exif_transpose(image), turns[number])
    return out


def _packed(image: Any, turned: int) -> bytes:
    upright: Image = image.convert("RGB").rotate(-turned, expand=True)
    upright.thumbnail((_LONG_SIDE, _LONG_SIDE))
    out = io.BytesIO()
    upright.save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()
