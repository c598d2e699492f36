"""The use case: a document into a report with evidence for every value."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

from extractor.checks.case import Thresholds, case_of
from extractor.checks.registry import findings
from extractor.chunking import chunks
from extractor.document import Document, Span
from extractor.drafts import Found, leaves, values
from extractor.engines.base import AsyncEngine, Engine, Reading
from extractor.folding import squeezed
from extractor.matching import Kind, match_of, narrowed
from extractor.merging import Conflict
from extractor.quantities import money, number
from extractor.report import TOTAL, FundingLine, Indicator, Project, Report, SelfEvaluation, Task
from extractor.result import Candidate, Disagreement, Doubt, Evidence, Extraction, MatchType
from extractor.suspicion import suspects
from extractor.version import VERSION

_MODELS = (Report, FundingLine, Task, Indicator, Project, SelfEvaluation)
_FIGURES = frozenset(
    name
    for model in _MODELS
    for name, field in model.model_fields.items()
    if {Decimal, int} & set(get_args(field.annotation))
)
_WORSE = ("empty", "done", "skipped", "failed")
_NAMES = frozenset({"department", "money_unit", "grade", "source"})


def extract(document: Document, engine: Engine) -> Extraction:
    """The report of one document; raises `NotSelfEvaluation` where it is none."""
    began = time.perf_counter()
    return _finished(document, engine.read(document), engine.name, began)


async def extract_with(document: Document, engine: AsyncEngine) -> Extraction:
    """The report of one document, read by an engine that waits for others; raises as `extract` does."""
    began = time.perf_counter()
    return _finished(document, await engine.read(document), engine.name, began)


def _finished(document: Document, reading: Reading, engine: str, began: float) -> Extraction:
    evidence: dict[str, tuple[Evidence, ...]] = {}
    ungrounded: list[str] = []
    for pointer, found in leaves(reading.draft):
        proof = grounded(document, pointer, found)
        if proof:
            evidence[pointer] = proof
        elif not (pointer.endswith("/source") and found.value == TOTAL):
            ungrounded.append(pointer)
    read = Extraction(
        document=document,
        report=Report.model_validate(values(reading.draft)),
        evidence=evidence,
        ungrounded=tuple(ungrounded),
        conflicts=tuple(_disagreement(document, conflict) for conflict in reading.conflicts),
        coverage=_coverage(document, reading),
        run=_run(reading, engine, began),
    )
    return doubted(with_findings(read))


def doubted(extraction: Extraction) -> Extraction:
    """The extraction with the values whose figures a person should look at in the picture."""
    layout = extraction.document.layout
    if layout is None or not any(run.confidence is not None for run in layout.runs):
        return extraction
    amiss = suspects(extraction)
    doubts: list[Doubt] = []
    for pointer, own in extraction.evidence.items():
        figures = any(c.isdigit() for place in own for c in extraction.document.text[place.start : place.end])
        reasons = (
            set().union(*(layout.flaws_in(place.start, place.end) for place in own)) if figures else set()
        )
        if pointer in amiss:
            reasons.add("arithmetic")
        if reasons:
            doubts.append(Doubt(pointer, tuple(sorted(reasons))))
    return replace(extraction, doubtful=tuple(doubts))


def with_findings(extraction: Extraction, thresholds: Thresholds | None = None) -> Extraction:
    """The extraction with what the checks find in it."""
    found = findings(case_of(extraction, thresholds))
    return replace(extraction, findings=tuple(one.as_dict() for one in found))


def _run(reading: Reading, engine: str, began: float) -> dict[str, Any]:
    """What the reading took; `calls` leads from a call to the pointers whose values it gave."""
    calls: dict[str, list[str]] = {}
    for pointer, key in reading.calls.items():
        calls.setdefault(key, []).append(pointer)
    taken = {"model": None, "prompts": {}, "usage": {}, "cost": None, **reading.run}
    seconds = round(time.perf_counter() - began, 3)
    return {"engine": engine, **taken, "calls": calls, "seconds": seconds, "version": VERSION}


def kind_of(pointer: str) -> Kind:
    """What sort of value a pointer names; an indicator's `actual` is a text, a budget's a figure."""
    name = pointer.rsplit("/", 1)[-1]
    if name == "actual" and "/indicators/" in pointer:
        return "text"
    if name in _FIGURES:
        return "figure"
    return "name" if name in _NAMES else "text"


def grounded(document: Document, pointer: str, found: Found) -> tuple[Evidence, ...]:
    """The evidence of a value; empty where what stands at its spans is not the value."""
    if not found.spans:
        return ()
    kind, spans = kind_of(pointer), found.spans
    if kind == "figure":
        return _evidence(document, spans, _figure_match(document, found.value, spans))
    if pointer.endswith("/level"):
        return _evidence(document, spans, _level_match(document, str(found.value), spans))
    match = match_of(document, str(found.value), spans, kind)
    if match in ("exact", "normalized"):
        return _evidence(document, spans, match)
    inner = narrowed(document, str(found.value), spans)
    return _evidence(document, inner, "normalized") if inner else _evidence(document, spans, match)


def _evidence(document: Document, spans: Sequence[Span], match: MatchType | None) -> tuple[Evidence, ...]:
    """The places of a match: where the document has pages, one for each line that a span stands on."""
    if match is None:
        return ()
    return tuple(one for span in spans for one in _places(document, span, match))


def _places(document: Document, span: Span, match: MatchType) -> Iterator[Evidence]:
    layout = document.layout
    places = list(layout.places(document.text, span.start, span.end)) if layout else []
    if not places:
        yield Evidence(span.start, span.end, match)
    for place in places:
        yield Evidence(place.start, place.end, match, place.page, place.box, place.confidence)


def _figure_match(document: Document, value: object, spans: Sequence[Span]) -> MatchType | None:
    """A figure stands as printed; a converted amount stands as a figure and its unit."""
    raw = document.text[spans[0].start : spans[0].end]
    wanted = Decimal(str(value))
    if number(raw) == wanted and len(spans) == 1:
        return "exact" if raw == str(value) else "normalized"
    whole = "".join(document.text[span.start : span.end] for span in spans)
    if number(whole) == wanted:
        return "normalized"
    amount = money(whole)
    if amount is None or amount.currency != "元":
        return None
    return (
        "normalized"
        if any(amount.converted(unit).amount == wanted for unit in ("元", "万元", "亿元"))
        else None
    )


def _level_match(document: Document, value: str, spans: Sequence[Span]) -> MatchType | None:
    """A class path matches where each of its parts stands in the spans, in order."""
    raw = squeezed("".join(document.text[span.start : span.end] for span in spans))
    position = 0
    for part in value.split("/"):
        position = raw.find(squeezed(part), position)
        if position < 0:
            return None
    return "normalized"


def _disagreement(document: Document, conflict: Conflict) -> Disagreement:
    candidates = tuple(
        Candidate(found.value, origin, grounded(document, conflict.pointer, found))
        if found is not None
        else Candidate(None, origin, ())
        for origin, found in conflict.candidates
    )
    return Disagreement(conflict.pointer, candidates, conflict.chosen)


def _coverage(document: Document, reading: Reading) -> dict[str, Any]:
    """Every chunk with the status of what was asked of it: `failed` where a part could not be read."""
    entries = []
    complete = True
    for chunk in chunks(document):
        span = Span(chunk.start, chunk.end)
        tasks = dict(_statuses(span, reading))
        complete = complete and all(one["status"] in ("done", "empty") for one in tasks.values())
        entries.append({"id": chunk.id, "start": chunk.start, "end": chunk.end, "tasks": tasks})
    for page in document.layout.pages if document.layout else ():
        if page.unread:
            task = {"status": "failed", "error": f"page {page.number}: {page.unread}"}
            entries.append({"id": f"page-{page.number}", "start": 0, "end": 0, "tasks": {"reading": task}})
            complete = False
    return {"complete": complete, "chunks": entries}


def _statuses(chunk: Span, reading: Reading) -> Iterator[tuple[str, dict[str, str | None]]]:
    """The worst status of each task on a chunk, with its error."""
    errors = [one.reason for one in reading.lost if _meet(one.span, chunk)]
    if not reading.asked:
        yield "report", {"status": "failed" if errors else "done", "error": errors[0] if errors else None}
        return
    for task in dict.fromkeys(one.task for one in reading.asked):
        own = [one for one in reading.asked if one.task == task and any(_meet(s, chunk) for s in one.spans)]
        lost = [reason for reason in errors if reason.startswith(f"{task}:")]
        if own:
            worst = max(own, key=lambda one: _WORSE.index(one.status))
            status, error = worst.status, worst.error
            if lost and status in ("done", "empty"):
                status, error = "failed", lost[0]
            yield task, {"status": status, "error": error}


def _meet(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end
