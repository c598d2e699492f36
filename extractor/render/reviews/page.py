"""A draft as one page: each citation leads to its evidence and from there to its place in the source."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from extractor.document import Document
from extractor.masking import masked
from extractor.render.reviews.outline import EMPTY, evidence, heading, left_out, sections
from extractor.review import Review

if TYPE_CHECKING:
    from jinja2 import Template

# bidirectional controls would show text in an order in which it does not stand
_TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "◦")


class Piece(NamedTuple):
    """A stretch of the source, the proofs that rest on it, and those that begin with it."""

    text: str
    cited: bool
    begins: tuple[int, ...]


def page(review: Review, text: str) -> str:
    """The page's HTML; `text` is the document's, its private strings blacked out: drafts are passed on."""
    text = masked(Document("", text)).text
    notes = list(evidence(review, text))
    style = _asset("review.css")
    return _template().render(
        title=heading(review),
        review=review,
        sections=sections(review),
        notes=notes,
        empty=EMPTY,
        left_out=left_out(review),
        pieces=pieces(text, {one.number: one.proof.spans for one in notes}),
        style=style,
        style_hash="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def pieces(text: str, places: dict[int, tuple[tuple[int, int], ...]]) -> list[Piece]:
    """The whole source, cut wherever a proof begins or ends."""
    begins: dict[int, list[int]] = {}
    covered: list[tuple[int, int]] = []
    for number, spans in places.items():
        if spans:
            begins.setdefault(spans[0][0], []).append(number)
            covered += spans
    cuts = sorted({0, len(text), *begins, *(edge for span in covered for edge in span)})
    merged = _merged(covered)
    out = []
    for start, end in pairwise(cut for cut in cuts if 0 <= cut <= len(text)):
        words = text[start:end].replace("\r\n", "\n").replace("\r", "\n").translate(_TURNING)
        cited = any(a <= start and end <= b for a, b in merged)
        out.append(Piece(words, cited, tuple(begins.get(start, ()))))
    return out


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("review.html.j2"))
