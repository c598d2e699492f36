"""A draft as Markdown, its evidence as footnotes."""

from __future__ import annotations

from extractor.marks import COMMENT
from extractor.render.reviews.outline import EMPTY, evidence, heading, left_out, sections
from extractor.review import Review, Sentence

_MARKUP = "\\`*_[]<>~|#"


def markdown(review: Review, text: str) -> str:
    """The draft; `text` is the document's."""
    parts = [f"# {_safe(heading(review))}"]
    for section in sections(review):
        parts.append(f"## {section.ordinal}、{section.title}")
        parts += [_sentence(one) for one in section.sentences] or [EMPTY]
    if said := left_out(review):
        parts.append(said)
    notes = [
        f"[^{one.number}]: {f'第{one.line}行：' if one.line else ''}{_safe(' '.join(one.text.split()))}"
        for one in evidence(review, text)
    ]
    return "\n\n".join([*parts, "\n".join(notes), COMMENT]) + "\n"


def _sentence(one: Sentence) -> str:
    marks = "".join(f"[^{number}]" for number in one.proofs)
    return f"{_safe(' '.join(one.text.split()))}{marks}"


def _safe(text: str) -> str:
    """What a document says is never markup."""
    return "".join(f"\\{c}" if c in _MARKUP else c for c in text)
