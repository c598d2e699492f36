"""The tasks of the model engine: each with its reply, its prompt and what does not change in its request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from extractor.document import Document
from extractor.engines.model.drafting import Drafter
from extractor.engines.model.references import BadReference, Resolver
from extractor.engines.model.replies import (
    BudgetReply,
    GoalReply,
    IndicatorsReply,
    ProjectsReply,
    Reply,
    ReviewReply,
    TasksReply,
)
from extractor.engines.model.routing import filled_lines
from extractor.engines.model.sheet import Sheet
from extractor.errors import InputError
from extractor.prompts import Example, Prompt, load, rendered
from extractor.source import Source

REPLIES: dict[str, type[Reply]] = {
    "budget": BudgetReply,
    "goal": GoalReply,
    "tasks": TasksReply,
    "indicators": IndicatorsReply,
    "projects": ProjectsReply,
    "review": ReviewReply,
}
WITH_UNIT = frozenset({"budget", "tasks", "projects"})


@dataclass(frozen=True)
class Task:
    """One thing to ask of a document: the same system message and schema for every document."""

    name: str
    prompt: Prompt
    reply: type[Reply]
    system: str


def tasks(
    folder: Path, versions: dict[str, str] | None = None, released: Path | None = None
) -> dict[str, Task]:
    """All tasks with their prompts, the newest unless another version is named; raises `InputError`.

    A task that the folder does not have is taken from the released prompts, if they are given.
    """
    wanted = versions or {}
    unknown = [name for name in wanted if name not in REPLIES]
    if unknown:
        raise InputError(f"no task {unknown[0]}; there are {', '.join(REPLIES)}")
    found: dict[str, Task] = {}
    for name, reply in REPLIES.items():
        own = folder if released is None or (folder / name).is_dir() else released
        found[name] = task(load(own, name, wanted.get(name)), reply)
    return found


def task(prompt: Prompt, reply: type[Reply]) -> Task:
    """A task with a prompt whose examples hold; raises `InputError` where one does not."""
    if prompt.fills != reply.__name__:
        raise InputError(f"prompt {prompt.task}={prompt.version} fills {prompt.fills}, not {reply.__name__}")
    shown = [_shown(prompt, example, reply) for example in prompt.examples]
    body = rendered(prompt, lines="").rstrip()
    examples = "".join(f"\n\n例：\n{text}\n答：{answer}" for text, answer in shown)
    return Task(prompt.task, prompt, reply, body + examples)


def _shown(prompt: Prompt, example: Example, reply: type[Reply]) -> tuple[str, str]:
    """An example as the model sees it; every reference of its reply must hold in its own text."""
    document = Document(name=f"{prompt.task}={prompt.version}", text=example.text)
    sheet = Sheet(Source(document))
    lines = filled_lines(document)
    try:
        answer = reply.model_validate_json(example.reply)
        data = json.loads(example.reply)
        faults = faults_of(answer, Resolver(sheet, lines))
        drafter = Drafter(Resolver(sheet, lines), None)
        unplaced = _unplaced(drafter.read(answer))
        faults += drafter.problems + [f"“{value}” does not stand in it" for value in unplaced]
    except (ValidationError, ValueError) as error:
        raise InputError(
            f"{document.name}: its example is no {reply.__name__}: {str(error).splitlines()[0]}"
        ) from error
    if faults:
        raise InputError(f"{document.name}: in its example: {faults[0]}")
    return sheet.shown(lines, unit=False), json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _unplaced(node: Any) -> list[str]:
    from extractor.drafts import leaves

    return [str(found.value) for _, found in leaves(node) if not found.spans]


def faults_of(reply: Reply, resolver: Resolver) -> list[str]:
    """What is wrong with a reply's references: addresses that were not shown, edges that are not there."""
    out: list[str] = []
    for written in references(reply):
        try:
            resolver.check(written)
        except BadReference as error:
            out.append(f"{written!r}: {error}")
    return out


def references(node: Any) -> Iterator[str]:
    """Every reference of a reply that is not blank, in order."""
    if isinstance(node, str):
        if node:
            yield node
    elif isinstance(node, BaseModel):
        for name in type(node).model_fields:
            if name != "columns":
                yield from references(getattr(node, name))
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


@cache
def schema_of(reply: type[Reply]) -> dict[str, Any]:
    """A reply's JSON schema, flat and strict: no definitions, every property required, no other."""
    whole = reply.model_json_schema()
    definitions = whole.get("$defs", {})

    def flat(node: Any) -> Any:
        if isinstance(node, list):
            return [flat(child) for child in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target = definitions[node["$ref"].rsplit("/", 1)[-1]]
            return flat({**target, **{key: value for key, value in node.items() if key != "$ref"}})
        if node.get("type") == "object":
            properties = {name: flat(child) for name, child in node["properties"].items()}
            return {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            }
        return {key: flat(value) for key, value in node.items() if key not in ("title", "default")}

    result: dict[str, Any] = flat(whole)
    return result
