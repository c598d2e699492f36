"""Whether the text layer of a PDF page says what the page shows.

A layer is rubbish where the page shows a picture and the layer is empty, where its characters are private,
missing or not those of Chinese prose (a font without a sound ToUnicode map), where no ink stands at its
places, where the ink there is a picture's (the hidden text that other OCR programs leave), or where a picture
holds most of what the page says and the layer only a page number or a mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import cache
from typing import Any

import numpy as np

from extractor.layout import Box

_LEAST_IDEOGRAPHS = 30
_MOST_BROKEN = 0.05
_LEAST_COMMON = 0.85
_LEAST_FREQUENT = 0.08
_LEAST_INK = 0.6
_LARGE = 0.4
_LEAST_EXPLAINED = 0.35
_SCALE = 1.0
# characters that make up about a third of what such documents say
_FREQUENT = frozenset(
    "的年度项目工作资金预算完成支出部门绩效评价目标管理情况实施计划建设发展服务政策经费效益指标分及和在为对是不一人有"
    "中上大生产行保障提高进加强时会社公业位单数元万"
)


def is_rubbish(page: Any, number: int, text: Sequence[str], boxes: Sequence[Box]) -> bool:
    """Whether a page, the `number`th from 0, has to be read from its picture; a blank page has not."""
    if not text:
        return _shows_picture(page)
    if is_garbled("".join(text)) or not _has_ink(page, boxes):
        return True
    if _pictured(page) < _LARGE:
        return False
    return _explained(page, boxes) < _LEAST_EXPLAINED or is_hidden(page, number, boxes)


def is_hidden(page: Any, number: int, boxes: Sequence[Box]) -> bool:
    """Whether a page, the `number`th from 0, shows the same without its text: a picture has it too."""
    import pypdfium2
    from pypdfium2 import raw

    with closing(pypdfium2.PdfDocument.new()) as made:
        made.import_pages(page.pdf, [number])
        bare = made[0]
        for item in list(bare.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1)):
            bare.remove_obj(item)
        return _inked(_picture(bare), boxes) >= _LEAST_INK


def _pictured(page: Any) -> float:
    """The share of the page that its largest picture covers."""
    from pypdfium2 import raw

    width, height = page.get_size()
    whole, largest = max(1.0, width * height), 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        largest = max(largest, max(0.0, right - left) * max(0.0, top - bottom))
    return float(min(1.0, largest / whole))


def _explained(page: Any, boxes: Sequence[Box]) -> float:
    """The share of the page's ink that stands where its text says."""
    ink = _picture(page) < 128
    own = np.zeros_like(ink)
    for x0, y0, x1, y1 in boxes:
        own[int(max(y0 - 1, 0)) : int(y1 + 2), int(max(x0 - 1, 0)) : int(x1 + 2)] = True
    return float((ink & own).sum() / ink.sum()) if ink.any() else 1.0


def is_garbled(text: str) -> bool:
    """Whether the characters cannot be what a Chinese page says."""
    if not text:
        return False
    broken = sum(1 for c in text if _private(c))
    if broken > _MOST_BROKEN * len(text):
        return True
    ideographs = [c for c in text if "\u3400" <= c <= "\u9fff" or c > "\uffff"]
    western = sum(1 for c in text if "\u0080" <= c <= "\u024f")
    if western > 0.3 * len(text) and western > 20:
        return True
    if len(ideographs) < _LEAST_IDEOGRAPHS:
        return False
    common = sum(c in _level_one() for c in ideographs) / len(ideographs)
    frequent = sum(c in _FREQUENT for c in ideographs) / len(ideographs)
    return common < _LEAST_COMMON or (len(ideographs) >= 100 and frequent < _LEAST_FREQUENT)


def _private(character: str) -> bool:
    code = ord(character)
    return (
        0xE000 <= code <= 0xF8FF
        or 0xD800 <= code <= 0xDFFF
        or code == 0xFFFD
        or code < 32
        or 0x7F <= code < 0xA0
        or code >= 0xF0000
    )


@cache
def _level_one() -> frozenset[str]:
    """The 3,755 commonest characters, the first level of GB 2312."""
    rows = (bytes([high, low]) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return frozenset("".join(row.decode("gb2312", "ignore") for row in rows))


def _shows_picture(page: Any) -> bool:
    """Whether there is any ink on the page."""
    return bool((_picture(page) < 128).mean() > 0.0005)


def _has_ink(page: Any, boxes: Sequence[Box]) -> bool:
    """Whether most characters stand where the page shows ink: something darker or lighter than around it."""
    return _inked(_picture(page), boxes) >= _LEAST_INK


def _inked(picture: np.ndarray[Any, Any], boxes: Sequence[Box]) -> float:
    """The share of boxes in which a picture shows ink."""
    height, width = picture.shape
    seen = tried = 0
    for x0, y0, x1, y1 in boxes[:: max(1, len(boxes) // 400)]:
        a, b = int(max(x0, 0) * _SCALE), int(min(x1 * _SCALE + 1, width))
        c, d = int(max(y0, 0) * _SCALE), int(min(y1 * _SCALE + 1, height))
        tried += 1
        if a < b and c < d:
            part = picture[c:d, a:b]
            seen += int(part.max()) - int(part.min()) > 40
    return seen / tried if tried else 0.0


def _picture(page: Any) -> np.ndarray[Any, Any]:
    """The page in grey at 72 dots an inch; rows from the top."""
    bitmap = page.render(scale=_SCALE, grayscale=True)
    picture = np.asarray(bitmap.to_numpy()).squeeze().copy()
    bitmap.close()
    return picture[..., 0] if picture.ndim == 3 else picture
