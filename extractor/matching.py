"""Whether a value is what stands at a place: figures and names exactly after folding, texts nearly too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rapidfuzz.fuzz import ratio

from extractor.document import Document, Span
from extractor.folding import printed, squeezed
from extractor.result import MatchType

Kind = Literal["figure", "name", "text"]
LEAST_LIKENESS = 90.0
FIGURE_RUN = re.compile(r"\d+(?:,\d+)*(?:\.\d+)?")
_NEGATIONS = re.compile(r"[未不无没非否]")


def same_sense(a: str, b: str) -> bool:
    """Whether two squeezed texts hold the same figures, years and negations."""
    return FIGURE_RUN.findall(a) == FIGURE_RUN.findall(b) and _NEGATIONS.findall(a) == _NEGATIONS.findall(b)


def match_of(document: Document, value: str, spans: Sequence[Span], kind: Kind) -> MatchType | None:
    """How a value matches what stands at given spans, None if it does not."""
    raw = "".join(document.text[span.start : span.end] for span in spans)
    if raw == value:
        return "exact"
    found, wanted = squeezed(printed(raw)), squeezed(value)
    if kind == "figure":
        return "normalized" if signed(found) == signed(wanted) else None
    if found == wanted:
        return "normalized"
    if kind == "text" and ratio(found, wanted) >= LEAST_LIKENESS and same_sense(found, wanted):
        return "fuzzy"
    return None


def narrowed(document: Document, value: str, spans: Sequence[Span]) -> tuple[Span, ...] | None:
    """The part of the spans that is the value, where a number, a note or a title stands around or in it."""
    view = document.squeezed
    at = [i for span in spans for i in range(view.position(span.start), view.position(span.end))]
    text = "".join(view.text[i] for i in at)
    wanted = squeezed(value)
    start = text.find(wanted)
    if not wanted:
        return None
    if start >= 0:
        kept = at[start : start + len(wanted)]
    else:
        cut = _one_gap(wanted, text)
        if cut is None:
            return None
        kept = at[:cut] + at[len(at) - (len(wanted) - cut) :]
    return _runs(document, kept)


def _one_gap(value: str, text: str) -> int | None:
    """Where to cut the value so that the text is its two parts with something between."""
    if len(text) <= len(value):
        return None
    cut = next((i for i, (a, b) in enumerate(zip(value, text, strict=False)) if a != b), len(value))
    return cut if text.endswith(value[cut:]) and cut else None


def _runs(document: Document, positions: Sequence[int]) -> tuple[Span, ...]:
    starts = document.squeezed.starts
    out: list[Span] = []
    for i in positions:
        span = Span(starts[i], starts[i] + 1)
        if out and not document.text[out[-1].end : span.start].strip():
            span = Span(out.pop().start, span.end)
        out.append(span)
    return tuple(out)


def signed(value: str) -> tuple[str, str]:
    """Sign and digits of a squeezed figure: (1,171.31) → -, 1171.31."""
    plain = value.rstrip("%")
    negative = plain.startswith("-")
    if plain.startswith("(") and plain.endswith(")"):
        negative, plain = True, plain[1:-1]
    return "-" if negative else "", plain.lstrip("+-").rstrip("%").replace(",", "")
