"""A client of one endpoint: from a request to a validated reply, by way of ledger, gate and retries."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from pydantic import BaseModel, ValidationError

from extractor.errors import NoEndpoint
from extractor.llm.clock import Clock, SystemClock
from extractor.llm.endpoint import Endpoint, Mode
from extractor.llm.envelope import opened, usage_of
from extractor.llm.failures import CallFailed, Invalid, Rejected, Transient, Unreachable
from extractor.llm.gate import Admission, Gate
from extractor.llm.ledger import Call, Ledger
from extractor.llm.prices import Usage
from extractor.llm.recordings import Recordings
from extractor.llm.request import CHECK, Request, body_of, key_of

MOST_REQUESTS = 6
MOST_REASKS = 2
MOST_CONTENT_REASKS = 1
LONGEST_WAIT = 900.0
_ADDRESS_OF_ERRORS = re.compile(r"\n?\s*For further information visit \S+")
_LONGEST_ERRORS = 1500


@dataclass(frozen=True)
class Answer:
    """A validated reply, the call that gave it, and whether it was paid for now."""

    reply: BaseModel
    call: Call
    fresh: bool


@dataclass
class Options:
    """How a client works: what it keeps, what it replays, and whom it tells of progress."""

    ledger: Ledger
    recordings: Recordings | None = None
    replay_only: bool = False
    record: bool = False
    fresh: bool = False
    clock: Clock = field(default_factory=SystemClock)
    jitter: random.Random = field(default_factory=random.Random)
    on_call: Callable[[Call | None], None] | None = None


class Client:
    """Asks one endpoint. Raises `CallFailed` for one call's failure, `NoEndpoint` where no call can work."""

    def __init__(self, endpoint: Endpoint, gate: Gate, options: Options) -> None:
        self.endpoint = endpoint if endpoint.mode else options.ledger.shaped(endpoint)
        self.gate = gate
        self.options = options
        self.mode: Mode | None = self.endpoint.mode
        self._under_way: dict[str, asyncio.Event] = {}
        self._afresh: set[str] = set()

    @cached_property
    def sdk(self) -> Any:
        """The SDK's client, made when it is first needed: its import takes a second."""
        import openai

        return openai.AsyncOpenAI(
            base_url=self.endpoint.base_url,
            api_key=self.endpoint.api_key or "none",
            max_retries=0,
            timeout=self.endpoint.timeout,
            # certificates take 20 ms to load, and a server on this machine has none
            http_client=openai.DefaultAioHttpClient(verify=self.endpoint.base_url.startswith("https://")),
        )

    async def close(self) -> None:
        """End what is under way and close the connections."""
        await self.gate.close()
        if "sdk" in self.__dict__:
            await self.sdk.close()

    async def ask(self, request: Request, document: str) -> Answer:
        """The validated reply to a request, from the ledger or the recordings if they have it.

        The same request asked for twice at once is made once.
        """
        mode = self.mode or "json_schema"
        key = key_of(request, self.endpoint, mode)
        while (under_way := self._under_way.get(key)) is not None:
            await under_way.wait()
        reusable = not self.options.fresh or key in self._afresh
        held = self.options.ledger.get(key) if reusable else None
        if held is not None and (reply := _valid(request, held.reply)) is not None:
            return self._told(Answer(reply, held, fresh=False))
        if self.options.recordings is not None and not self.options.record:
            return self._told(self._replayed(request, mode, key, document))
        finished = self._under_way[key] = asyncio.Event()
        try:
            return self._told(await self._asked(request, mode, key, document))
        finally:
            del self._under_way[key]
            finished.set()

    def _told(self, answer: Answer) -> Answer:
        if self.options.on_call is not None:
            self.options.on_call(answer.call if answer.fresh else None)
        return answer

    def _replayed(self, request: Request, mode: Mode, key: str, document: str) -> Answer:
        assert self.options.recordings is not None
        text = self.options.recordings.get(request)
        reply = None if text is None else _valid(request, text)
        if text is None or reply is None:
            said = "no recorded reply" if text is None else "the recorded reply does not satisfy its schema"
            raise Rejected(f"{said} ({request.task}-{request.input_hash})")
        call = self._call(request, mode, key, document, text, Usage(), 0.0, 0)
        self.options.ledger.put(call)
        return Answer(reply, call, fresh=False)

    async def _asked(self, request: Request, mode: Mode, key: str, document: str) -> Answer:
        exchange = _Exchange(self, request, mode)
        began = time.perf_counter()
        try:
            reply = await exchange.run()
        except CallFailed as error:
            used = exchange.usage.total
            self.options.ledger.failed(key, request.task, document, error.kind, str(error), used)
            if isinstance(error, Unreachable) and not self.gate.answered:
                raise NoEndpoint(f"{self.endpoint.host} does not answer: {error}") from error
            raise
        seconds = round(time.perf_counter() - began, 3)
        text = exchange.text
        call = self._call(request, mode, key, document, text, exchange.usage, seconds, exchange.made)
        self.options.ledger.put(call)
        if self.options.fresh:
            self._afresh.add(key)
        if self.options.recordings is not None and self.options.record:
            self.options.recordings.put(request, self.endpoint.model, mode, text)
        return Answer(reply, call, fresh=True)

    def _call(
        self, request: Request, mode: Mode, key: str, document: str, reply: str, *spent: Any
    ) -> Call:  # fmt: skip
        usage, seconds, attempts = spent
        price = self.gate.price
        cost: Decimal | None = price.of(usage) if price is not None else None
        return Call(
            key, request.task, request.version, request.input_hash, self.endpoint.model, self.endpoint.place,
            mode, document, body_of(request, self.endpoint, mode), reply, usage, cost,
            price.currency if price is not None else None, seconds, attempts,
        )  # fmt: skip


def _valid(request: Request, text: str) -> BaseModel | None:
    """A stored reply, None where it no longer satisfies the schema."""
    try:
        return request.reply.model_validate_json(text)
    except ValidationError:
        return None


class _Exchange:
    """One call: its requests, its re-asks, and what they used."""

    def __init__(self, client: Client, request: Request, mode: Mode) -> None:
        from extractor.llm.transport import Budget

        self.client = client
        self.request = request
        self.mode = mode
        self.usage = Usage()
        self.budget = Budget(MOST_REQUESTS, LONGEST_WAIT)
        self.faults_told = 0
        self.text = ""  # the last reply, as JSON

    @property
    def made(self) -> int:
        """How many requests were made."""
        return self.budget.made

    async def run(self) -> BaseModel:
        """The validated reply; raises `CallFailed`."""
        import instructor
        from instructor.core import InstructorRetryException
        from instructor.core.retry import retry_async

        _silence()
        body = body_of(self.request, self.client.endpoint, self.mode)
        checking = CHECK.set(self._faults)
        try:
            reply = await retry_async(
                func=self._completion,
                response_model=_reader_of(self.request.reply),
                args=(),
                kwargs=body,
                max_retries=MOST_REASKS,
                strict=False,
                mode=instructor.Mode.JSON_SCHEMA,
            )
        except InstructorRetryException as error:
            cause = error.__cause__
            if isinstance(cause, (CallFailed, NoEndpoint)):
                raise cause from error
            raise Invalid(f"no valid reply in {self.made} requests: {_first_error(cause)}") from error
        finally:
            CHECK.reset(checking)
        assert isinstance(reply, BaseModel)
        return reply

    def _faults(self, reply: BaseModel) -> list[str]:
        """What is wrong with a reply's content; it is said once, then what holds of the reply is taken."""
        faults = self.request.check(reply) if self.request.check is not None else []
        if not faults or self.faults_told >= MOST_CONTENT_REASKS:
            return []
        self.faults_told += 1
        return faults

    async def _completion(self, **body: Any) -> Any:
        """One completion, the transient failures behind it; what instructor reads is plain JSON."""
        from extractor.llm.transport import retried

        for message in body["messages"][2:]:
            if message["role"] == "user":
                message["content"] = _ADDRESS_OF_ERRORS.sub("", message["content"])[:_LONGEST_ERRORS]
        client = self.client
        options = client.options

        async def send() -> Any:
            return await self._sent(body)

        return await retried(send, self.budget, client.gate, options.clock, options.jitter)

    async def _sent(self, body: dict[str, Any]) -> Any:
        from extractor.llm.transport import posted

        chars = sum(len(message.get("content") or "") for message in body["messages"])
        if self.mode in ("json_schema", "tools"):
            chars += len(self.request.schema_text)

        async def send(admission: Admission) -> Any:
            self.budget.spend()
            try:
                completion = await posted(self.client.sdk, self.client.endpoint, body)
            except Transient:
                admission.used(Usage(admission.usage.prompt))
                self.usage += admission.usage
                raise
            self._account(admission, completion, chars)
            return completion

        completion = await self.client.gate.passed(chars, send)
        whole = opened(completion)
        self.text = whole.choices[0].message.content
        return whole

    def _account(self, admission: Admission, completion: Any, chars: int) -> None:
        usage = usage_of(completion)
        if usage is not None:
            admission.used(usage)
        self.client.gate.learn(chars, usage or Usage())
        self.usage += admission.usage


@cache
def _reader_of(reply: type[BaseModel]) -> type[BaseModel]:
    """What instructor is given to validate with: it walks through the fields of its class on every call,
    and this one has none; what it gives back is the reply itself.
    """

    class Reader(BaseModel):
        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Any:
            return reply.model_validate_json(json_data, strict=options.get("strict"))

    return Reader


@cache
def _silence() -> None:
    """What a library would log of a failed call may hold the document."""
    for name in ("instructor", "openai", "httpx2", "httpx"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False


def _first_error(error: BaseException | None) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg']}" if where else str(first["msg"])
    return " ".join(str(error).split())[:200]
