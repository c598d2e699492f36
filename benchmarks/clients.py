"""The clients that are measured side by side, and the scripted endpoint that they ask."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from extractor.document import Document
from extractor.engines.model.engine import ModelEngine, Setup, plan
from extractor.engines.model.tasks import tasks
from extractor.extraction import extract_with
from extractor.llm.client import Client, Options
from extractor.llm.clock import SystemClock
from extractor.llm.endpoint import Endpoint
from extractor.llm.gate import Gate, Limits
from extractor.llm.ledger import Ledger
from extractor.llm.request import body_of
from extractor.resources import prompts_folder
from tests.conftest import ROOT, SAMPLES, UNSEEN, labelled

RECORDINGS = ROOT / "evals" / "recordings"


@contextmanager
def server(
    latency: float = 0.0, per_second: float | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A scripted endpoint in its own process: its address, and the process whose lines count its requests."""
    module = "tests.endpoint" if per_second else "benchmarks.quick"
    words = [sys.executable, "-m", module, str(RECORDINGS / "samples"), str(RECORDINGS / "unseen")]
    words += ["--latency", str(latency)]
    if per_second:
        words += ["--per-second", str(per_second), "--stats"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()


def documents(count: int) -> list[Document]:
    """So many documents, the samples and the unseen ones over and over under names of their own."""
    own = [one.document() for one in labelled(SAMPLES) + labelled(UNSEEN)]
    return [replace(one, name=f"{n}-{one.name}") for n, one in enumerate(islice(cycle(own), count))]


def whole_rounds(count: int, calls: int) -> list[Document]:
    """So many documents that need so many calls in all.

    A number of calls that concurrency does not divide ends in a round that is part empty, which says nothing
    of the client: every document stands once, and those are taken again that make the number come out.
    """
    own = [one.document() for one in labelled(SAMPLES) + labelled(UNSEEN)]
    setup = Setup(tasks(prompts_folder()))
    needs = {one.name: len(plan(one, setup)) for one in own}
    again, missing = count - len(own), calls - sum(needs.values())
    found = list(own)
    for left in range(again, 0, -1):
        wanted = missing / left
        nearest = min(needs.values(), key=lambda need: abs(need - wanted))
        alike = [one for one in own if needs[one.name] == nearest]
        best = alike[left % len(alike)]
        found.append(replace(best, name=f"{left}-{best.name}"))
        missing -= needs[best.name]
    if missing:
        raise ValueError(f"no {count} documents need {calls} calls")
    return found


def endpoint_at(url: str) -> Endpoint:
    """The scripted endpoint as ours."""
    return Endpoint(base_url=url, model="m", api_key="none", mode="json_schema")


class StampedGate(Gate):
    """A gate that knows when it first let a request pass."""

    first = 0.0

    async def _paced(self, tokens: int) -> None:
        await super()._paced(tokens)
        self.first = self.first or time.perf_counter()


async def ours(url: str, found: list[Document], limits: Limits) -> tuple[int, float]:
    """Read the documents: the requests it took, and the seconds from the first one to the last result.

    The ledger is in memory and asked nothing.
    """
    gate = StampedGate(limits, SystemClock())
    client = Client(endpoint_at(url), gate, Options(ledger=Ledger(":memory:"), fresh=True))
    prompts = tasks(prompts_folder())
    _ = client.sdk  # its certificates take longer to load than a request
    left = iter(enumerate(found))

    async def worker() -> None:
        for n, document in left:
            # a document of its own each time, as a run has: what was worked out of the last one is gone
            # and an index of its own, or the ledger would have the same document's replies
            engine = ModelEngine(client, Setup(prompts, repeat=n))
            extraction = await extract_with(replace(document), engine)
            assert extraction.coverage["complete"], extraction.coverage

    try:
        await asyncio.gather(*(worker() for _ in range(limits.concurrency)))
        seconds = time.perf_counter() - gate.first
    finally:
        await client.close()
    return gate.requests, seconds


async def plain(
    url: str, bodies: list[dict[str, Any]], concurrency: int, use_instructor: bool
) -> tuple[int, float]:
    """The same requests by the openai client alone or with instructor, nothing else around them."""
    import openai

    client = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
    create: Any = client.chat.completions.create
    if use_instructor:
        import instructor

        create = instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA).chat.completions.create
    places = asyncio.Semaphore(concurrency)
    replies = {name: one.reply for name, one in tasks(prompts_folder()).items()}

    async def one(body: dict[str, Any]) -> None:
        more: dict[str, Any] = {}
        if use_instructor:
            name = body["response_format"]["json_schema"]["name"]
            more = {"response_model": replies[name], "strict": False, "max_retries": 0,
                    "extra_body": {"response_format": body["response_format"]}}  # fmt: skip
        async with places:
            await create(**body, **more)

    began = time.perf_counter()
    await asyncio.gather(*(one(body) for body in bodies))
    seconds = time.perf_counter() - began
    await client.close()
    return len(bodies), seconds


def bodies_of(found: list[Document], url: str) -> list[dict[str, Any]]:
    """The requests that the documents need."""
    setup = Setup(tasks(prompts_folder()))
    where = endpoint_at(url)
    return [body_of(one.request, where, "json_schema") for document in found for one in plan(document, setup)]
