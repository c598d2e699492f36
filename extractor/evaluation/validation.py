"""What is wrong with a gold file: its shape, and every value against the document that it was taken from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from extractor.document import Document, Span
from extractor.drafts import Found
from extractor.errors import InputError
from extractor.evaluation.gold import Gold, Read, Spans, load, parsed
from extractor.evaluation.tracing import Tracer, power_of, printed_unit
from extractor.extraction import grounded
from extractor.quantities import number
from extractor.report import TOTAL, Report
from extractor.result import report_leaves

_KEYS = ("document", "sha256", "guide", "report", "evidence", "unlabelled")
_RATES = ("rate", "weight", "score")


def faults(path: Path, read: Read) -> list[str]:
    """Everything wrong with a gold file, a line each; empty for a good one."""
    try:
        data = parsed(path)
        gold = load(path, read)
    except InputError as error:
        return [str(error).removeprefix(f"{path}: ")]
    open_fields = data.get("unlabelled", [])
    found = [f"{key} is no key of a gold file" for key in data if key not in _KEYS]
    if not isinstance(open_fields, list) or not all(isinstance(one, str) for one in open_fields):
        return [*found, "unlabelled is a list of pointers"]
    absent = dict(_absent(Report, gold.report, ""))
    found += [words for at, words in absent.items() if at not in open_fields]
    found += [
        f"unlabelled names {at}, which is no field that was left out"
        for at in open_fields
        if at not in absent
    ]
    try:
        report = Report.model_validate(_filled(Report, gold.report), strict=False)
    except ValidationError as error:
        return found + [
            f"/{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)
        ]
    links = _links(report) if "/problems" not in open_fields else ()
    return [*found, *_types(Report, gold.report, ""), *links, *_twice(report), *_untraced(gold, report)]


def _twice(report: Report) -> Iterator[str]:
    """The same thing told as two items; the guide has one entry for it."""
    for name in ("budget", "problems", "measures", "tasks", "projects"):
        items = getattr(report, name)
        for i, one in enumerate(items):
            if one in items[:i]:
                yield f"/{name}/{i} is the same as /{name}/{items.index(one)}: one thing is one item"


def _absent(model: type[BaseModel], held: Any, at: str) -> Iterator[tuple[str, str]]:
    """Fields that are not there, by their pointers."""
    if not isinstance(held, Mapping):
        return
    for name, field in model.model_fields.items():
        if name not in held:
            words = "is absent: null where the document does not say, [] where there is none"
            yield f"{at}/{name}", f"{at}/{name} {words}"
            continue
        inner = _model(field.annotation)
        value = held[name]
        for where, one in _each(value, f"{at}/{name}"):
            if inner is not None:
                yield from _absent(inner, one, where)


def _types(model: type[BaseModel], held: Any, at: str) -> Iterator[str]:
    """Figures that are written as texts, and texts that hold nothing."""
    for name, field in model.model_fields.items() if isinstance(held, Mapping) else ():
        inner, value = _model(field.annotation), held.get(name)
        if inner is not None:
            for where, one in _each(value, f"{at}/{name}"):
                yield from _types(inner, one, where)
        elif isinstance(value, str) and not value.strip():
            yield f"{at}/{name} is an empty text: null where the document does not say"
        elif isinstance(value, str) and "Decimal" in str(field.annotation):
            yield f"{at}/{name} is a text: figures are JSON numbers"
        elif field.annotation is bool and not isinstance(value, bool):
            yield f"{at}/{name} is true or false, not {value!r}"


def _each(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{at}/{i}", one) for i, one in enumerate(value))
    else:
        yield at, value


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation, None for a leaf."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [_model(one) for one in getattr(annotation, "__args__", ())]
    return next((one for one in inner if one is not None), None)


def _filled(model: type[BaseModel], held: Mapping[str, Any]) -> dict[str, Any]:
    """The report with what was left open as nothing, for the model's own checks."""
    return {name: value for name, value in held.items() if value is not None or name in model.model_fields}


def _links(report: Report) -> Iterator[str]:
    for i, measure in enumerate(report.measures):
        if len(set(measure.addresses)) != len(measure.addresses):
            yield f"/measures/{i}/addresses names a problem twice"
        if any(not 0 <= one < len(report.problems) for one in measure.addresses):
            yield f"/measures/{i}/addresses names a problem that is not there"


def _untraced(gold: Gold, report: Report) -> Iterator[str]:
    """Values that do not stand in the document, or not at the place that the gold names."""
    tracer = Tracer(gold.document)
    held = dict(report_leaves(report))
    for at in gold.places:
        if at not in held:
            yield f"evidence of {at}: there is no such value"
    for at, value in held.items():
        if at in gold.places:
            yield from _misplaced(gold.document, at, value, gold.places[at], report.money_unit)
        elif not (at.endswith("/source") and value == TOTAL) and not _stands(
            tracer, at, value, report.money_unit
        ):
            yield f"{at} does not stand in the document: {str(value)[:40]}"


def _misplaced(document: Document, at: str, value: Any, places: Spans, unit: str | None) -> Iterator[str]:
    if any(not 0 <= start < end <= len(document.text) for start, end in places):
        yield f"evidence of {at} leaves the document"
    elif not (
        grounded(document, at, Found(value, tuple(Span(*one) for one in places)))
        or _in_another_unit(document, at, value, places, unit)
    ):
        yield f"evidence of {at} holds something else than {str(value)[:40]}"


def _in_another_unit(document: Document, at: str, value: Any, places: Spans, unit: str | None) -> bool:
    """Whether an amount is printed there with a unit of its own that makes it the same money."""
    held = number("".join(document.text[start:end] for start, end in places))
    if held is None or not _money(at, value) or unit is None:
        return False
    own = printed_unit(document.text[places[-1][1] : places[-1][1] + 8])
    return own is not None and held.scaleb(own).normalize() == (value.scaleb(power_of(unit))).normalize()


def _money(at: str, value: Any) -> bool:
    return isinstance(value, Decimal) and not any(one in at for one in _RATES)


def _stands(tracer: Tracer, at: str, value: Any, unit: str | None) -> bool:
    if isinstance(value, int | Decimal):
        return tracer.figure(Decimal(value), unit if _money(at, value) else None)
    parts = str(value).split("/") if at.endswith("/level") else [str(value)]
    return all(tracer.text(part) for part in parts)
