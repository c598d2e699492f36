"""The one gate before each request: how many at once, how many a minute, and how much the run may spend.

Requests are paced before they are sent, so that a limit is not learnt by being refused. What a request will
use is estimated from its characters; the tokens that endpoints report correct the estimate as the run goes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from extractor.llm.clock import Clock
from extractor.llm.failures import CeilingReached
from extractor.llm.prices import Price, Usage

_TOKENS_PER_CHAR = 0.8
_REPLY_SHARE = 0.5
_LEARNT_AFTER = 5
_MARGIN = 1.08


@dataclass(frozen=True)
class Limits:
    """What a run may do; None for no limit. Rates are per minute, `max_cost` in the price's currency."""

    concurrency: int = 8
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    max_tokens: int | None = None
    max_cost: Decimal | None = None


class Admission:
    """One admitted request; what it used is told to it before it ends, else its estimate counts."""

    def __init__(self, estimate: Usage) -> None:
        self.usage = estimate

    def used(self, usage: Usage) -> None:
        """The tokens that the endpoint reported."""
        self.usage = usage


T = TypeVar("T")
Send = Callable[[Admission], Awaitable[T]]


class Gate:
    """Admits requests one by one within the limits, and knows what the run has spent."""

    def __init__(self, limits: Limits, clock: Clock, price: Price | None = None) -> None:
        self.limits = limits
        self.price = price
        self.spent = Usage()
        self.requests = 0
        self.answered = 0
        self._reserved = Usage()
        self._clock = clock
        self._queue: deque[tuple[int, Send[Any], asyncio.Future[Any]]] = deque()
        self._workers: set[asyncio.Future[None]] = set()
        self._room = asyncio.Event()
        self._door = asyncio.Lock()
        self._turn = asyncio.Lock()
        self._next = 0.0
        self._held_until = 0.0
        self._chars = 0
        self._measured = 0
        self._reports = 0

    def estimate(self, chars: int) -> Usage:
        """About how many tokens a request of so many characters will use, and its reply."""
        ratio = _TOKENS_PER_CHAR
        if self._reports >= _LEARNT_AFTER:
            ratio = self._measured / max(1, self._chars)
        return Usage(int(chars * ratio) + 1, int(chars * ratio * _REPLY_SHARE) + 1)

    def learn(self, chars: int, usage: Usage) -> None:
        """Correct the estimate by what a request of so many characters really used."""
        self.answered += 1
        if usage.prompt:
            self._chars += chars
            self._measured += usage.prompt
            self._reports += 1

    def hold(self, seconds: float) -> None:
        """Let nothing pass for so long: the endpoint has asked for a pause."""
        self._held_until = max(self._held_until, self._clock.now() + seconds)

    async def room(self) -> None:
        """Wait until no more than a round of requests waits: the moment to prepare more, and not before."""
        async with self._door:
            await asyncio.sleep(0)  # who went in before has asked for places by now
            while len(self._queue) > self.limits.concurrency:
                self._room.clear()
                await self._room.wait()

    async def passed(self, chars: int, send: Send[T]) -> T:
        """What `send` gives when its turn has come; raises `CeilingReached` where the run may spend no more.

        Who holds a place takes the next one waiting as soon as an answer is there, before it is worked on.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((chars, send, future))
        if len(self._workers) < self.limits.concurrency:
            worker = asyncio.ensure_future(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await future

    async def close(self) -> None:
        """End what is still under way."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self) -> None:
        """Hold a place as long as anybody waits for one."""
        while self._queue:
            chars, send, future = self._queue.popleft()
            self._room.set()
            if future.cancelled():
                continue
            try:
                answer = await self._sent(chars, send)
            except asyncio.CancelledError:
                future.cancel()
                raise
            except Exception as error:
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(answer)

    async def _sent(self, chars: int, send: Send[T]) -> T:
        estimate = self.estimate(chars)
        self._afford(estimate)
        self._reserved += estimate
        admission = Admission(estimate)
        try:
            await self._paced(estimate.total)
            self.requests += 1
            return await send(admission)
        except asyncio.CancelledError:
            admission.usage = Usage()
            raise
        finally:
            self._reserved += Usage(-estimate.prompt, -estimate.completion)
            self.spent += admission.usage

    def _afford(self, estimate: Usage) -> None:
        planned = self.spent + self._reserved + estimate
        limits = self.limits
        if limits.max_tokens is not None and planned.total > limits.max_tokens:
            raise CeilingReached(f"the ceiling of {limits.max_tokens} tokens is reached")
        if limits.max_cost is None or self.price is None:
            return
        if self.price.of(planned) > limits.max_cost:
            raise CeilingReached(f"the ceiling of {limits.max_cost} {self.price.currency} is reached")

    async def _paced(self, tokens: int) -> None:
        """Wait for this request's turn; turns are as far apart as the limits ask for.

        The next turn is reckoned from when this one really begins: after a delay nothing comes in a bunch.
        """
        gaps = [0.0]
        if self.limits.requests_per_minute:
            gaps.append(60.0 / self.limits.requests_per_minute)
        if self.limits.tokens_per_minute:
            gaps.append(tokens * 60.0 / self.limits.tokens_per_minute)
        gap = max(gaps) * _MARGIN
        if not gap:
            return await self._unheld()
        async with self._turn:
            await self._wait_until(self._next)
            await self._unheld()
            self._next = self._clock.now() + gap
        return None

    async def _unheld(self) -> None:
        """Wait until no endpoint's pause is in force."""
        while self._held_until > self._clock.now():
            await self._wait_until(self._held_until)

    async def _wait_until(self, moment: float) -> None:
        pause = moment - self._clock.now()
        if pause > 0:
            await self._clock.sleep(pause)
