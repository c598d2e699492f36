"""Reads the spending self-evaluations of Chinese local governments into grounded reports.

from extractor import extract_bytes
extraction = extract_bytes(Path("自评表.pdf").read_bytes(), "自评表.pdf")
extraction.report.budget[0].actual, extraction.evidence["/budget/0/actual"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractor.errors import (
    ExtractorError,
    IncompleteRun,
    InputError,
    NoEndpoint,
    NotSelfEvaluation,
    UnreadableInput,
    UnwritableOutput,
)
from extractor.version import VERSION

if TYPE_CHECKING:
    from extractor.result import Extraction

__all__ = [
    "ExtractorError",
    "IncompleteRun",
    "InputError",
    "NoEndpoint",
    "NotSelfEvaluation",
    "UnreadableInput",
    "UnwritableOutput",
    "__version__",
    "extract_bytes",
    "extract_text",
]


__version__ = VERSION


def extract_text(text: str, name: str = "text") -> Extraction:
    """The extraction of a text by the rules engine; raises `ExtractorError`."""
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise UnreadableInput(f"{name}: holds half of a surrogate pair") from error
    return extract_bytes(data, name)


def extract_bytes(data: bytes, name: str = "bytes") -> Extraction:
    """The extraction of any file's bytes by the rules engine, by what they are; raises `ExtractorError`."""
    from extractor.engines.rules.engine import RulesEngine
    from extractor.extraction import extract
    from extractor.ingest.reading import document

    return extract(document(data, name), RulesEngine())
