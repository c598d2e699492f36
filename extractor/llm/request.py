"""One request as a task asks it, and its shape on the wire in each mode."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from extractor.llm.endpoint import Endpoint, Mode

Check = Callable[[BaseModel], list[str]]
# What a reply's validator asks beyond its schema, for the call that is under way.
CHECK: ContextVar[Check | None] = ContextVar("CHECK", default=None)
_SCHEMA_NOTE = "\n\n只答一个JSON对象，不写别的，符合此JSON Schema：\n"


@dataclass(frozen=True)
class Request:
    """What is asked: the message that never changes, the document's part, and the reply that is wanted.

    `check` names what is wrong with a reply beyond its schema; `prompt` is the prompt's hash.
    """

    task: str
    version: str
    prompt: str
    system: str
    user: str
    reply: type[BaseModel]
    schema: dict[str, Any]
    check: Check | None = None
    repeat: int = 0

    @cached_property
    def schema_text(self) -> str:
        """The schema, compact."""
        return json.dumps(self.schema, ensure_ascii=False, separators=(",", ":"))

    @property
    def chars(self) -> int:
        """Characters that are sent: the messages and the compact schema."""
        return len(self.system) + len(self.user) + len(self.schema_text)

    @cached_property
    def input_hash(self) -> str:
        """What decides the answer apart from the model: prompt, schema and document part."""
        return _hash(self.task, self.system, self.schema_text, self.user, str(self.repeat or ""))


def key_of(request: Request, endpoint: Endpoint, mode: Mode) -> str:
    """The name of a call in the ledger: everything that decides its answer."""
    parameters = [endpoint.temperature, endpoint.seed, endpoint.max_output_tokens]
    return _hash(
        endpoint.place, endpoint.model, mode, request.version, request.input_hash, json.dumps(parameters)
    )


def body_of(request: Request, endpoint: Endpoint, mode: Mode) -> dict[str, Any]:
    """The request's body; what does not change stands first, the document last."""
    system = request.system
    if mode in ("json_object", "text"):
        system += _SCHEMA_NOTE + request.schema_text
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": request.user}],
    }
    if mode == "json_schema":
        form = {"name": request.task, "strict": True, "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    elif mode == "tools":
        body |= _tools(request, endpoint)
    elif mode == "json_object":
        body["response_format"] = {"type": "json_object"}
    if endpoint.temperature is not None:
        whole = int(endpoint.temperature)
        body["temperature"] = whole if whole == endpoint.temperature else endpoint.temperature
    if endpoint.seed is not None:
        body["seed"] = endpoint.seed
    if endpoint.max_output_tokens is not None:
        body["max_tokens"] = endpoint.max_output_tokens
    return body


def _tools(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    function: dict[str, Any] = {"name": request.task, "parameters": request.schema}
    if endpoint.strict_tools:
        function["strict"] = True
    named = {"type": "function", "function": {"name": request.task}}
    choice = named if endpoint.tool_choice == "named" else endpoint.tool_choice
    return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
