"""What a worker is asked to do with one document: read it, extract it, draw its pages, write its results.

Everything here can be sent to another process: plain functions of plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from extractor.cli.inputs import Source
from extractor.cli.manifest import Row, row_of
from extractor.cli.outputs import rendered, write
from extractor.document import Document
from extractor.extraction import extract
from extractor.ingest import ocr
from extractor.ingest.kinds import kind_of
from extractor.ingest.limits import Limits
from extractor.ingest.reading import document
from extractor.result import Extraction

Pictures = Mapping[int, bytes]
_SMALL = 100_000


@dataclass(frozen=True)
class Desk:
    """How documents are read: what one may take, where readings of pictures are kept, threads of the OCR."""

    limits: Limits
    cache: str | None = None
    threads: int | None = None

    def document(self, source: Source) -> Document:
        """The document of a source."""
        if self.threads is not None:
            ocr.bounded(self.threads)
        return document(source.read(self.limits.bytes), source.name, self.limits, self.cache)

    def extraction(self, source: Source) -> Extraction:
        """The document read by rules."""
        from extractor.engines.rules.engine import RulesEngine

        return extract(self.document(source), RulesEngine())

    def shown(self, source: Source, pictured: bool) -> tuple[Extraction, Pictures]:
        """The document read by rules, with pictures of its pages where they are wanted."""
        extraction = self.extraction(source)
        return extraction, self.pictures(
            source, extraction.document, pages_of(extraction)
        ) if pictured else {}

    def pictures(self, source: Source, read: Document, wanted: Collection[int]) -> Pictures:
        """Pictures of the pages of a document that was read before."""
        from extractor.ingest.picturing import page_pictures

        return page_pictures(source.read(self.limits.bytes), read, self.limits, wanted)

    def written(self, source: Source, output: Path, formats: tuple[str, ...]) -> Row:
        """The document read by rules and its results written; gives its line of the manifest."""
        extraction, pictures = self.shown(source, "html" in formats)
        write_results(source, output, formats, extraction, pictures)
        return row_of(source, extraction)

    def light(self, source: Source) -> bool:
        """Whether a document is a small text, which needs no process of its own."""
        data = source.read(_SMALL)
        return len(data) <= _SMALL and kind_of(data, source.name, self.limits)[0] == "text"


def pages_of(extraction: Extraction) -> set[int]:
    """The pages on which any value stands."""
    own = (
        *extraction.evidence.values(),
        *(c.evidence for one in extraction.conflicts for c in one.candidates),
    )
    return {place.page for places in own for place in places if place.page is not None}


def write_results(
    source: Source, output: Path, formats: tuple[str, ...], extraction: Extraction, pictures: Pictures
) -> list[Path]:
    """Write every format, all or none of each; gives the paths. Raises `UnwritableOutput`."""
    made = [(output / f"{source.stem}.{kind}", rendered(extraction, kind, pictures)) for kind in formats]
    for path, data in made:
        write(path, data)
    return [path for path, _ in made]
