"""Scans and photographs: every picture of a page into marks and rulings, as a PDF's page is.

Upright, straight, in grey; lines of text by the OCR engine, cut where a ruling stands between two cells;
figures read a second time. What was read is kept by the picture's hash, for the next run.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from extractor.errors import UnreadableInput
from extractor.ingest import ocr
from extractor.ingest.cache import Cache
from extractor.ingest.doubting import second_readings, unsure_where_poor
from extractor.ingest.grids import Ruling
from extractor.ingest.leftovers import leftovers
from extractor.ingest.limits import Limits
from extractor.ingest.lines import Line, erased, read_lines
from extractor.ingest.ocr import Picture
from extractor.ingest.pictures import (
    grey,
    gutter,
    lean,
    rectified,
    straightened,
    turned,
    without_lines,
)
from extractor.ingest.printed import Mark, Plane, PrintedPage
from extractor.ingest.rulings import rulings
from extractor.ingest.widths import measured
from extractor.layout import Box

_DOTS = 220
_LONG_SIDE = 842.0
_VOTERS = 24
_BESIDE = 6.0


@dataclass(frozen=True)
class Scans:
    """Reads pictures of pages for one document; `cache` is a folder, None for none."""

    name: str
    limits: Limits
    cache: str | None = None

    def pdf_page(self, page: Any, number: int) -> list[PrintedPage]:
        """What the picture of a PDF's page says."""
        ocr.required(self.name)
        width, height = page.get_size()
        scale = _DOTS / 72
        if width * height * scale * scale > self.limits.pixels:
            raise self._too_large(number, int(width * scale), int(height * scale))
        bitmap = page.render(scale=scale)
        picture = np.asarray(bitmap.to_pil().convert("RGB"))
        bitmap.close()
        return self.page(picture, number, width / picture.shape[1])

    def pictures(self, data: bytes) -> list[PrintedPage]:
        """What an image file says, every frame a page."""
        ocr.required(self.name)
        out: list[PrintedPage] = []
        for number, (picture, points) in enumerate(self._frames(data), 1):
            out += self.page(picture, number, points)
        return out

    def _frames(self, data: bytes) -> Iterator[tuple[Picture, float]]:
        """Each frame and how many points one of its pixels is."""
        from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                image = _opened(data)
                for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                    if number > self.limits.pages:
                        raise UnreadableInput(
                            f"{self.name}: more pages than the limit of {self.limits.pages} (--max-pages)"
                        )
                    if frame.width * frame.height > self.limits.pixels:
                        raise self._too_large(number, frame.width, frame.height)
                    dots = frame.info.get("dpi", (0, 0))[0]
                    upright = _on_paper(ImageOps.exif_transpose(frame))
                    yield np.asarray(upright), _points(upright.size, float(dots or 0))
        except (
            UnidentifiedImageError,
            OSError,
            SyntaxError,
            ValueError,
            Image.DecompressionBombError,
        ) as error:
            raise UnreadableInput(f"{self.name}: this image is damaged and cannot be opened") from error

    def _too_large(self, number: int, width: int, height: int) -> UnreadableInput:
        return UnreadableInput(
            f"{self.name}: page {number} is {width:,} × {height:,} pixels, more than the limit of "
            f"{self.limits.pixels:,} (--max-pixels)"
        )

    def page(self, picture: Picture, number: int, points: float) -> list[PrintedPage]:
        """The page or pages that a picture shows; `points` is the size of a pixel."""
        key = hashlib.sha256(
            np.ascontiguousarray(picture).tobytes() + repr(picture.shape).encode()
        ).hexdigest()
        cache = Cache(self.cache) if self.cache else None
        kept = cache.get(key) if cache else None
        if kept is None:
            kept = read_picture(picture)
            if cache:
                cache.put(key, kept)
        return [_printed(half, number, points) for half in kept]


@dataclass(frozen=True)
class Half:
    """What a picture, or one half of it, says: pixels of the straightened half throughout.

    `back` leads to the upright picture, whose size is `width` × `height`; `quarters` set it upright.
    """

    lines: tuple[Line, ...]
    rulings: tuple[tuple[float, float, float, float], ...]
    back: Plane
    width: int
    height: int
    quarters: int


def _opened(data: bytes) -> Any:
    """The image, whatever its size, which is looked at before any of it is unpacked."""
    from PIL import Image

    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        return Image.open(io.BytesIO(data))
    finally:
        Image.MAX_IMAGE_PIXELS = most


def _on_paper(image: Any) -> Any:
    """The image in colour: what is transparent shows white paper, sixteen bits of grey become eight."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, dtype=np.float64)
        top = 65535.0 if values.max() > 255 else 255.0
        return Image.fromarray((values * (255 / top)).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _points(size: tuple[int, int], dots: float) -> float:
    """How many points a pixel is: by the file's resolution, else as on a sheet of A4."""
    return 72 / dots if 50 <= dots <= 2400 else _LONG_SIDE / max(size)


def read_picture(picture: Picture) -> list[Half]:
    """What a picture says, upright and straight, half by half where two pages lie side by side."""
    plain = grey(picture)
    quarters = _quarters(plain)
    plain = turned(plain, quarters)
    height, width = plain.shape
    plain, flat, frame = rectified(plain)
    middle = gutter(plain)
    sides = [(0, plain.shape[1])] if middle is None else [(0, middle), (middle, plain.shape[1])]
    out: list[Half] = []
    for left, right in sides:
        own = np.ascontiguousarray(plain[:, left:right])
        straight, back = straightened(own, lean(own))
        rules = [rule for rule in rulings(straight) if frame is None or not _around(rule, frame)]
        bare = erased(straight, rules)
        lines = read_lines(bare, rules)
        lines += leftovers(bare, rules, lines)
        lines = [_rounded(line) for line in measured(bare, second_readings(straight, lines))]
        there = flat @ np.array([[1, 0, left], [0, 1, 0], [0, 0, 1]]) @ np.vstack([back, [0, 0, 1]])
        found = tuple((r.x0, r.y0, r.x1, r.y1) for r in rules)
        out.append(Half(tuple(lines), found, tuple(map(float, there.ravel())), width, height, quarters))
    return out


def _around(rule: Ruling, frame: Box) -> bool:
    """Whether a ruling is the sheet's edge: it runs outside the table's frame, past both its ends."""
    x0, y0, x1, y1 = frame
    if rule.vertical:
        return not x0 - _BESIDE < rule.x0 < x1 + _BESIDE and rule.y0 < y0 - _BESIDE and rule.y1 > y1 + _BESIDE
    return not y0 - _BESIDE < rule.y0 < y1 + _BESIDE and rule.x0 < x0 - _BESIDE and rule.x1 > x1 + _BESIDE


def _rounded(line: Line) -> Line:
    """The line with its box as it is kept, so that a reading is the same whether it was kept or not."""
    a, b, c, d = (round(value, 1) for value in line.box)
    return replace(line, box=(a, b, c, d))


def _quarters(plain: Picture) -> int:
    """By how many quarter turns the page has to be turned to stand upright: a vote of its longest lines."""
    lines = _voters(plain)
    down = sum(_high(line) > _wide(line) for line in lines)
    quarters = 1 if down > len(lines) / 2 else 0
    strips = [
        turned(line.cut(plain), quarters) for line in lines if (_high(line) > _wide(line)) == bool(quarters)
    ]
    return quarters + 2 if ocr.upside_down(strips) > 0.5 else quarters


def _wide(line: Line) -> float:
    return line.box[2] - line.box[0]


def _high(line: Line) -> float:
    return line.box[3] - line.box[1]


def _voters(plain: Picture) -> list[Line]:
    """The longest lines of the page, which tell best which way is up."""
    import cv2

    scale = min(1.0, 1000 / max(plain.shape))
    small = cv2.resize(plain, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    boxes = ocr.strips(cv2.cvtColor(without_lines(small), cv2.COLOR_GRAY2RGB))
    places = ((*box.min(axis=0).tolist(), *box.max(axis=0).tolist()) for box in boxes)
    lines = [Line("", 0.0, (a / scale, b / scale, c / scale, d / scale)) for a, b, c, d in places]
    long = [line for line in lines if max(_wide(line), _high(line)) > 3 * min(_wide(line), _high(line))]
    return sorted(long, key=lambda line: -max(_wide(line), _high(line)))[:_VOTERS]


def _printed(half: Half, number: int, points: float) -> PrintedPage:
    def scaled(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        return box[0] * points, box[1] * points, box[2] * points, box[3] * points

    marks = tuple(
        Mark(
            line.text,
            scaled(line.box),
            scaled(line.box)[3],
            scaled(line.box)[0],
            line.confidence,
            line.flaws,
        )
        for line in unsure_where_poor(half.lines)
    )
    a, b, c, d, e, f, g, h, i = half.back
    return PrintedPage(
        number,
        half.width * points,
        half.height * points,
        marks,
        tuple(Ruling(*scaled(box)) for box in half.rulings),
        "ocr",
        half.quarters * 90 % 360,
        (a, b, c * points, d, e, f * points, g / points, h / points, i),
    )
