"""Makes PDFs of web pages by a headless browser, and scans of PDFs: leaning, blurred, noisy, stamped, faxed.

A stamp is ink over ink: it multiplies, so that print below it stays dark, as on paper.
"""

from __future__ import annotations

import io
import math
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
_RED = (205, 40, 45)


@dataclass(frozen=True)
class Level:
    """How a page is scanned: dots per inch, lean in degrees, blur in pixels, noise, stamps, one bit."""

    dots: int
    lean: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    stamps: int = 0
    fax: bool = False
    quality: int = 80


LEVELS = {
    "150": Level(150, lean=0.5, blur=0.5, noise=6),
    "200": Level(200, lean=0.7, blur=0.6, noise=6),
    "200-stamped": Level(200, lean=1.6, blur=0.6, noise=6, stamps=2),
    "300": Level(300, lean=-1.2, blur=0.8, noise=8),
    "fax": Level(200, lean=0.4, blur=0.7, noise=10, fax=True),
}
# worse than what is asked for: where figures do go wrong, and it can be measured whether that is said
POOR = {
    "110-noisy": Level(110, lean=0.8, blur=0.9, noise=14, quality=50),
    "150-fax": Level(150, lean=-0.6, blur=0.9, noise=25, fax=True),
}


def printed(pages: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """Each web page as a PDF, as a headless browser prints it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        tab = browser.new_page()
        for path in pages:
            tab.goto(path.resolve().as_uri())
            yield path, tab.pdf(prefer_css_page_size=True, print_background=True)
        browser.close()


def pictures(pdf: bytes, dots: int) -> list[Image.Image]:
    """The pages of a PDF as pictures."""
    import pypdfium2

    return [page.render(scale=dots / 72).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(pdf)]


def scanned(pdf: bytes, level: Level, seed: str) -> bytes:
    """A scan of a PDF: a PDF of pictures, a TIFF of several pages for a fax."""
    rng = random.Random(seed)
    return bound([worn(page, level, rng) for page in pictures(pdf, level.dots)], level)


def worn(page: Image.Image, level: Level, rng: random.Random) -> Image.Image:
    """One page as a scanner gives it back."""
    for _ in range(level.stamps):
        page = stamped(page, rng)
    if level.lean:
        page = page.rotate(-level.lean, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    if level.blur:
        page = page.filter(ImageFilter.GaussianBlur(level.blur))
    if level.noise:
        grain = np.random.default_rng(rng.randrange(10**6)).normal(0, level.noise, (*page.size[::-1], 3))
        page = Image.fromarray(np.clip(np.asarray(page, np.float32) + grain, 0, 255).astype(np.uint8))
    return page.convert("L").point(lambda v: 255 * (v > 150), mode="1") if level.fax else page


def bound(pages: Sequence[Image.Image], level: Level) -> bytes:
    """Pictures as one file."""
    out = io.BytesIO()
    first, rest = pages[0], list(pages[1:])
    if level.fax:
        dots = (level.dots, level.dots)
        first.save(out, "TIFF", save_all=True, append_images=rest, compression="group4", dpi=dots)
    else:
        first.save(
            out, "PDF", save_all=True, append_images=rest, resolution=level.dots, quality=level.quality
        )
    return out.getvalue()


def stamped(page: Image.Image, rng: random.Random) -> Image.Image:
    """The page with a round stamp somewhere: a ring, a star, a name round it."""
    size = int(page.width * 0.2)
    seal = Image.new("RGB", (size, size), (255, 255, 255))
    draw = ImageDraw.Draw(seal)
    draw.ellipse([2, 2, size - 3, size - 3], outline=_RED, width=max(2, size // 40))
    points = [
        (
            size / 2 + size * (0.16 if i % 2 == 0 else 0.065) * math.sin(i * math.pi / 5),
            size / 2 - size * (0.16 if i % 2 == 0 else 0.065) * math.cos(i * math.pi / 5),
        )
        for i in range(10)
    ]
    draw.polygon(points, fill=_RED)
    _lettered(seal, "某某县某某局某某股", size)
    seal = seal.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    left = int(page.width * rng.uniform(0.1, 0.7))
    top = int(page.height * rng.uniform(0.1, 0.75))
    area = (left, top, left + size, top + size)
    below = np.asarray(page.crop(area), np.float32)
    ink = np.asarray(seal, np.float32) / 255
    ink = 1 - (1 - ink) * rng.uniform(0.6, 0.95)
    out = page.copy()
    out.paste(Image.fromarray((below * ink).astype(np.uint8)), area)
    return out


def _lettered(seal: Image.Image, name: str, size: int) -> None:
    """A name along the ring of a stamp; only strokes where no font is installed."""
    path = next((path for path in FONTS if path.exists()), None)
    font: Any = ImageFont.truetype(str(path), size // 9) if path else None
    for i, letter in enumerate(name):
        angle = -120 + 240 * i / (len(name) - 1)
        tile = Image.new("RGB", (size // 7, size // 7), (255, 255, 255))
        draw = ImageDraw.Draw(tile)
        if font:
            draw.text((size // 63, 0), letter, fill=_RED, font=font)
        else:
            draw.line([2, 2, size // 9, size // 9], fill=_RED, width=3)
        tile = tile.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
        x = size / 2 + size * 0.38 * math.sin(math.radians(angle)) - size / 14
        y = size / 2 - size * 0.38 * math.cos(math.radians(angle)) - size / 14
        seal.paste(tile, (int(x), int(y)))
