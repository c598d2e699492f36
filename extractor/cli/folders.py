"""Many documents in one run: each read once, what was finished kept, one bad file never stops the rest."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.cli.desk import pages_of, write_results
from extractor.cli.extract import by_model
from extractor.cli.inputs import Inputs, Source, readable
from extractor.cli.manifest import Journal, Row, kept, row_of, write_manifest
from extractor.cli.outputs import swept, write
from extractor.cli.reading import Readers
from extractor.cli.saying import say
from extractor.cli.workers import bug_name
from extractor.errors import (
    ExtractorError,
    IncompleteRun,
    InputError,
    NoEndpoint,
    NotSelfEvaluation,
    UnreadableInput,
    UnwritableOutput,
)

if TYPE_CHECKING:
    from extractor.cli.modelrun import ModelRun, Progress
    from extractor.engines.model.engine import ModelEngine

_EVERY = 2.0
_BLOCK = 1 << 20
_NOT_ONE = "not a self-evaluation of government spending"


class FolderRun:
    """The documents of a run and what became of each."""

    def __init__(
        self, inputs: Inputs, output: Path, formats: tuple[str, ...], readers: Readers, fresh: bool
    ) -> None:
        self.inputs, self.readers, self.fresh = inputs, readers, fresh
        self.output, self.formats = output, formats
        self.rows: dict[str, Row] = {}
        self.todo: list[Source] = []
        self._twins: list[tuple[Source, Source, str]] = []
        self._hashes: dict[str, str] = {}
        self._began = self._said = time.monotonic()
        self._journal: Journal

    @contextmanager
    def journalled(self, asked: Mapping[str, Any]) -> Iterator[None]:
        """Everything that a run writes about itself: the journal while it runs, the manifest at its end."""
        swept(self.output)
        self._journal = Journal(self.output, asked, self.fresh)
        finished = False
        try:
            self._sort()
            yield
            self._finish_twins()
            if any(row.status != "skipped" for row in self.rows.values()):
                write_manifest(self.output, self._in_order())
            finished = all(row.status != "failed" for row in self.rows.values())
        except NoEndpoint:
            self._say_skipped()
            raise
        finally:
            self.readers.pool.close()
            swept(self.output)
            self._journal.close(finished)

    def _sort(self) -> None:
        """What was finished before, what stands twice, and what is left to do."""
        first: dict[str, Source] = {}
        most = self.readers.desk.limits.bytes
        for path, reason in self.inputs.skipped:
            self.rows[path] = Row(readable(path), status="skipped", error=reason)
        for path, reason in self.inputs.unread:
            self.rows[path] = Row(readable(path), status="failed", error=f"{readable(path)}: {reason}")
        for source in self.inputs.sources:
            try:
                source = source.settled(most)
                sha256 = _sha256(source, most)
            except UnreadableInput as error:
                self._failed(source, error)
                continue
            self._hashes[source.label] = sha256
            if sha256 in first:
                self._twins.append((source, first[sha256], sha256))
                continue
            first[sha256] = source
            before = self._journal.rows.get(source.label)
            known = before is not None and before.status != "failed"
            row = kept(before, source, sha256, self.output, self.formats) if before and known else None
            if row is not None:
                self.rows[source.label] = row
            else:
                self.todo.append(source)
        held = sum(source.label in self.rows for source in first.values())
        if held:
            say(f"an earlier run is gone on with: {held} documents were finished, {len(self.todo)} to read")

    def by_rules(self) -> None:
        """Read what is left, as many at once as there are workers."""
        left, running = iter(self.todo), {}
        with ThreadPoolExecutor(self.readers.width) as threads:
            try:
                while True:
                    for source in left:
                        running[threads.submit(self._written, source)] = source
                        if len(running) >= self.readers.width:
                            break
                    if not running:
                        break
                    done, _ = wait(running, timeout=_EVERY, return_when=FIRST_COMPLETED)
                    for one in done:
                        self._take(running.pop(one), one)
                    self._progress()
            except BaseException:
                self.readers.pool.close()
                raise

    def _written(self, source: Source) -> Row:
        return self.readers.written(source, self.output, self.formats)

    def _take(self, source: Source, outcome: Future[Row]) -> None:
        try:
            row = outcome.result()
        except UnwritableOutput:
            raise
        except Exception as error:
            self._failed(source, error)
        else:
            self._done(row)

    def by_model(self, model: ModelRun) -> None:
        """Read what is left, as many documents at once as calls."""
        if self.todo:
            model.run(lambda engine, progress: self._asked(engine, progress, model), len(self.todo))

    async def _asked(self, engine: ModelEngine, progress: Progress, model: ModelRun) -> None:
        from extractor.cli.modelrun import at_once

        async def work(source: Source) -> None:
            try:
                row = await self._by_model(source, engine, model)
            except (NoEndpoint, UnwritableOutput):
                raise
            except Exception as error:
                self._failed(source, error)
            else:
                self._done(row)
            progress.finished()

        await at_once(self.todo, model.limits.concurrency, work)

    async def _by_model(self, source: Source, engine: ModelEngine, model: ModelRun) -> Row:
        document = await asyncio.to_thread(self.readers.document, source)
        extraction = await by_model(document, engine, model)
        pictures: Mapping[int, bytes] = {}
        if "html" in self.formats:
            wanted = pages_of(extraction)
            pictures = await asyncio.to_thread(self.readers.pictures, source, document, wanted)
        write_results(source, self.output, self.formats, extraction, pictures)
        return row_of(source, extraction)

    def _done(self, row: Row) -> None:
        self._keep(row)
        say(f"{row.input}: {row.values} values, {row.grounded or 0:.1%} grounded")

    def _failed(self, source: Source, error: Exception) -> None:
        """What goes wrong with one document is said and counted, and does not stop the others."""
        row = Row(source.label, self._hashes.get(source.label))
        if isinstance(error, NotSelfEvaluation):
            row = replace(row, status="skipped", error=_NOT_ONE)
        elif isinstance(error, ExtractorError):
            row = replace(row, status="failed", error=" ".join(str(error).split()))
        else:  # a bug in reading one document must not lose the others
            row = replace(row, status="failed", error=f"internal error: {bug_name(error)}")
        self._keep(row)

    def _keep(self, row: Row) -> None:
        self.rows[row.input] = row
        self._journal.add(row)

    def _finish_twins(self) -> None:
        """Documents of the same content as another get a copy of its results."""
        for source, first, sha256 in self._twins:
            own = self.rows[first.label]
            if own.result is None:
                self.rows[source.label] = replace(own, input=source.label, same_as=first.label)
                continue
            for kind in self.formats:
                made = (self.output / f"{first.stem}.{kind}").read_bytes()
                write(self.output / f"{source.stem}.{kind}", made)
            result = f"{source.stem.as_posix()}.json"
            self.rows[source.label] = replace(
                own, input=source.label, status="duplicate", same_as=first.label, sha256=sha256, result=result
            )

    def _in_order(self) -> list[Row]:
        return [self.rows[label] for label in sorted(self.rows)]

    def _progress(self) -> None:
        now, read = time.monotonic(), sum(source.label in self.rows for source in self.todo)
        if now - self._said < _EVERY or not read or read == len(self.todo):
            return
        self._said = now
        failed = sum(row.status == "failed" for row in self.rows.values())
        left = (now - self._began) / read * (len(self.todo) - read)
        say(f"{read}/{len(self.todo)} documents, {failed} failed, about {left:.0f} s left")

    def _say_skipped(self) -> None:
        for row in self._in_order():
            if row.status == "skipped":
                say(f"skipped {row.input}: {row.error}")

    def report(self) -> None:
        """Say what became of the documents; raises `IncompleteRun` where not all could be read whole."""
        rows = self._in_order()
        self._say_skipped()
        failed = [row for row in rows if row.status == "failed"]
        partly = [row for row in rows if row.status == "in part"]
        twins = [row for row in rows if row.status == "duplicate"]
        for word, own in (("failed", failed), ("in part", partly)):
            for row in own:
                say(f"{word} {row.input}: {row.error}")
        for row in twins:
            say(f"duplicate {row.input}: the same as {row.same_as}")
        done = sum(row.result is not None for row in rows)
        skipped = sum(row.status == "skipped" for row in rows)
        also = f", {len(twins)} of them duplicates" if twins else ""
        say(f"{done} done{also}, {skipped} skipped, {len(failed)} failed")
        if failed:
            raise IncompleteRun(
                f"{len(failed)} of {done + len(failed)} documents failed; the rest is written"
            )
        if partly:
            raise IncompleteRun(f"{len(partly)} of {done} documents were read in part")
        if not done:
            raise InputError("no self-evaluation among the inputs")


def _sha256(source: Source, most: int) -> str:
    """The hash of a file's bytes; raises `UnreadableInput` for one that is too large or cannot be read."""
    if source.path is None or source.data is not None:
        return hashlib.sha256(source.read(most)).hexdigest()
    digest = hashlib.sha256()
    try:
        size = source.path.stat().st_size
        if size > most:
            raise UnreadableInput(f"{source.path}: more than the limit of {most:,} bytes (--max-bytes)")
        with source.path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise UnreadableInput(f"{source.path}: {error.strerror or error}") from error
    return digest.hexdigest()
