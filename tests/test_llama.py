"""A real inference server, llama.cpp's, with a tiny random model: our schemas, a true cut-off, many calls."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest

from extractor.engines.model.engine import ModelEngine, Setup
from extractor.engines.model.replies import Reply
from extractor.engines.model.tasks import REPLIES, schema_of, tasks
from extractor.ingest.text import document
from extractor.llm.client import Answer, Client, Options
from extractor.llm.endpoint import Endpoint
from extractor.llm.gate import Gate, Limits
from extractor.llm.ledger import Ledger
from extractor.llm.probe import probed
from extractor.llm.request import Request
from extractor.resources import prompts_folder
from tests.conftest import SAMPLES
from tests.test_calls import VirtualClock

xllamacpp = pytest.importorskip("xllamacpp", reason="llama.cpp's server is not installed")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the tiny model."""
    from tests.tiny import tiny_model

    params: Any = xllamacpp.CommonParams()
    params.model.path = str(tiny_model(tmp_path_factory.mktemp("model") / "tiny.gguf"))
    params.n_ctx, params.n_parallel = 32768, 4
    params.hostnames, params.port, params.warmup, params.ui = ["127.0.0.1"], 0, False, False
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def client_of(url: str, mode: Any = "json_schema", most: int | None = 400, concurrency: int = 4) -> Client:
    where = Endpoint(
        base_url=url, model="tiny", mode=mode, max_output_tokens=most, seed=7, temperature=1.0, timeout=120,
        tool_choice="required",
    )  # fmt: skip
    clock = VirtualClock()
    options = Options(ledger=Ledger(":memory:"), clock=clock, jitter=random.Random(1))
    return Client(where, Gate(Limits(concurrency=concurrency), clock), options)


def asked(client: Client, *requests: Request) -> list[Any]:
    async def all_of_them() -> list[Any]:
        try:
            jobs = [client.ask(one, "d") for one in requests]
            return list(await asyncio.gather(*jobs, return_exceptions=True))
        finally:
            await client.close()

    return asyncio.run(all_of_them())


def request(reply: type[Reply], user: str = "1|甲", repeat: int = 0) -> Request:
    return Request("t", "v1", "", "填表。", user, reply, schema_of(reply), repeat=repeat)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=lambda reply: reply.__name__)
def test_every_schema_is_accepted_and_enforced(reply: type[Reply], url: str) -> None:
    answers = asked(client_of(url, most=1500), *(request(reply, f"1|{i}") for i in range(3)))
    for answer in answers:
        assert isinstance(answer, Answer), answer
        assert answer.call.attempts == 1
        assert isinstance(answer.reply, reply)


def test_a_probe_sees_that_the_schema_is_enforced(url: str) -> None:
    client = client_of(url, mode=None)

    async def found() -> str:
        probe = await probed(client)
        await client.close()
        return probe.mode

    assert asyncio.run(found()) == "json_schema"


def test_a_true_cut_off_splits_the_chunk(url: str) -> None:
    client = client_of(url, most=12)
    text = (SAMPLES / "e-jiaoyu.txt").read_bytes()
    engine = ModelEngine(client, Setup({name: one for name, one in tasks(prompts_folder()).items()}))
    planned = engine.planned(document(text, "e"))[0]

    async def asking() -> Any:
        from extractor.engines.model.engine import sheet_of

        try:
            own = document(text, "e")
            return await engine._ask(sheet_of(own, False), own, planned)
        finally:
            await client.close()

    _, outcomes = asyncio.run(asking())
    assert len(outcomes) > 1
    assert {one.status for one in outcomes} == {"failed"}
    assert all("cut off" in one.error for one in outcomes)
    covered = {span for one in outcomes for span in one.spans}
    assert min(span.start for span in covered) == planned.lines[0].start
    assert max(span.end for span in covered) == planned.lines[-1].end


def test_a_hundred_calls_at_sixteen_at_once_come_back(url: str) -> None:
    replies = list(REPLIES.values())
    wanted = [request(replies[i % len(replies)], f"1|第{i}行") for i in range(100)]
    answers = asked(client_of(url, concurrency=16, most=1500), *wanted)
    assert [type(answer).__name__ for answer in answers] == ["Answer"] * 100
