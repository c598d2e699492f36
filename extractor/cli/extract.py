"""`extractor extract`: documents into result files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.cli.inputs import Inputs, Source, collected
from extractor.cli.outputs import checked_formats, rendered, writable_folder, write
from extractor.cli.settings import settings
from extractor.document import Document
from extractor.errors import (
    ExtractorError,
    IncompleteRun,
    InputError,
    NoEndpoint,
    NotSelfEvaluation,
    UnwritableOutput,
)
from extractor.extraction import extract, extract_with
from extractor.ingest.text import document
from extractor.result import Extraction

if TYPE_CHECKING:
    from extractor.cli.modelrun import ModelRun, Progress
    from extractor.engines.model.engine import ModelEngine


@dataclass(frozen=True)
class Order:
    """What the command line asked for; `flags` are those of the model engine by the setting's name."""

    inputs: tuple[str, ...]
    output: Path | None
    engine: str
    formats: tuple[str, ...]
    max_bytes: int
    flags: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None
    wishes: Mapping[str, Any] = field(default_factory=dict)


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
    model = _model_run(order)
    inputs = collected(order.inputs, order.output)
    if order.output is None:
        _fits_standard_output(inputs, formats, order)
    if model is not None and order.wishes.get("dry_run"):
        return model.dry(list(_readable(inputs, order.max_bytes)))
    if order.output is None:
        return _each(inputs, model, lambda source: _shown(source, order), alone=True)
    fresh = not order.output.exists()
    writable_folder(order.output)
    try:
        _to_folder(inputs, order, formats, model)
    finally:
        if fresh:
            with suppress(OSError):  # it stays where it holds something
                order.output.rmdir()
    return None


def _model_run(order: Order) -> ModelRun | None:
    """What the model engine needs, None for the rules; says which of the two reads."""
    if order.engine not in ("auto", "rules", "model"):
        raise InputError(f"--engine takes auto, rules or model, not {order.engine}")
    given = settings(order.flags, order.config)
    replayed = order.wishes.get("replay") is not None
    if order.engine == "rules" or (order.engine == "auto" and not given.configured_by and not replayed):
        if order.engine == "auto":
            _say("engine: rules")
        return None
    from extractor.cli.modelrun import ModelRun, Wishes
    from extractor.engines.rules.engine import RulesEngine

    model = ModelRun(given, Wishes(**order.wishes), RulesEngine())
    model.announce()
    return model


def _fits_standard_output(inputs: Inputs, formats: Sequence[str], order: Order) -> None:
    if order.wishes.get("dry_run"):
        return
    if len(inputs.sources) > 1 or inputs.sources[0].from_folder:
        raise InputError("several inputs need a folder for their results: -o DIR")
    if tuple(formats) != ("json",):
        raise InputError("only JSON goes to standard output; other formats need -o DIR")


def _readable(inputs: Inputs, max_bytes: int) -> Iterator[Document]:
    for source in inputs.sources:
        with suppress(ExtractorError):
            yield document(source.read(max_bytes), source.name, max_bytes)


def _to_folder(inputs: Inputs, order: Order, formats: Sequence[str], model: ModelRun | None) -> None:
    alone = len(inputs.sources) == 1 and not inputs.sources[0].from_folder
    if alone:
        return _each(inputs, model, lambda source: _written(source, order, formats), alone=True)
    tally = Tally(skipped=list(inputs.skipped))
    try:
        _each(inputs, model, lambda source: _counted(source, order, formats, tally), alone=False)
    except NoEndpoint:
        _report_skipped(tally)
        raise
    _report(tally)
    return None


Work = Callable[[Source], "_Job"]


@dataclass
class _Job:
    """One document: how it is read before, and what is done with the extraction or the error after."""

    source: Source
    max_bytes: int
    keep: Callable[[Extraction], None]
    fail: Callable[[Exception], None]

    def document(self) -> Document:
        return document(self.source.read(self.max_bytes), self.source.name, self.max_bytes)


def _each(inputs: Inputs, model: ModelRun | None, work: Work, alone: bool) -> None:
    """Every document through the engine, one after the other by rules, several at once by a model."""
    jobs = [work(source) for source in inputs.sources]
    if model is None:
        from extractor.engines.rules.engine import RulesEngine

        engine = RulesEngine()
        for job in jobs:
            try:
                extraction = extract(job.document(), engine)
            except Exception as error:
                job.fail(error)
            else:
                job.keep(extraction)
        return
    model.run(lambda engine, progress: _by_model(engine, progress, jobs, model), len(jobs))


async def _by_model(engine: ModelEngine, progress: Progress, jobs: Sequence[_Job], model: ModelRun) -> None:
    """The jobs, as many documents in memory as calls at once; an error that ends the run ends all of them."""
    import asyncio

    from extractor.reviewing.judging import with_judgement

    left, width, prompt = iter(jobs), model.limits.concurrency, model.findings_prompt

    async def worker() -> None:
        for job in left:
            try:
                extraction = await extract_with(job.document(), engine)
                if prompt is not None:
                    extraction = await with_judgement(extraction, engine.client, prompt)
            except NoEndpoint:
                raise
            except Exception as error:
                job.fail(error)
            else:
                job.keep(extraction)
            progress.finished()

    workers = [asyncio.ensure_future(worker()) for _ in range(min(width, len(jobs)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def _raise(error: Exception) -> None:
    raise error


def _shown(source: Source, order: Order) -> _Job:
    def keep(extraction: Extraction) -> None:
        sys.stdout.buffer.write(rendered(extraction, "json"))
        sys.stdout.flush()
        _complete(source.name, extraction)

    return _Job(source, order.max_bytes, keep, _raise)


def _written(source: Source, order: Order, formats: Sequence[str]) -> _Job:
    def keep(extraction: Extraction) -> None:
        paths = _write_all(source, order, formats, extraction)
        from extractor.cli.overview import table

        table(extraction, paths)
        _complete(source.name, extraction)

    return _Job(source, order.max_bytes, keep, _raise)


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


def _counted(source: Source, order: Order, formats: Sequence[str], tally: Tally) -> _Job:
    """One document of a run; what goes wrong with it is said and counted, and does not stop the others."""
    name = str(source.path or "-")

    def fail(error: Exception) -> None:
        if isinstance(error, NotSelfEvaluation):
            tally.skipped.append((name, "not a self-evaluation of government spending"))
        elif isinstance(error, ExtractorError):
            tally.failed.append((name, str(error)))
        else:  # a bug in reading one document must not lose the others
            tally.failed.append((name, f"internal error: {type(error).__name__}"))

    def keep(extraction: Extraction) -> None:
        try:
            _write_all(source, order, formats, extraction)
        except UnwritableOutput:
            raise
        except Exception as error:
            return fail(error)
        tally.done += 1
        if extraction.lost:
            tally.partly.append((name, extraction.lost[0][2]))
        _say(f"{source.path}: {len(extraction.evidence)} values, {extraction.grounded_share:.1%} grounded")
        return None

    return _Job(source, order.max_bytes, keep, fail)


def _report_skipped(tally: Tally) -> None:
    for name, reason in tally.skipped:
        _say(f"skipped {name}: {reason}")


def _report(tally: Tally) -> None:
    _report_skipped(tally)
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
