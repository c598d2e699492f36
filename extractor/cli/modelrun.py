"""Running the model engine over documents: what is said first, what is said while it runs, what it cost."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from extractor.cli.settings import Settings, endpoint_of, ledger_path, limits_of, price_in
from extractor.document import Document
from extractor.engines.model.engine import ModelEngine, Setup
from extractor.engines.model.tasks import tasks
from extractor.errors import InputError
from extractor.llm.client import Client, Options
from extractor.llm.gate import Gate
from extractor.llm.ledger import Call, Ledger
from extractor.llm.prices import Usage
from extractor.llm.recordings import Recordings
from extractor.prompts import load
from extractor.resources import prompts_folder

T = TypeVar("T")
_EVERY = 2.0
REVIEW_TASKS = frozenset({"draft", "findings", "themes", "judge"})


@dataclass(frozen=True)
class Wishes:
    """What one run was asked for beyond the settings."""

    fresh: bool = False
    repeat: int = 0
    replay: Path | None = None
    record: Path | None = None
    dry_run: bool = False


def _has(folder: Path) -> bool:
    """Whether a folder of prompts has one for findings; a folder of one's own need not."""
    return (folder / "findings").is_dir()


class Progress:
    """Documents, calls, tokens, cost and time left, one line now and then on standard error."""

    def __init__(self, documents: int, gate: Gate) -> None:
        self.documents, self.gate = documents, gate
        self.done = self.calls = self.held = 0
        self._began = self._said = time.monotonic()

    def called(self, call: Call | None) -> None:
        """A call was answered; None where the ledger or a recording had it."""
        self.calls += 1
        self.held += call is None
        if time.monotonic() - self._said >= _EVERY:
            self.say()

    def finished(self) -> None:
        """A document was finished."""
        self.done += 1

    def say(self) -> None:
        """Where the run stands."""
        self._said = time.monotonic()
        words = [
            f"{self.done}/{self.documents} documents",
            f"{self.calls} calls ({self.held} from the ledger)",
        ]
        words.append(f"{self.gate.spent.total} tokens")
        words.append(cost_words(self.gate))
        if 0 < self.done < self.documents:
            left = (self._said - self._began) / self.done * (self.documents - self.done)
            words.append(f"about {left:.0f} s left")
        print(", ".join(words), file=sys.stderr)


def cost_words(gate: Gate) -> str:
    """What was spent, or that the price is unknown."""
    return money_words(gate.price.of(gate.spent), gate.price.currency) if gate.price else "price unknown"


def money_words(amount: Decimal, currency: str) -> str:
    """An amount to read."""
    return f"{amount:.4f} {currency}"


async def at_once(items: Iterable[T], width: int, work: Callable[[T], Awaitable[None]]) -> None:
    """`work` for every item, at most `width` at once; an error that it raises ends all of them."""
    left = iter(items)

    async def worker() -> None:
        for item in left:
            await work(item)

    workers = [asyncio.ensure_future(worker()) for _ in range(width)]
    try:
        await asyncio.gather(*workers)
    finally:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def spare_the_collector() -> None:
    """Collect less often, and never what was imported: that alone costs a tenth of a run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@dataclass
class ModelRun:
    """A client with everything around it, for one command."""

    given: Settings
    wishes: Wishes
    second: Any

    def __post_init__(self) -> None:
        self.endpoint = endpoint_of(self.given, replayed=self.wishes.replay is not None)
        price = price_in(self.given, self.endpoint.model)
        limits = limits_of(self.given)
        if limits.max_cost is not None and price is None:
            raise InputError(
                f"the price of {self.endpoint.model} is unknown, so --max-cost cannot be kept: "
                "give [prices] in extractor.toml, or use --max-tokens"
            )
        folder = Path(self.given.get("folder") or prompts_folder())
        own = {name: version for name, version in self.given.tasks.items() if name not in REVIEW_TASKS}
        self.tasks = tasks(folder, own, released=prompts_folder())
        self.limits, self.price = limits, price
        asked = self.given.get("model_checks", True)
        version = self.given.tasks.get("findings")
        self.findings_prompt = load(folder, "findings", version) if asked and _has(folder) else None
        second = self.second if self.given.get("second_opinion", True) else None
        mask = bool(self.given.get("mask", False))
        self.setup = Setup(self.tasks, second, mask, self.wishes.repeat)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that decides what this engine reads."""
        endpoint, setup, replay = self.endpoint, self.setup, self.wishes.replay
        return {
            "model": endpoint.model,
            "endpoint": None if replay else endpoint.place,
            "mode": endpoint.mode,
            "temperature": None if replay else endpoint.temperature,
            "seed": endpoint.seed,
            "max_output_tokens": endpoint.max_output_tokens,
            "prompts": {
                name: {"version": task.prompt.version, "sha256": task.prompt.sha256}
                for name, task in setup.tasks.items()
            },
            "second_opinion": setup.second is not None,
            "mask": setup.mask,
            "replay": _digest(replay) if replay else None,
        }

    def announce(self) -> None:
        """Say where documents go before any goes there."""
        where = "recorded replies" if self.wishes.replay else self.endpoint.host
        masked = ", private strings masked" if self.setup.mask else ""
        print(f"engine: model {self.endpoint.model}; documents go to {where}{masked}", file=sys.stderr)

    def dry(self, documents: Sequence[Document]) -> None:
        """Say how many calls there would be, and about how many tokens and how much money."""
        from extractor.engines.model.engine import plan
        from extractor.errors import NotSelfEvaluation
        from extractor.llm.clock import SystemClock

        gate = Gate(self.limits, SystemClock(), self.price)
        usage, calls = Usage(), 0
        for document in documents:
            try:
                planned = plan(document, self.setup)
            except NotSelfEvaluation:
                continue
            calls += len(planned)
            for one in planned:
                usage += gate.estimate(one.request.chars)
        money = money_words(self.price.of(usage), self.price.currency) if self.price else "price unknown"
        print(f"dry run: {len(documents)} documents, {calls} calls, about {usage.prompt} tokens to send")
        print(f"and {usage.completion} to receive, {money}; no request was made")

    def run(self, work: Callable[[ModelEngine, Progress], Awaitable[None]], documents: int) -> None:
        """Open everything, do the work, close everything."""
        asyncio.run(self._run(work, documents))

    async def _run(self, work: Callable[[ModelEngine, Progress], Awaitable[None]], documents: int) -> None:
        options = self._options()
        gate = Gate(self.limits, options.clock, self.price)
        progress = Progress(documents, gate)
        options.on_call = progress.called
        client = Client(self.endpoint, gate, options)
        spare_the_collector()
        try:
            if self.wishes.replay is None:
                _ = client.sdk  # made before the first request, which would wait for it
            if client.mode is None and self.wishes.replay is None:
                from extractor.llm.probe import probed

                found = await probed(client)
                print(f"mode: {found.mode} (probed, remembered)", file=sys.stderr)
            await work(ModelEngine(client, self.setup), progress)
        finally:
            await client.close()
            options.ledger.close()
            progress.say()

    def _options(self) -> Options:
        wishes = self.wishes
        ledger = Ledger(":memory:" if wishes.replay else ledger_path(self.given))
        folder = wishes.replay or wishes.record
        return Options(
            ledger=ledger,
            recordings=Recordings(folder) if folder else None,
            record=wishes.record is not None,
            fresh=wishes.fresh,
        )


def _digest(folder: Path) -> str:
    """A hash of a folder of recorded replies."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.json")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
