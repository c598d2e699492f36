"""The use case: what does not add up in a report, and again after a person corrected it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from extractor.checks.case import MODEL, Case, Finding, Thresholds, finding_of
from extractor.checks.registry import findings
from extractor.document import Document, Span
from extractor.drafts import Found
from extractor.grounding import Index
from extractor.matching import Kind
from extractor.report import TOTAL, Report
from extractor.result import report_leaves

Grounded = Callable[[Document, str, Found], object]


@dataclass(frozen=True)
class Checked:
    """A result with its findings anew, and the pointers of values that a person corrected."""

    result: dict[str, Any]
    findings: tuple[Finding, ...]
    corrected: tuple[str, ...]


def rechecked(result: Mapping[str, Any], grounded: Grounded, thresholds: Thresholds | None = None) -> Checked:
    """The checks over a result's report as it stands; `result` is what `render.json.loads` gives.

    Values that no longer are what their evidence says were corrected by a person: they are placed anew, or
    listed as ungrounded, and named under `corrected`; such a value is no longer doubtful. What a person
    said of a finding is kept.
    `grounded(document, pointer, found)` is the extraction's own test of evidence.
    """
    report: Report = result["report"]
    document = Document(result["document"]["name"], result["document"]["text"])
    evidence, corrected = _evidence(result, report, document, grounded)
    places = {at: tuple((one["start"], one["end"]) for one in own) for at, own in evidence.items()}
    case = Case(report, document.text, places, thresholds or Thresholds(), result["conflicts"])
    known = [finding_of(one) for one in result["findings"]]
    own = tuple(_kept(one, _same(one, known)) for one in findings(case))
    found = (*own, *_by_model(known, case, corrected))
    leaves = [at for at, value in report_leaves(report) if not (at.endswith("/source") and value == TOTAL)]
    out = {
        **result,
        "evidence": evidence,
        "ungrounded": [at for at in leaves if at not in evidence],
        "findings": [one.as_dict() for one in found],
    }
    if corrected:
        out["corrected"] = sorted({*result.get("corrected", ()), *corrected})
        out["doubtful"] = [one for one in result.get("doubtful", ()) if one["pointer"] not in corrected]
    return Checked(out, found, tuple(corrected))


def _by_model(known: Iterable[Finding], case: Case, corrected: list[str]) -> Iterator[Finding]:
    """What a model found stays while the values that it points at are what they were."""
    held = {at for at, _ in report_leaves(case.report)}
    for one in known:
        if one.source == MODEL and set(one.pointers) <= held - set(corrected):
            yield one


def _same(found: Finding, known: Iterable[Finding]) -> Finding | None:
    """The finding as it was before: at the same places, or the only one about the same values."""
    alike = [one for one in known if (one.id, one.pointers) == (found.id, found.pointers)]
    exact = [one for one in alike if one.spans == found.spans]
    return exact[0] if exact else alike[0] if found.pointers and len(alike) == 1 else None


def _kept(found: Finding, before: Finding | None) -> Finding:
    """A finding with what a person said of it."""
    return found if before is None else replace(found, status=before.status, reason=before.reason)


def _evidence(
    result: Mapping[str, Any], report: Report, document: Document, grounded: Grounded
) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The evidence of every value as it stands, and the pointers of those that were corrected."""
    held, known = result["evidence"], set(result["ungrounded"])
    out: dict[str, list[dict[str, Any]]] = {}
    corrected: list[str] = []
    index: Index | None = None
    for at, value in report_leaves(report):
        own = held.get(at)
        spans = tuple(Span(one["start"], one["end"]) for one in own or ())
        if own and grounded(document, at, Found(value, spans)):
            out[at] = own
        elif own or at not in known:
            if at.endswith("/source") and value == TOTAL:
                continue
            corrected.append(at)
            index = index or Index(document)
            if placed := list(_placed(index, at, str(value))):
                out[at] = placed
    return out, corrected


def _placed(index: Index, at: str, value: str) -> Iterator[dict[str, Any]]:
    kind: Kind = "figure" if value.replace(".", "").lstrip("-").isdigit() else "text"
    found = index.place(value, kind)
    for span in found.spans if found else ():
        yield {
            "start": span.start,
            "end": span.end,
            "page": None,
            "bbox": None,
            "match": found.match if found else "normalized",
            "confidence": None,
        }
