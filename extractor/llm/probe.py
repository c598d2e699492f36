"""Which mode an endpoint really enforces: asked once per endpoint and model, and remembered.

Some endpoints accept a schema and ignore it. So a probe asks for one thing in words and for another in the
schema: only where the schema is enforced does the reply carry the schema's constant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel

from extractor.errors import NoEndpoint
from extractor.llm.client import Client
from extractor.llm.endpoint import Endpoint, Mode
from extractor.llm.envelope import opened
from extractor.llm.failures import CallFailed, Rejected, Transient
from extractor.llm.gate import Admission
from extractor.llm.request import Request, body_of
from extractor.llm.transport import Budget, posted, retried

_SEAL = "k7-f3-q9"
_ASKED = 'Reply with the JSON object {"seal": "none"} and nothing else.'
_CHARS = 200
_REQUESTS = 3
_WAITING = 60.0


class _Seal(BaseModel):
    seal: Literal["k7-f3-q9"]


@dataclass(frozen=True)
class Probe:
    """What a probe found: the endpoint as it should be asked, and what each mode gave."""

    endpoint: Endpoint
    mode: Mode
    found: dict[str, str]


async def probed(client: Client, modes: Sequence[Mode] | None = None) -> Probe:
    """The first mode that works, remembered in the ledger; raises `NoEndpoint` where none does."""
    found: dict[str, str] = {}
    for endpoint, mode in _variants(client.endpoint, modes or client.endpoint.modes):
        name = mode if mode != "tools" else f"tools ({endpoint.tool_choice}, strict {endpoint.strict_tools})"
        found[name] = await _tried(client, endpoint, mode)
        if found[name] == "works":
            client.endpoint, client.mode = endpoint, mode
            client.options.ledger.remember(endpoint, mode)
            return Probe(endpoint, mode, found)
    told = "; ".join(f"{name}: {result}" for name, result in found.items())
    raise NoEndpoint(f"{client.endpoint.host} gives JSON in no mode ({told})")


def _variants(endpoint: Endpoint, modes: Sequence[Mode]) -> Iterator[tuple[Endpoint, Mode]]:
    for mode in modes:
        yield endpoint, mode
        if mode == "tools":
            for choice, strict in (
                ("required", endpoint.strict_tools),
                ("named", False),
                ("required", False),
            ):
                other = replace(endpoint, tool_choice=choice, strict_tools=strict)
                if other != endpoint:
                    yield other, mode


async def _tried(client: Client, endpoint: Endpoint, mode: Mode) -> str:
    """ "works", or what is wrong."""
    schema = {
        "type": "object",
        "properties": {"seal": {"type": "string", "enum": [_SEAL]}},
        "required": ["seal"],
        "additionalProperties": False,
    }
    # where the schema is not enforced it stands in the message, and only the shape of the reply counts
    enforced = mode in ("json_schema", "tools")
    request = Request("seal", "v1", "", "You fill a form.", _ASKED, _Seal, schema)
    body = body_of(request, replace(endpoint, max_output_tokens=endpoint.max_output_tokens or 64), mode)

    async def ask(_: Admission) -> object:
        return await posted(client.sdk, endpoint, body)

    async def send() -> object:
        return await client.gate.passed(_CHARS, ask)

    options = client.options
    try:
        completion = await retried(
            send, Budget(_REQUESTS, _WAITING), client.gate, options.clock, options.jitter
        )
        reply = json.loads(opened(completion).choices[0].message.content)
    except Transient as error:
        raise NoEndpoint(f"{endpoint.host} does not answer: {error}") from error
    except (Rejected, CallFailed) as error:
        return str(error)
    except ValueError:
        return "not JSON"
    if not isinstance(reply, dict):
        return "not an object"
    return "works" if not enforced or reply.get("seal") == _SEAL else "accepted, not enforced"
