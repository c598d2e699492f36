"""Every way in which an endpoint can answer: what the call says, how many requests, how long it waited."""

from __future__ import annotations

import asyncio
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from extractor.errors import ExtractorError, NoEndpoint
from extractor.llm.client import Answer, Client, Options
from extractor.llm.endpoint import Endpoint as Where
from extractor.llm.endpoint import Mode
from extractor.llm.failures import CallFailed
from extractor.llm.gate import Gate, Limits
from extractor.llm.ledger import Ledger
from extractor.llm.prices import Price
from extractor.llm.probe import probed
from extractor.llm.request import Request
from tests.endpoint import Endpoint, Step

GOOD = '{"names": ["一", "二"]}'
KEY = "sk-a-very-secret-key-0123456789"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"names": {"type": "array", "items": {"type": "string"}}},
    "required": ["names"],
    "additionalProperties": False,
}


class Names(BaseModel):
    model_config = ConfigDict(extra="forbid")

    names: list[str]


class VirtualClock:
    """Time that passes at once when somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


def request(user: str = "甲和乙", repeat: int = 0) -> Request:
    return Request("names", "v1", "0" * 64, "取名称。", user, Names, SCHEMA, repeat=repeat)


class Bench:
    """A client of a scripted endpoint, with its clock and its ledger."""

    def __init__(
        self, url: str, mode: Mode | None = "json_schema", limits: Limits | None = None, **more: Any
    ) -> None:
        self.clock = VirtualClock()
        self.ledger = more.pop("ledger", None) or Ledger(":memory:")
        price = more.pop("price", None)
        options = Options(ledger=self.ledger, clock=self.clock, jitter=random.Random(7), **more)
        where = Where(base_url=url, model="m", api_key=KEY, mode=mode, timeout=0.4)
        self.gate = Gate(limits or Limits(), self.clock, price)
        self.client = Client(where, self.gate, options)

    def ask(self, *requests: Request) -> list[Any]:
        """The answers, or the errors in their place."""

        async def all_of_them() -> list[Any]:
            try:
                jobs = [self.client.ask(one, "d.txt") for one in requests or (request(),)]
                return list(await asyncio.gather(*jobs, return_exceptions=True))
            finally:
                await self.client.close()

        return asyncio.run(all_of_them())


@pytest.mark.parametrize("mode", ["json_schema", "tools", "json_object", "text"])
def test_each_mode_asks_in_its_own_way_and_gives_the_reply(mode: Mode) -> None:
    with Endpoint([Step(GOOD)]) as server:
        (answer,) = Bench(server.url, mode).ask()
    assert isinstance(answer, Answer)
    assert answer.reply == Names(names=["一", "二"])
    body = server.requests[0]
    assert ("response_format" in body) == (mode in ("json_schema", "json_object"))
    assert ("tools" in body) == (mode == "tools")
    assert ("JSON Schema" in body["messages"][0]["content"]) == (mode in ("json_object", "text"))
    assert body["messages"][-1]["content"] == "甲和乙"


@pytest.mark.parametrize(
    "words",
    [
        f"```json\n{GOOD}\n```",
        f"好的，结果如下：\n{GOOD}\n以上。",
        f"<think>先看{{names}}……</think>\n{GOOD}",
        "{“names”: [“一”, “二”]}",
        "{“names”：[“一”，“二”]}",
        f"```\n{GOOD}",
        f"{GOOD}\n{{}}",
    ],
)
def test_json_in_a_fence_in_prose_behind_thoughts_or_in_chinese_quotes_is_understood(
    words: str,
) -> None:
    with Endpoint([Step(words)]) as server:
        (answer,) = Bench(server.url, "text").ask()
    assert answer.reply == Names(names=["一", "二"])
    assert len(server.requests) == 1


def test_chinese_quotes_inside_a_string_stay() -> None:
    with Endpoint([Step('{"names": ["“双减”工作", "他说：“好”"]}')]) as server:
        (answer,) = Bench(server.url).ask()
    assert answer.reply.names == ["“双减”工作", "他说：“好”"]


BUSY = Step(status=429)
FAULTS = [
    # steps, what comes out, requests, least and most seconds waited
    ([Step("slow down", status=429, Retry_After="7"), Step(GOOD)], None, 2, 7, 8.1),
    ([Step("slow down", status=429, Retry_After="300"), Step(GOOD)], None, 2, 300, 301),
    ([Step("slow down", status=429, Retry_After="3600"), Step(GOOD)], "transport", 1, 0, 0),
    ([BUSY, Step(GOOD)], None, 2, 0.5, 1.0),
    ([BUSY] * 9, "transport", 6, 15, 31),
    ([Step("x", status=500), Step("x", status=503), Step(GOOD)], None, 3, 1.5, 3.0),
    ([Step(fault="reset"), Step(GOOD)], None, 2, 0.5, 1.0),
    ([Step(fault="stall"), Step(GOOD)], None, 2, 0.5, 1.0),
    ([Step(fault="garbage"), Step(GOOD)], None, 2, 0.5, 1.0),
    ([Step('{"wrong": 1}'), Step(GOOD)], None, 2, 0, 0),
    ([Step('{"wrong": 1}'), Step("no json at all"), Step(GOOD)], None, 3, 0, 0),
    ([Step('{"wrong": 1}')] * 5, "invalid", 3, 0, 0),
    ([Step('{"wrong": 1}'), BUSY, Step(GOOD)], None, 3, 0.5, 1.0),
    ([Step(fault="cut")], "cut off", 1, 0, 0),
    ([Step("maximum context length is 8192 tokens", status=400)], "cut off", 1, 0, 0),
    ([Step(fault="refusal")], "refused", 1, 0, 0),
    ([Step(fault="filtered")], "refused", 1, 0, 0),
    ([Step(fault="empty")], "empty", 1, 0, 0),
    ([Step(fault="nothing")], "empty", 1, 0, 0),
    ([Step(fault="error")], "empty", 1, 0, 0),
    ([Step(fault="html")], "rejected", 1, 0, 0),
    ([Step("bad request", status=400)], "rejected", 1, 0, 0),
    ([Step(f"Incorrect API key provided: {KEY}", status=401)], "endpoint", 1, 0, 0),
    ([Step("no such model", status=404)], "endpoint", 1, 0, 0),
    ([Step("insufficient_quota", status=429)], "endpoint", 1, 0, 0),
]


@pytest.mark.parametrize(("steps", "comes", "requests", "least", "most"), FAULTS)
def test_each_fault_has_its_policy(
    steps: list[Step], comes: str | None, requests: int, least: float, most: float
) -> None:
    with Endpoint(steps) as server:
        bench = Bench(server.url)
        (answer,) = bench.ask()
    assert len(server.requests) == requests
    assert least <= bench.clock.time <= most
    if comes is None:
        assert answer.reply == Names(names=["一", "二"])
        assert answer.call.attempts == requests
        assert bench.ledger.get(answer.call.key) is not None
    elif comes == "endpoint":
        assert isinstance(answer, NoEndpoint)
    else:
        assert isinstance(answer, CallFailed)
        assert answer.kind == comes
        assert bench.ledger.totals()[0] == 0
        assert [kind for _, _, _, kind, _ in bench.ledger.failures()] == [comes]
    assert KEY not in str(answer)


def test_a_transport_error_never_reaches_the_prompt_and_a_re_ask_tells_the_errors() -> None:
    with Endpoint([Step('{"wrong": 1}'), BUSY, Step(GOOD)]) as server:
        Bench(server.url).ask()
    said = json.dumps([one["messages"] for one in server.requests], ensure_ascii=False)
    assert "429" not in said
    assert "names" in server.requests[1]["messages"][-1]["content"]
    assert "errors.pydantic.dev" not in said
    assert server.requests[1]["messages"] == server.requests[2]["messages"]


def test_a_retry_after_holds_the_others_back_and_does_not_bring_them_back_all_at_once() -> None:
    with Endpoint([Step("wait", status=429, Retry_After="5")], answer=lambda _: Step(GOOD)) as server:
        bench = Bench(server.url, limits=Limits(concurrency=1))
        answers = bench.ask(*(request(str(i)) for i in range(4)))
    assert all(isinstance(answer, Answer) for answer in answers)
    assert bench.clock.time >= 5
    assert len(server.requests) == 5


def test_the_limits_are_kept_by_pacing() -> None:
    with Endpoint(answer=lambda _: Step(GOOD)) as server:
        bench = Bench(server.url, limits=Limits(requests_per_minute=30))
        bench.ask(*(request(str(i)) for i in range(6)))
        assert 10 <= bench.clock.time <= 11
        tokens = Bench(server.url, limits=Limits(tokens_per_minute=600))
        tokens.ask(*(request("字" * 500 + str(i)) for i in range(3)))
    assert tokens.clock.time >= 60


def test_no_more_requests_than_allowed_are_under_way_at_once() -> None:
    under_way = most = 0

    class Counting(Endpoint):
        async def _handle(self, asked: Any) -> Any:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            try:
                await asyncio.sleep(0.02)
                return await super()._handle(asked)
            finally:
                under_way -= 1

    with Counting(answer=lambda _: Step(GOOD)) as server:
        Bench(server.url, limits=Limits(concurrency=3)).ask(*(request(str(i)) for i in range(12)))
    assert most == 3


def test_a_ceiling_of_tokens_stops_before_the_call_that_would_break_it_and_counts_failures() -> None:
    steps = [Step(GOOD), Step("x", status=500), Step(GOOD)]
    with Endpoint(steps, answer=lambda _: Step(GOOD)) as server:
        bench = Bench(server.url, limits=Limits(concurrency=1, max_tokens=1500))
        answers = bench.ask(*(request("字" * 100 + str(i)) for i in range(20)))
    kinds = [answer.kind if isinstance(answer, CallFailed) else "" for answer in answers]
    assert "ceiling" in kinds
    assert kinds.index("ceiling") < 12
    assert bench.gate.spent.total <= 1500
    assert len(server.requests) < 20


def test_a_ceiling_of_money_counts_in_the_price_of_the_model() -> None:
    price = Price("CNY", Decimal(1000), Decimal(1000))
    with Endpoint(answer=lambda _: Step(GOOD)) as server:
        bench = Bench(server.url, limits=Limits(concurrency=1, max_cost=Decimal("0.2")), price=price)
        answers = bench.ask(*(request(str(i)) for i in range(9)))
    assert any(getattr(answer, "kind", "") == "ceiling" for answer in answers)
    assert price.of(bench.gate.spent) <= Decimal("0.2")
    paid = [answer.call.cost for answer in answers if isinstance(answer, Answer)]
    assert sum(paid, Decimal(0)) == price.of(bench.gate.spent)


def test_what_the_ledger_holds_is_not_asked_again_unless_wanted_afresh_or_once_more() -> None:
    ledger = Ledger(":memory:")
    with Endpoint(answer=lambda _: Step(GOOD)) as server:
        first = Bench(server.url, ledger=ledger).ask()[0]
        again = Bench(server.url, ledger=ledger).ask()[0]
        assert (first.fresh, again.fresh, len(server.requests)) == (True, False, 1)
        Bench(server.url, ledger=ledger, fresh=True).ask()
        assert len(server.requests) == 2
        Bench(server.url, ledger=ledger).ask(request(repeat=1))
        assert len(server.requests) == 3


def test_the_same_request_asked_for_twice_at_once_is_made_once() -> None:
    for more in ({}, {"fresh": True}):
        with Endpoint(answer=lambda _: Step(GOOD)) as server:
            answers = Bench(server.url, **more).ask(request(), request(), request("别的"))
        assert [answer.reply for answer in answers] == [Names(names=["一", "二"])] * 3
        assert sorted(answer.fresh for answer in answers) == [False, True, True]
        assert len(server.requests) == 2


def test_neither_the_key_nor_a_header_is_ever_stored(tmp_path: Any) -> None:
    path = tmp_path / "ledger.sqlite"
    with Endpoint([Step(GOOD), Step(f"no {KEY}", status=400)]) as server:
        bench = Bench(server.url, ledger=Ledger(path))
        bench.ask(request("一"), request("二"))
        assert any(KEY in header.get("Authorization", "") for header in server.headers)
        bench.ledger.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert KEY.encode() not in stored
    assert b"Authorization" not in stored
    assert "甲".encode() not in stored


ENFORCED = {"seal": "k7-f3-q9"}


def probe_of(answers: dict[str, Step]) -> Any:
    """An endpoint that treats each mode as told."""

    def answer(body: dict[str, Any]) -> Step:
        if body.get("tools"):
            if isinstance(body["tool_choice"], dict) and "required" in answers:
                return Step("tool_choice must be a string", status=400)
            return answers.get("required", answers.get("tools", Step("no", status=400)))
        return answers[(body.get("response_format") or {"type": "text"})["type"]]

    return answer


@pytest.mark.parametrize(
    ("answers", "mode"),
    [
        ({"json_schema": Step(json.dumps(ENFORCED))}, "json_schema"),
        ({"json_schema": Step('{"seal": "none"}'), "tools": Step(json.dumps(ENFORCED))}, "tools"),
        ({"json_schema": Step('{"seal": "none"}'), "required": Step(json.dumps(ENFORCED))}, "tools"),
        (
            {
                "json_schema": Step("unsupported", status=400),
                "tools": Step('{"seal": "none"}'),
                "json_object": Step('{"seal": "none"}'),
            },
            "json_object",
        ),
        (
            {
                "json_schema": Step("unsupported", status=400),
                "tools": Step("unsupported", status=422),
                "json_object": Step("no", status=400),
                "text": Step('```json\n{"seal": "none"}\n```'),
            },
            "text",
        ),
    ],
)
def test_a_probe_finds_the_mode_that_is_enforced_and_remembers_it(
    answers: dict[str, Step], mode: str
) -> None:
    with Endpoint(answer=probe_of(answers)) as server:
        bench = Bench(server.url, mode=None)

        async def probe() -> str:
            found = await probed(bench.client)
            await bench.client.close()
            return found.mode

        assert asyncio.run(probe()) == mode
        asked = len(server.requests)
        again = Bench(server.url, mode=None, ledger=bench.ledger).client
        assert again.mode == mode
        assert again.endpoint.tool_choice == ("required" if "required" in answers else "named")
        assert len(server.requests) == asked


def test_an_endpoint_that_works_in_no_mode_is_no_endpoint() -> None:
    with Endpoint(answer=lambda _: Step("no", status=400)) as server:
        bench = Bench(server.url, mode=None)
        with pytest.raises(ExtractorError, match="in no mode"):
            asyncio.run(probed(bench.client))
