"""`extractor extract`: documents into result files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.cli.desk import Pictures, pages_of, write_results
from extractor.cli.inputs import Inputs, Patterns, Source, collected
from extractor.cli.outputs import checked_formats, rendered, writable_folder
from extractor.cli.reading import Readers, reading_of
from extractor.cli.saying import say
from extractor.cli.settings import Settings, settings
from extractor.document import Document
from extractor.errors import ExtractorError, IncompleteRun, InputError
from extractor.extraction import extract_with
from extractor.result import Extraction

if TYPE_CHECKING:
    from extractor.cli.modelrun import ModelRun, Progress
    from extractor.engines.model.engine import ModelEngine


@dataclass(frozen=True)
class Order:
    """What the command line asked for; `flags` are those of the settings by the setting's name."""

    inputs: tuple[str, ...]
    output: Path | None
    engine: str
    formats: tuple[str, ...]
    flags: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None
    wishes: Mapping[str, Any] = field(default_factory=dict)
    patterns: Patterns = field(default_factory=Patterns)


def run(order: Order) -> None:
    """Carry out the order; raises the errors that the command line maps to exit codes."""
    formats = checked_formats(order.formats)
    given = settings(order.flags, order.config)
    reading = reading_of(given)
    model = _model_run(order, given)
    inputs = collected(order.inputs, order.output, order.patterns)
    alone = len(inputs.sources) == 1 and not inputs.sources[0].from_folder
    if order.output is None:
        _fits_standard_output(alone, formats, order)
    with Readers(reading, len(inputs.sources)) as readers:
        if model is not None and order.wishes.get("dry_run"):
            return model.dry(list(_readable(inputs, readers)))
        if order.output is None:
            return _alone(inputs.sources[0].settled(reading.desk.limits.bytes), readers, model, _shown)
        fresh = not order.output.exists()
        writable_folder(order.output)
        try:
            _to_folder(inputs, order, formats, readers, model, alone)
        finally:
            if fresh:
                with suppress(OSError):  # it stays where it holds something
                    order.output.rmdir()
    return None


def _model_run(order: Order, given: Settings) -> ModelRun | None:
    """What the model engine needs, None for the rules; says which of the two reads."""
    if order.engine not in ("auto", "rules", "model"):
        raise InputError(f"--engine takes auto, rules or model, not {order.engine}")
    replayed = order.wishes.get("replay") is not None
    if order.engine == "rules" or (order.engine == "auto" and not given.configured_by and not replayed):
        if order.engine == "auto":
            say("engine: rules")
        return None
    from extractor.cli.modelrun import ModelRun, Wishes
    from extractor.engines.rules.engine import RulesEngine

    model = ModelRun(given, Wishes(**order.wishes), RulesEngine())
    model.announce()
    return model


def _fits_standard_output(alone: bool, formats: Sequence[str], order: Order) -> None:
    if order.wishes.get("dry_run"):
        return
    if not alone:
        raise InputError("several inputs need a folder for their results: -o DIR")
    if tuple(formats) != ("json",):
        raise InputError("only JSON goes to standard output; other formats need -o DIR")


def _readable(inputs: Inputs, readers: Readers) -> Iterator[Document]:
    for source in inputs.sources:
        with suppress(ExtractorError):
            yield readers.document(source.settled(readers.desk.limits.bytes))


Keep = Callable[[Source, Extraction, Pictures], None]


def _to_folder(
    inputs: Inputs,
    order: Order,
    formats: tuple[str, ...],
    readers: Readers,
    model: ModelRun | None,
    alone: bool,
) -> None:
    assert order.output is not None
    output = order.output
    if alone:

        def keep(source: Source, extraction: Extraction, pictures: Pictures) -> None:
            paths = write_results(source, output, formats, extraction, pictures)
            from extractor.cli.overview import table

            table(extraction, paths)
            _complete(source.name, extraction)

        return _alone(
            inputs.sources[0].settled(readers.desk.limits.bytes), readers, model, keep, "html" in formats
        )
    from extractor.cli.folders import FolderRun

    several = FolderRun(inputs, output, formats, readers, bool(order.wishes.get("fresh")))
    with several.journalled(_asked(readers, formats, model)):
        if model is None:
            several.by_rules()
        else:
            several.by_model(model)
    several.report()
    return None


def _asked(readers: Readers, formats: Sequence[str], model: ModelRun | None) -> dict[str, Any]:
    """What decides the results of a run, so that a run goes on only with what the same order made."""
    from extractor.ingest.ocr import missing
    from extractor.version import VERSION

    engine: dict[str, Any] = {"engine": "rules"}
    if model is not None:
        prompt = model.findings_prompt
        engine = {"engine": "model", **model.identity, "findings": prompt.sha256 if prompt else None}
    bounds = {**asdict(readers.desk.limits), **asdict(readers.pool.bounds)}
    return {
        "version": VERSION,
        "formats": list(formats),
        "pictures": not missing(),
        "bounds": bounds,
        **engine,
    }


def _alone(
    source: Source, readers: Readers, model: ModelRun | None, keep: Keep, pictured: bool = False
) -> None:
    """One document; what goes wrong with it is the command's error."""
    if model is None:
        extraction, pictures = readers.shown(source, pictured)
        return keep(source, extraction, pictures)

    async def work(engine: ModelEngine, progress: Progress) -> None:
        extraction = await by_model(readers.document(source), engine, model)
        pictures = readers.pictures(source, extraction.document, pages_of(extraction)) if pictured else {}
        keep(source, extraction, pictures)
        progress.finished()

    return model.run(work, 1)


async def by_model(document: Document, engine: ModelEngine, model: ModelRun) -> Extraction:
    """A document read by the model, with the findings that need its judgement."""
    from extractor.reviewing.judging import with_judgement

    extraction = await extract_with(document, engine)
    if model.findings_prompt is not None:
        extraction = await with_judgement(extraction, engine.client, model.findings_prompt)
    return extraction


def _shown(source: Source, extraction: Extraction, pictures: Pictures) -> None:
    sys.stdout.buffer.write(rendered(extraction, "json"))
    sys.stdout.flush()
    _complete(source.name, extraction)


def _complete(source_name: str, extraction: Extraction) -> None:
    """Raises `IncompleteRun` where a part of the document could not be read; the rest is written."""
    if extraction.lost:
        raise IncompleteRun(f"{source_name}: read in part: {extraction.lost[0][2]}")
