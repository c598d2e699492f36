"""Values taken from a document at known places, and their disguises."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from extractor.document import Document
from extractor.folding import GLYPHS, WIDTHS, squeezed
from extractor.matching import Kind

FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
CLAUSE = re.compile(r"[\u3400-\u9fffA-Za-z0-9“”（）()《》、\-—%.]{4,60}")
IDEOGRAPHS = "水山河天地人民工农商学文体教医交路桥田林城镇街区县市"
SENSE = set("未不无没非否零一二三四五六七八九十百千万亿两")


@dataclass(frozen=True)
class Taken:
    """A value as it is asked for, and the raw place that it was taken from."""

    value: str
    kind: Kind
    start: int
    end: int


def folders() -> list[Path]:
    """The documents to measure on: the real corpus where it is beside the project, and the samples."""
    here = Path(__file__).resolve().parent.parent
    found = [here.parent / "shared" / "corpus", here / "samples", here / "evals" / "datasets" / "unseen"]
    return [folder for folder in found if folder.is_dir()]


def text_of(folder: Path, times: int, seed: int) -> str:
    """All texts of a folder, `times` over; from the second copy on every figure is drawn anew."""
    rng = random.Random(seed)
    base = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.txt")))
    copies = [base]
    for _ in range(times - 1):
        copies.append(re.sub(r"\d", lambda _: str(rng.randrange(10)), base))
    return "\n".join(copies)


def taken(document: Document, most: int, seed: int) -> list[Taken]:
    """Figures and clauses of a document with their places, in reading order, at most `most`."""
    text = document.text
    found: list[Taken] = []
    for line in document.lines:
        for match in CLAUSE.finditer(text, line.start, line.end):
            if len(squeezed(match[0])) >= 4 and not FIGURE.fullmatch(match[0]):
                found.append(Taken(match[0], "text", match.start(), match.end()))
        for match in FIGURE.finditer(text, line.start, line.end):
            if sum(c.isdigit() for c in match[0]) >= 2:
                found.append(Taken(match[0], "figure", match.start(), match.end()))
    found = [value for value in found if not (_cuts_figure(text, value) or _on_page(document, value))]
    found.sort(key=lambda value: (value.start, -value.end))
    if len(found) <= most:
        return found
    rng = random.Random(seed)
    # neighbours stay together, as the values of one section do
    width = 50
    starts = sorted(rng.sample(range(0, len(found) - width, width), most // width))
    return [value for start in starts for value in found[start : start + width]]


def _cuts_figure(text: str, value: Taken) -> bool:
    """Whether a figure goes on beyond the value, over a mark that nobody sees or a line's end too."""
    before = text[max(0, value.start - 8) : value.start].translate(GLYPHS)[-2:]
    after = text[value.end : value.end + 8].translate(GLYPHS)[:2]
    first, last = value.value[0], value.value.rstrip("%")[-1]
    return bool(
        (first.isdigit() and re.search(r"\d[.,]?$", before))
        or (last.isdigit() and re.match(r"[.,]?\d", after))
    )


def _on_page(document: Document, value: Taken) -> bool:
    """Whether the value is part of a page mark or of a page's header."""
    return any(mark.start <= value.start < mark.end for mark in document.furniture)


def spaced(values: Sequence[Taken], seed: int) -> Iterator[Taken]:
    """White space and line ends put in and taken out."""
    rng = random.Random(seed)
    for value in values:
        bare = re.sub(r"\s", "", value.value)
        cuts = (
            sorted(rng.sample(range(1, len(bare)), min(len(bare) - 1, 1 + len(bare) // 12)))
            if value.kind == "text"
            else []
        )
        out = bare
        for cut in reversed(cuts):
            out = out[:cut] + rng.choice((" ", "\n", "\n\n", "\u3000")) + out[cut:]
        yield Taken(out if cuts else f" {bare} ", value.kind, value.start, value.end)


def widened(values: Sequence[Taken], seed: int) -> Iterator[Taken]:
    """Width and thousands commas changed."""
    for value in values:
        text = value.value
        if value.kind == "figure":
            whole, dot, rest = text.partition(".")
            digits = whole.replace(",", "")
            if digits.isdigit() and len(digits) > 3:
                whole = digits if "," in whole else f"{int(digits):,}" if digits[0] != "0" else digits
            text = whole + dot + rest
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c != "," else c for c in text)
        yield Taken(text, value.kind, value.start, value.end)


def misspelt(values: Sequence[Taken], seed: int) -> Iterator[Taken]:
    """One wrong character in each text that is long enough for one to be a small part of it."""
    rng = random.Random(seed)
    for value in values:
        bare = squeezed(value.value)
        places = [i for i, c in enumerate(bare) if c > "\u3400" and c not in SENSE]
        if value.kind == "text" and len(bare) >= 10 and places:
            i = rng.choice(places)
            wrong = rng.choice([c for c in IDEOGRAPHS if c != bare[i]])
            yield Taken(bare[:i] + wrong + bare[i + 1 :], "text", value.start, value.end)


def wrong_figures(values: Sequence[Taken], document: Document, seed: int, most: int) -> list[str]:
    """Figures with one wrong digit that stand nowhere in the document."""
    rng = random.Random(seed)
    text = document.text.translate(WIDTHS)
    present = {match[0].rstrip("%").replace(",", "") for match in FIGURE.finditer(text)}
    figures = [value.value for value in values if value.kind == "figure"]
    out: list[str] = []
    for _ in range(most * 20):
        text = rng.choice(figures)
        i = rng.choice([i for i, c in enumerate(text) if c.isdigit()])
        wrong = text[:i] + rng.choice([d for d in "0123456789" if d != text[i]]) + text[i + 1 :]
        if squeezed(wrong).rstrip("%").replace(",", "") not in present:
            out.append(wrong)
        if len(out) == most:
            break
    return out
