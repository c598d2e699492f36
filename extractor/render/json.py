"""An extraction as JSON: keys in a fixed order, figures with the digits as printed."""

from __future__ import annotations

from typing import Any

import simplejson

from extractor.report import Report
from extractor.result import SCHEMA, Disagreement, Evidence, Extraction


def dumps(extraction: Extraction) -> str:
    """The result file's text, as the guide to outputs fixes it."""
    return simplejson.dumps(as_dict(extraction), use_decimal=True, ensure_ascii=False, indent=2) + "\n"


def as_dict(extraction: Extraction) -> dict[str, Any]:
    """The result in plain values; figures are `Decimal`."""
    document = extraction.document
    return {
        "schema": SCHEMA,
        "document": {
            "name": document.name,
            "sha256": document.sha256,
            "media_type": document.media_type,
            "chars": len(document.text),
            "pages": len(document.layout.pages) or None if document.layout else None,
            "text": document.text,
        },
        "report": extraction.report.model_dump(),
        "evidence": {pointer: [_evidence(e) for e in own] for pointer, own in extraction.evidence.items()},
        "ungrounded": list(extraction.ungrounded),
        "conflicts": [_conflict(conflict) for conflict in extraction.conflicts],
        "doubtful": [{"pointer": one.pointer, "reasons": list(one.reasons)} for one in extraction.doubtful],
        "findings": list(extraction.findings),
        "coverage": extraction.coverage,
        "run": extraction.run,
    }


def loads(text: str) -> dict[str, Any]:
    """A result file's content; figures are `Decimal`, `report` is a `Report`."""
    data: dict[str, Any] = simplejson.loads(text, use_decimal=True)
    return {**data, "report": Report.model_validate(data["report"])}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "start": evidence.start,
        "end": evidence.end,
        "page": evidence.page,
        "bbox": evidence.bbox,
        "match": evidence.match,
        "confidence": evidence.confidence,
    }


def _conflict(conflict: Disagreement) -> dict[str, Any]:
    candidates = [
        {"value": c.value, "from": c.origin, "evidence": [_evidence(e) for e in c.evidence]}
        for c in conflict.candidates
    ]
    return {"pointer": conflict.pointer, "candidates": candidates, "chosen": conflict.chosen}
