"""Reading documents within bounds: small texts here, everything else in processes that can be ended."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from extractor.cli.desk import Desk, Pictures
from extractor.cli.inputs import Source
from extractor.cli.manifest import Row
from extractor.cli.settings import Settings, cache_path
from extractor.cli.workers import Bounds, Pool
from extractor.document import Document
from extractor.errors import InputError
from extractor.ingest.limits import Limits
from extractor.result import Extraction

_FEW = 20
_LIMITS = {"max_pages": "pages", "max_pixels": "pixels", "max_unpacked": "unpacked_bytes", "max_rows": "rows"}


@dataclass(frozen=True)
class Reading:
    """How documents are read: the desk, what one call may take, how many are read at once."""

    desk: Desk
    bounds: Bounds
    jobs: int


def reading_of(given: Settings) -> Reading:
    """What the settings say of reading; raises `InputError` for a limit that lets nothing through."""
    own = given.get("max_bytes")
    named = {"bytes": own, "text_bytes": own, **{field: given.get(name) for name, field in _LIMITS.items()}}
    limits = Limits(**{field: value for field, value in named.items() if value is not None})
    bounds = Bounds(given.get("max_seconds", Bounds.seconds), given.get("max_memory", Bounds.megabytes))
    jobs = given.get("jobs", _processors())
    for name in ("jobs", "max_bytes", "max_seconds", "max_memory", *_LIMITS):
        value = given.get(name)
        if value is not None and value <= 0:
            raise InputError(f"{name} must be more than 0")
    return Reading(Desk(limits, cache_path(given)), bounds, jobs)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class Readers:
    """Reads the documents of one command; `several` says for how many documents it has to be ready."""

    def __init__(self, reading: Reading, several: int) -> None:
        width = max(1, min(reading.jobs, several))
        self.desk = Desk(reading.desk.limits, reading.desk.cache, max(1, _processors() // width))
        self.width = width
        self.few = several <= _FEW
        self.pool = Pool(width, reading.bounds)

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.close()

    def _here(self, source: Source) -> bool:
        """Whether a document is read in this process: a small text among few."""
        return self.few and self.desk.light(source)

    def document(self, source: Source) -> Document:
        """The document of a source; raises `UnreadableInput`."""
        if self._here(source):
            return self.desk.document(source)
        return self.pool.call(source.name, self.desk.document, source)

    def shown(self, source: Source, pictured: bool) -> tuple[Extraction, Pictures]:
        """The document read by rules, and pictures of its pages where they are wanted."""
        if self._here(source):
            return self.desk.shown(source, pictured)
        return self.pool.call(source.name, self.desk.shown, source, pictured)

    def pictures(self, source: Source, read: Document, wanted: Collection[int]) -> Pictures:
        """Pictures of the pages of a document that was read before."""
        if read.layout is None or not wanted:
            return {}
        return self.pool.call(source.name, self.desk.pictures, source, read, wanted)

    def written(self, source: Source, output: Path, formats: tuple[str, ...]) -> Row:
        """The document read by rules and its results written; its line of the manifest."""
        if self._here(source):
            return self.desk.written(source, output, formats)
        return self.pool.call(source.name, self.desk.written, source, output, formats)
