"""Scores of a review draft: several, side by side, never one average of them.

What is counted is deterministic; a judge's opinion, where one is asked for, stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.fuzz import partial_ratio

from extractor.document import Document
from extractor.evaluation.values import blank
from extractor.folding import squeezed
from extractor.report import Report
from extractor.review import Proof, Review, Sentence
from extractor.verification import Fault, faults_of
from extractor.wording import figures, plain

_COVERED = 70.0


@dataclass(frozen=True)
class SentenceScore:
    """One sentence and what is wrong with it."""

    sentence: Sentence
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class SummaryScores:
    """The scores of a draft.

    Of `sentences` (those that need a proof) `supported` hold in full. Of `citations`, `resolved` lead to a
    place or a check that says what it is cited for. Of `figures` told, `figures_found` stand in the document
    or in a computed check. Of the gold's `points`, `covered` are told; `missed` are the others. `faults`
    counts the faults by kind: negations and figures that differ from what is cited contradict it.
    """

    sentences: int
    supported: int
    citations: int
    resolved: int
    figures: int
    figures_found: int
    names_unfounded: int
    points: int
    covered: int
    missed: tuple[str, ...]
    contradicted: int
    left_out: int
    faults: Mapping[str, int]
    each: tuple[SentenceScore, ...]


def scored(review: Review, document: Document, report: Report, gold: Mapping[str, Any]) -> SummaryScores:
    """A draft against the document that it reviews, the report it was drawn from, and the gold's points."""
    names = names_of(report)
    own = [one for one in review.sentences if one.side != "fixed"]
    each = [SentenceScore(one, tuple(faults_of(one, review.cited(one), names))) for one in own]
    told = [figure for one in own for figure in figures(one.text)]
    known = {number for number, _ in figures(document.text)} | {
        number for proof in review.proofs if proof.finding for number, _ in figures(proof.text)
    }
    points = points_of(gold)
    missed = tuple(point for point in points if not _told(point, own))
    kinds = Counter(fault.kind for one in each for fault in one.faults)
    return SummaryScores(
        sentences=len(own),
        supported=sum(not one.faults for one in each),
        citations=sum(len(one.proofs) for one in own),
        resolved=sum(_resolved(review, document, one) for one in own),
        figures=len(told),
        figures_found=sum(number in known for number, _ in told),
        names_unfounded=kinds["name"],
        points=len(points),
        covered=len(points) - len(missed),
        missed=missed,
        contradicted=sum(
            any(f.kind in ("negation", "figure", "year", "name") for f in one.faults) for one in each
        ),
        left_out=review.left_out,
        faults=dict(kinds.most_common()),
        each=tuple(each),
    )


def names_of(report: Report) -> list[str]:
    """The names that a report knows: its department, tasks, indicators and projects."""
    indicators = [*report.indicators, *(one for task in report.tasks for one in task.indicators)]
    tasks, projects = [one.name for one in report.tasks], [one.name for one in report.projects]
    held = [report.department, *tasks, *(one.name for one in indicators), *projects]
    return [one for one in held if one]


def points_of(gold: Mapping[str, Any]) -> list[str]:
    """What a draft should tell of: each problem and each measure of the gold."""
    held = [one for name in ("problems", "measures") for one in gold.get(name) or ()]
    return [str(one["text"]) for one in held if not blank(one.get("text"))]


def _told(point: str, sentences: Sequence[Sentence]) -> bool:
    """Whether some sentence tells a point, or the greater part of it."""
    wanted = plain(point)
    return any(partial_ratio(wanted, plain(one.text), score_cutoff=_COVERED) >= _COVERED for one in sentences)


def _resolved(review: Review, document: Document, sentence: Sentence) -> int:
    return sum(_holds(proof, document) for proof in review.cited(sentence))


def _holds(proof: Proof, document: Document) -> bool:
    """Whether a proof is what it says: a check, or words that stand at its places."""
    if proof.finding is not None:
        return True
    inside = all(0 <= start < end <= len(document.text) for start, end in proof.spans)
    raw = squeezed("".join(document.text[start:end] for start, end in proof.spans))
    return bool(proof.spans) and inside and raw in squeezed(proof.text)


def rows(found: SummaryScores) -> list[tuple[str, str]]:
    """The scores to print: name and value."""
    return [
        ("sentences that hold", f"{found.supported} of {found.sentences}"),
        ("citations that resolve", f"{found.resolved} of {found.citations}"),
        ("figures in the source or a check", f"{found.figures_found} of {found.figures}"),
        ("names without a source", str(found.names_unfounded)),
        ("sentences that contradict their source", str(found.contradicted)),
        ("points of the gold told", f"{found.covered} of {found.points}"),
        ("sentences left out by the writer", str(found.left_out)),
        ("faults by kind", ", ".join(f"{kind} {n}" for kind, n in found.faults.items()) or "none"),
    ]
