"""Figures of a scan that do not fit the figures beside them.

Where a rate, a sum or a product fails, one of its figures was misread or the department erred; those that a
usual misreading would set right are the ones to look at, and all of a short computation where none would.
"""

from __future__ import annotations

from extractor.result import Extraction

_ARITHMETIC = frozenset({"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A9", "A10", "B7"})
_SHORT = 4


def suspects(extraction: Extraction) -> set[str]:
    """The pointers of figures whose arithmetic fails in a way that a misreading may explain."""
    out: set[str] = set()
    for finding in extraction.findings:
        if finding["id"] not in _ARITHMETIC or finding["grade"] == "I":
            continue
        pointers = [at for at in finding["pointers"] if at in extraction.evidence]
        if len(pointers) <= _SHORT:
            out.update(pointers)
        else:
            out.update(at for at in pointers if _unsure(extraction, at))
    return out


def _unsure(extraction: Extraction, pointer: str) -> bool:
    """Whether the reader itself was less sure of a value than of most."""
    marks = [one.confidence for one in extraction.evidence[pointer] if one.confidence is not None]
    return bool(marks) and min(marks) < 0.97
