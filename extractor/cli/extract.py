"""`extractor extract`: documents into result files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from extractor.cli.inputs import Inputs, Source, collected
from extractor.cli.outputs import checked_formats, rendered, writable_folder, write
from extractor.engines.base import Engine
from extractor.errors import (
    ExtractorError,
    IncompleteRun,
    InputError,
    NoEndpoint,
    NotSelfEvaluation,
    UnwritableOutput,
)
from extractor.extraction import extract
from extractor.ingest.text import document
from extractor.result import Extraction

_ENDPOINT = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "EXTRACTOR_MODEL")


@dataclass(frozen=True)
class Order:
    """What the command line asked for."""

    inputs: tuple[str, ...]
    output: Path | None
    engine: str
    model: str | None
    formats: tuple[str, ...]
    max_bytes: int


@dataclass
class Tally:
    """What became of the documents of a run."""

    done: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    partly: list[tuple[str, str]] = field(default_factory=list)


def run(order: Order) -> None:
    """Carry out the order; raises the errors that the command line maps to exit codes."""
    formats = checked_formats(order.formats)
    engine = chosen_engine(order.engine, order.model)
    inputs = collected(order.inputs, order.output)
    if order.output is None:
        _to_standard_output(inputs.sources, formats, engine, order.max_bytes)
        return
    fresh = not order.output.exists()
    writable_folder(order.output)
    try:
        _to_folder(inputs, order, formats, engine)
    finally:
        if fresh:
            with suppress(OSError):  # it stays where it holds something
                order.output.rmdir()


def _to_folder(inputs: Inputs, order: Order, formats: Sequence[str], engine: Engine) -> None:
    alone = len(inputs.sources) == 1 and not inputs.sources[0].from_folder
    tally = Tally(skipped=list(inputs.skipped))
    for source in inputs.sources:
        if alone:
            _one(source, order, formats, engine)
            tally.done += 1
        else:
            _one_of_many(source, order, formats, engine, tally)
    if not alone:
        _report(tally)


def chosen_engine(name: str, model: str | None) -> Engine:
    """The engine of that name; raises `NoEndpoint` where it needs a model and there is none."""
    from extractor.engines.rules.engine import RulesEngine

    if name not in ("auto", "rules", "model"):
        raise InputError(f"--engine takes auto, rules or model, not {name}")
    if name == "model" or (name == "auto" and model):
        raise NoEndpoint("this version reads by rules only; use --engine rules")
    if name == "auto":
        configured = [key for key in _ENDPOINT if os.environ.get(key)]
        note = f" ({', '.join(configured)} set, but this version reads by rules only)" if configured else ""
        _say(f"engine: rules{note}")
    return RulesEngine()


def _to_standard_output(
    sources: Sequence[Source], formats: Sequence[str], engine: Engine, max_bytes: int
) -> None:
    if len(sources) > 1 or sources[0].from_folder:
        raise InputError("several inputs need a folder for their results: -o DIR")
    if tuple(formats) != ("json",):
        raise InputError("only JSON goes to standard output; other formats need -o DIR")
    extraction = extract(document(sources[0].read(max_bytes), sources[0].name, max_bytes), engine)
    sys.stdout.buffer.write(rendered(extraction, "json"))
    sys.stdout.flush()
    _complete(source_name=sources[0].name, extraction=extraction)


def _one(source: Source, order: Order, formats: Sequence[str], engine: Engine) -> None:
    extraction = extract(document(source.read(order.max_bytes), source.name, order.max_bytes), engine)
    paths = _write_all(source, order, formats, extraction)
    from extractor.cli.overview import table

    table(extraction, paths)
    _complete(source.name, extraction)


def _complete(source_name: str, extraction: Extraction) -> None:
    """Raises `IncompleteRun` where a part of the document could not be read; the rest is written."""
    if extraction.lost:
        raise IncompleteRun(f"{source_name}: read in part: {extraction.lost[0][2]}")


def _write_all(source: Source, order: Order, formats: Sequence[str], extraction: Extraction) -> list[Path]:
    assert order.output is not None
    made = [(order.output / f"{source.stem}.{kind}", rendered(extraction, kind)) for kind in formats]
    for path, data in made:
        write(path, data)
    return [path for path, _ in made]


def _one_of_many(source: Source, order: Order, formats: Sequence[str], engine: Engine, tally: Tally) -> None:
    """One document of a run; what goes wrong with it is said and counted, and does not stop the others."""
    try:
        extraction = extract(document(source.read(order.max_bytes), source.name, order.max_bytes), engine)
        _write_all(source, order, formats, extraction)
    except UnwritableOutput:
        raise
    except NotSelfEvaluation:
        tally.skipped.append((str(source.path), "not a self-evaluation of government spending"))
    except ExtractorError as error:
        tally.failed.append((str(source.path or "-"), str(error)))
    except Exception as error:  # a bug in reading one document must not lose the others
        tally.failed.append((str(source.path or "-"), f"internal error: {type(error).__name__}"))
    else:
        tally.done += 1
        if extraction.lost:
            tally.partly.append((str(source.path or "-"), extraction.lost[0][2]))
        _say(f"{source.path}: {len(extraction.evidence)} values, {extraction.grounded_share:.1%} grounded")


def _report(tally: Tally) -> None:
    for name, reason in tally.skipped:
        _say(f"skipped {name}: {reason}")
    for name, reason in tally.failed:
        _say(f"failed {name}: {reason}")
    for name, reason in tally.partly:
        _say(f"in part {name}: {reason}")
    _say(f"{tally.done} done, {len(tally.skipped)} skipped, {len(tally.failed)} failed")
    if tally.failed:
        failed, tried = len(tally.failed), tally.done + len(tally.failed)
        raise IncompleteRun(f"{failed} of {tried} documents failed; the rest is written")
    if tally.partly:
        raise IncompleteRun(f"{len(tally.partly)} of {tally.done} documents were read in part")
    if not tally.done:
        raise InputError("no self-evaluation among the inputs")


def _say(words: str) -> None:
    print(" ".join(words.split()), file=sys.stderr)
