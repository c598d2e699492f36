"""One request over the wire: the SDK's exceptions as named failures, and the one retry layer."""

from __future__ import annotations

import asyncio
import email.utils
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import openai
from openai.types.chat import ChatCompletion
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from extractor.errors import NoEndpoint
from extractor.llm.clock import Clock
from extractor.llm.endpoint import Endpoint
from extractor.llm.failures import CutOff, Rejected, Transient, Unreachable
from extractor.llm.gate import Gate

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
GREETINGS = 2
_TOO_LONG = ("context length", "context_length", "maximum context", "too many tokens", "input is too long")


class Budget:
    """How many requests one call may still make, whatever they are for, and how long it may wait in all."""

    def __init__(self, requests: int, waiting: float) -> None:
        self.left = requests
        self.waiting = waiting
        self.made = 0

    def spend(self) -> None:
        """Count a request."""
        self.left -= 1
        self.made += 1


async def retried(
    send: Callable[[], Awaitable[Any]], budget: Budget, gate: Gate, clock: Clock, jitter: random.Random
) -> Any:
    """What `send` gives, tried again after transient failures while the budget lasts."""

    def pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        told = error.retry_after if isinstance(error, Transient) else None
        if told is not None:
            gate.hold(told)
            return told + jitter.uniform(0, min(1.0, 0.1 + told * 0.25))
        most = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (state.attempt_number - 1))
        return most * jitter.uniform(0.5, 1.0)

    def exhausted(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        nobody = isinstance(error, Unreachable) and not gate.answered
        if nobody and state.attempt_number >= GREETINGS:
            return True
        return budget.left <= 0 or state.upcoming_sleep > budget.waiting

    async def sleep(seconds: float) -> None:
        budget.waiting -= seconds
        await clock.sleep(seconds)

    attempts = AsyncRetrying(
        stop=exhausted, wait=pause, sleep=sleep, retry=retry_if_exception_type(Transient), reraise=True
    )
    return await attempts(send)


async def posted(client: openai.AsyncOpenAI, endpoint: Endpoint, body: dict[str, Any]) -> Any:
    """The completion to a body; raises `Transient`, another `CallFailed`, or `NoEndpoint`."""
    try:
        async with asyncio.timeout(endpoint.timeout):
            # the plain way in: `chat.completions.create` would walk through messages and schema once more
            return await client.post("/chat/completions", body=body, cast_to=ChatCompletion)
    except TimeoutError as error:
        raise Transient(f"no answer within {endpoint.timeout:g} s") from error
    except openai.APIStatusError as error:
        raise _status(error, endpoint) from error
    except openai.APIConnectionError as error:
        raise _connection(error, endpoint) from error
    except (openai.APIError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Transient(f"an answer that cannot be read ({type(error).__name__})") from error


def _connection(error: openai.APIConnectionError, endpoint: Endpoint) -> Transient:
    """No connection, a connection that was lost, or no answer in time."""
    causes = list(_causes(error))
    refused = next((cause for cause in causes if isinstance(cause, OSError)), None)
    if refused is not None and not isinstance(refused, ConnectionResetError):
        return Unreachable(endpoint.without_secrets(f"no connection: {refused.strerror or refused}"))
    if (
        isinstance(error, openai.APITimeoutError)
        and refused is None
        and "Timeout" in type(causes[-1]).__name__
    ):
        return Transient(f"no answer within {endpoint.timeout:g} s")
    return Transient(endpoint.without_secrets(f"the connection was lost ({type(causes[-1]).__name__})"))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _status(error: openai.APIStatusError, endpoint: Endpoint) -> Exception:
    code, said = error.status_code, endpoint.without_secrets(_message(error))
    if code in (401, 403):
        return NoEndpoint(f"{endpoint.host} refuses the key ({code}); check it with extractor doctor")
    if code == 404:
        return NoEndpoint(
            f"{endpoint.host} knows no model {endpoint.model} at {endpoint.place} (404: {said})"
        )
    if code == 402 or "insufficient_quota" in said:
        return NoEndpoint(f"{endpoint.host}: the account has no credit left ({code})")
    if code == 429 or code in (408, 409, 425) or code >= 500:
        return Transient(f"{code}: {said}", _retry_after(error))
    if any(words in said.lower() for words in _TOO_LONG):
        return CutOff(f"the request is longer than the model reads ({code})")
    return Rejected(f"{code}: {said}")


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        message = inner.get("message") if isinstance(inner, dict) else inner
        code = inner.get("code") if isinstance(inner, dict) else None
        return " ".join(str(part) for part in (message, code) if part)
    return error.response.reason_phrase or "no reason given"


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Seconds that the endpoint asks to wait, as a number or a date."""
    headers = error.response.headers
    if milliseconds := headers.get("retry-after-ms"):
        return _number(milliseconds, 0.001)
    value = headers.get("retry-after")
    if value is None:
        return None
    seconds = _number(value, 1.0)
    if seconds is not None:
        return seconds
    moment = email.utils.parsedate_tz(value)
    return max(0.0, email.utils.mktime_tz(moment) - time.time()) if moment else None


def _number(text: str, unit: float) -> float | None:
    try:
        return max(0.0, float(text) * unit)
    except ValueError:
        return None
