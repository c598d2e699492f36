"""`extractor summarize`: results into review drafts, or a digest of many."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extractor.checking import rechecked
from extractor.checks.case import Case
from extractor.cli.check import read_result, thresholds
from extractor.cli.outputs import write
from extractor.cli.settings import Settings, settings
from extractor.errors import InputError
from extractor.extraction import grounded
from extractor.review import Review
from extractor.reviewing.composing import Material, composed
from extractor.reviewing.verdicts import Rule

FORMATS = ("md", "html", "docx", "json")


@dataclass(frozen=True)
class Order:
    """What `summarize` was asked for."""

    results: tuple[Path, ...]
    output: Path | None
    engine: str
    digest: bool
    flags: Mapping[str, Any] = field(default_factory=dict)
    wishes: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None


def run(order: Order) -> None:
    """Write the draft of one result, a draft of each into a folder, or a digest of all."""
    given = settings(order.flags, order.config)
    if order.digest:
        from extractor.cli.digest import run as digest

        return digest(order.results, order.output, given)
    if len(order.results) == 1 and (order.output is None or order.output.suffix):
        return _one(order.results[0], order, given)
    if order.output is None or order.output.suffix:
        raise InputError("several results need a folder for their drafts: -o DIR")
    for path in order.results:
        review, text = drafted(path, given)
        for kind in ("md", "html", "docx", "json"):
            write(order.output / f"{path.stem}.review.{kind}", rendered(review, text, kind))
        _told(path, review)
    return None


def _one(path: Path, order: Order, given: Settings) -> None:
    kind = order.output.suffix.lstrip(".").lower() if order.output else "md"
    if kind not in FORMATS:
        raise InputError(f"a draft is written as {', '.join(FORMATS)}, not {kind}")
    review, text = drafted(path, given)
    data = rendered(review, text, kind)
    if order.output is None:
        sys.stdout.buffer.write(data)
    else:
        write(order.output, data)
    _told(path, review)


def _told(path: Path, review: Review) -> None:
    total = len(review.sentences) + review.left_out
    print(f"{path}: {len(review.sentences)} of {total} sentences verified", file=sys.stderr)


def material(path: Path, given: Settings) -> Material:
    """What a draft of a result is written from; raises `InputError`."""
    found = rechecked(read_result(path), grounded, thresholds(given))
    document = found.result["document"]
    places = {
        at: tuple((one["start"], one["end"]) for one in own) for at, own in found.result["evidence"].items()
    }
    case = Case(
        found.result["report"], document["text"], places, thresholds(given), found.result["conflicts"]
    )
    return Material(case, found.findings, document["name"], document["sha256"], rule_of(given))


def rule_of(given: Settings) -> Rule:
    """The rule of the proposed conclusion: that of [review] in the settings, else the default."""
    names = ("return_errors", "revise_errors", "revise_warnings")
    own = {name: given.get(name) for name in names}
    return Rule(**{name: int(value) for name, value in own.items() if value is not None})


def drafted(path: Path, given: Settings) -> tuple[Review, str]:
    """The draft of a result without a model, and the document's text."""
    own = material(path, given)
    return composed(own), own.case.text


def rendered(review: Review, text: str, kind: str) -> bytes:
    """The draft's bytes in one of the formats."""
    if kind == "json":
        return (review.model_dump_json(indent=2) + "\n").encode()
    if kind == "md":
        from extractor.render.reviews.markdown import markdown

        return markdown(review, text).encode()
    if kind == "html":
        from extractor.render.reviews.page import page

        return page(review, text).encode()
    from extractor.render.reviews.word import document

    return document(review, text)
