"""Gold reports: what people labelled, read as strictly as any other input.

A file is `{"document", "sha256", "guide", "report", "evidence"?, "unlabelled"?}`: `evidence` leads from a
JSON Pointer into the report to the spans of the document's raw text, `unlabelled` lists the pointers of
fields that the labellers left open; those fields may be absent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import simplejson

from extractor.document import Document
from extractor.errors import InputError
from extractor.evaluation.tracing import only_places
from extractor.folding import squeezed

GUIDE = 1
ENDING = ".gold.json"
Spans = tuple[tuple[int, int], ...]
Read = Callable[[Path], Document]


@dataclass(frozen=True)
class Gold:
    """A labelled document: the gold report in plain values, figures as `Decimal`, and where values stand."""

    path: Path
    document: Document
    report: Mapping[str, Any]
    places: Mapping[str, Spans]

    @property
    def name(self) -> str:
        """The document's name without its ending."""
        return self.path.name.removesuffix(ENDING)

    @cached_property
    def known_places(self) -> Mapping[str, Spans]:
        """Where values stand: as labelled; where no place was, the one place that prints them."""
        return self.places or dict(only_places(self.document, self.report))

    @property
    def fingerprint(self) -> str:
        """A hash of the document and of everything that was labelled in it."""
        labels = simplejson.dumps([self.report, self.places], use_decimal=True, sort_keys=True)
        return hashlib.sha256(f"{self.document.sha256}\0{labels}".encode()).hexdigest()[:16]


def load(path: Path, read: Read) -> Gold:
    """A gold file with its document; raises `InputError` for one that could not be scored against."""
    data = parsed(path)
    for key in ("document", "sha256", "guide", "report"):
        if key not in data:
            raise InputError(f"{path}: a gold file has {key}")
    if type(data["guide"]) is not int or data["guide"] != GUIDE:
        raise InputError(f"{path}: labelled by guide {data['guide']}, scored by guide {GUIDE}")
    if not isinstance(data["document"], str) or Path(data["document"]).name != data["document"]:
        raise InputError(f"{path}: document is the name of a file beside it, not {data['document']!r}")
    document = read(path.with_name(data["document"]))
    if document.sha256 != data["sha256"]:
        raise InputError(
            f"{path}: {data['document']} is not the document that was labelled (its hash differs)"
        )
    if not isinstance(data["report"], dict):
        raise InputError(f"{path}: the report is no object")
    return Gold(path, document, data["report"], _places(path, data.get("evidence", {})))


def parsed(path: Path) -> dict[str, Any]:
    """The file's JSON, figures as `Decimal`; raises `InputError` for a broken file or a key told twice."""
    try:
        data = simplejson.loads(path.read_text("utf-8"), use_decimal=True, object_pairs_hook=_once)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: a gold file is an object")
    return data


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)} is told twice")
    return out


def _places(path: Path, evidence: Any) -> dict[str, Spans]:
    try:
        return {
            str(at): tuple((int(one["start"]), int(one["end"])) for one in own)
            for at, own in evidence.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: evidence leads from a pointer to a list of start and end") from error


def content_key(document: Document) -> str:
    """A hash of what a document says: the same for every encoding and spacing of it."""
    return hashlib.sha256(squeezed(document.text).encode("utf-8", "surrogatepass")).hexdigest()
