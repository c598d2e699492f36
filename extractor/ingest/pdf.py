"""PDFs with text: characters by PDFium, rulings by pdfplumber, both in points from the page's top left."""

from __future__ import annotations

import ctypes
import io
import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from extractor.errors import UnreadableInput
from extractor.ingest.grids import Ruling
from extractor.ingest.limits import Limits
from extractor.ingest.printed import Mark, PrintedPage
from extractor.ingest.textlayer import is_rubbish
from extractor.layout import Box

ReadScan = Callable[[Any, int], list[PrintedPage]]


def pages(data: bytes, name: str, limits: Limits, scan: ReadScan) -> list[PrintedPage]:
    """What stands on every page; a page without usable text is given to `scan` as a PDFium page.

    Raises `UnreadableInput` for a file that is encrypted, damaged or longer than allowed.
    """
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    with closing(opened(data, name)) as document:
        count = len(document)
        if count == 0:
            raise UnreadableInput(f"{name}: this PDF has no pages")
        if count > limits.pages:
            raise UnreadableInput(
                f"{name}: {count:,} pages, more than the limit of {limits.pages} (--max-pages)"
            )
        read: list[PrintedPage] = []
        try:
            ruled = pdfplumber.open(io.BytesIO(data))
        except _unread() as error:
            raise UnreadableInput(f"{name}: this PDF is damaged and cannot be opened") from error
        with ruled:
            for n in range(count):
                read += _page_or_why_not(document, ruled, n, name, scan)
        if read and all(page.unread for page in read):
            raise UnreadableInput(str(read[0].unread))
        return read


def _page_or_why_not(document: Any, ruled: Any, n: int, name: str, scan: ReadScan) -> list[PrintedPage]:
    """What stands on a page, or a blank one with the reason why it could not be read."""
    try:
        return _page(document, ruled, n, name, scan)
    except UnreadableInput as error:
        return [PrintedPage(n + 1, 0.0, 0.0, (), (), unread=str(error))]


def _page(document: Any, ruled: Any, n: int, name: str, scan: ReadScan) -> list[PrintedPage]:
    try:
        page = document[n]
    except Exception as error:
        raise UnreadableInput(f"{name}: page {n + 1} of this PDF is damaged") from error
    with closing(page):
        marks = tuple(_marks(page))
        if is_rubbish(page, n, [mark.text for mark in marks], [mark.box for mark in marks]):
            return scan(page, n + 1)
        width, height = page.get_size()
        try:
            rulings = tuple(_rulings(ruled.pages[n]))
            ruled.pages[n].close()
        except _unread() as error:
            raise UnreadableInput(f"{name}: page {n + 1} of this PDF is damaged") from error
        return [PrintedPage(n + 1, width, height, marks, rulings)]


def _unread() -> tuple[type[Exception], ...]:
    """What pdfplumber and pdfminer raise for a file that is broken."""
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import PdfminerException

    broken = (ValueError, TypeError, LookupError, AttributeError, AssertionError, zlib.error, RecursionError)
    return (PdfminerException, PSException, *broken)


def opened(data: bytes, name: str) -> Any:
    """The PDFium document; raises `UnreadableInput` where there is none."""
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableInput(f"{name}: this PDF is encrypted: save it without a password") from error
        raise UnreadableInput(f"{name}: this PDF is damaged and cannot be opened") from error


def _marks(page: Any) -> Iterator[Mark]:
    """The printed characters of a page, white space left out."""
    from pypdfium2 import raw

    place = _upright(page)
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    with closing(page.get_textpage()) as text:
        for i in range(raw.FPDFText_CountChars(text)):
            code = raw.FPDFText_GetUnicode(text, i)
            if code <= 32 or code in (0xA0, 0x3000) or raw.FPDFText_IsGenerated(text, i) == 1:
                continue
            if not raw.FPDFText_GetLooseCharBox(text, i, ctypes.byref(box)):
                continue
            raw.FPDFText_GetCharOrigin(text, i, ctypes.byref(x), ctypes.byref(y))
            left, base, _, _ = place(x.value, y.value, x.value, y.value)
            character = "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
            yield Mark(character, place(box.left, box.bottom, box.right, box.top), base, left)


def _upright(page: Any) -> Callable[[float, float, float, float], Box]:
    """A function from a box in the page's own space to one as the page is shown."""
    left, bottom, right, top = page.get_cropbox()
    turned = page.get_rotation()

    def place(x0: float, y0: float, x1: float, y1: float) -> Box:
        if turned == 90:
            return y0 - bottom, x0 - left, y1 - bottom, x1 - left
        if turned == 180:
            return right - x1, y0 - bottom, right - x0, y1 - bottom
        if turned == 270:
            return top - y1, right - x1, top - y0, right - x0
        return x0 - left, top - y1, x1 - left, top - y0

    return place


def _rulings(page: Any) -> Iterator[Ruling]:
    """The lines, thin boxes and frames that a page draws."""
    shift_x, shift_y = page.cropbox[0] - page.mediabox[0], page.cropbox[1] - page.mediabox[1]
    for edge in page.edges:
        x0, x1 = edge["x0"] - shift_x, edge["x1"] - shift_x
        y0, y1 = edge["top"] - shift_y, edge["bottom"] - shift_y
        if edge["orientation"] == "v":
            yield Ruling((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
        else:
            yield Ruling(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
