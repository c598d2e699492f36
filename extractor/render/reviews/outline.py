"""A draft as its readers see it: eight numbered sections, and the evidence with its lines."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from extractor.document import Document
from extractor.review import SECTIONS, Proof, Review, Sentence

TITLE = "部门整体支出绩效自评审核意见"
COUNTING = "一二三四五六七八九十"
EMPTY = "无。"


class Section(NamedTuple):
    """One section: its ordinal in Chinese, its title and its sentences."""

    ordinal: str
    title: str
    sentences: list[Sentence]


class Evidence(NamedTuple):
    """One cited proof: its number, what it says, the line of the source, 0 where it stands nowhere."""

    number: int
    text: str
    line: int
    proof: Proof


def sections(review: Review) -> list[Section]:
    """All eight sections, those without a sentence too."""
    return [
        Section(COUNTING[i], title, [one for one in review.sentences if one.section == i])
        for i, title in enumerate(SECTIONS)
    ]


def evidence(review: Review, text: str) -> Iterator[Evidence]:
    """The proofs that some sentence cites, with the line at which each begins."""
    starts = [line.start for line in Document("", text).lines]
    cited = {number for one in review.sentences for number in one.proofs}
    for proof in review.proofs:
        if proof.number in cited:
            line = bisect_right(starts, proof.spans[0][0]) if proof.spans else 0
            yield Evidence(proof.number, proof.text, line, proof)


def left_out(review: Review) -> str | None:
    """What was left out, and what else must be known of the draft; None where there is nothing to say."""
    return "".join(filter(None, (_count_left_out(review), *review.remarks))) or None


def _count_left_out(review: Review) -> str | None:
    """How much could not be verified, if anything."""
    if not review.left_out:
        return None
    return f"另有{review.left_out}句未能核对到出处，已略去。"


def heading(review: Review) -> str:
    """The draft's title."""
    return f"{review.department}{TITLE}（草稿）" if review.department else f"{TITLE}（草稿）"
