"""Engines as the evals use them: what decides their readings, and how they read many documents."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from extractor.cli.modelrun import ModelRun, Progress, Wishes, at_once
from extractor.cli.settings import Settings
from extractor.document import Document
from extractor.engines.rules.engine import RulesEngine
from extractor.errors import NoEndpoint
from extractor.evaluation.running import Done
from extractor.extraction import extract, extract_with

_EVERY = 2.0
RULES: Mapping[str, Any] = {"engine": "rules"}


class RulesReader:
    """Reads by the rules."""

    def read(self, documents: Sequence[Document], repeat: int, done: Done) -> None:
        """One after the other."""
        engine = RulesEngine()
        said = time.monotonic()
        for number, document in enumerate(documents):
            try:
                done(number, extract(document, engine))
            except Exception as error:  # a failed document scores zero and does not stop the others
                done(number, error)
            if time.monotonic() - said >= _EVERY:
                said = time.monotonic()
                print(f"{number + 1}/{len(documents)} documents", file=sys.stderr)


class ModelReader:
    """Reads by a model, its calls from the ledger or the recordings where they have them."""

    def __init__(self, given: Settings, wishes: Mapping[str, Any]) -> None:
        self.given = given
        self.wishes = wishes
        self.first = ModelRun(given, Wishes(**wishes), RulesEngine())

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that decides what this engine reads."""
        return {"engine": "model", **self.first.identity}

    def read(self, documents: Sequence[Document], repeat: int, done: Done) -> None:
        """Several at once."""
        run = ModelRun(self.given, Wishes(**{**self.wishes, "repeat": repeat}), RulesEngine())
        run.announce()

        async def work(engine: Any, progress: Progress) -> None:
            await _all(engine, documents, run.limits.concurrency, _told(done, progress))

        run.run(work, len(documents))


def _told(done: Done, progress: Progress) -> Done:
    def told(number: int, outcome: Any) -> None:
        done(number, outcome)
        progress.finished()

    return told


async def _all(
    engine: Any, documents: Sequence[Document], width: int, done: Callable[[int, Any], None]
) -> None:
    """The documents with at most `width` at once; an error that ends the run ends all of them."""

    async def work(numbered: tuple[int, Document]) -> None:
        number, document = numbered
        try:
            done(number, await extract_with(document, engine))
        except NoEndpoint:
            raise
        except Exception as error:  # as above
            done(number, error)

    await at_once(enumerate(documents), width, work)
