"""The model engine: routed parts of a document to narrow calls, their replies to one draft.

Beside it the rules read the same document: a figure on which the two differ is a conflict for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from extractor.document import Document, Line, Span
from extractor.drafts import Draft, Found, Lost, leaves
from extractor.engines.base import Asked, Engine, Reading, Status
from extractor.engines.model.assembling import assembled
from extractor.engines.model.drafting import Drafter
from extractor.engines.model.references import Resolver
from extractor.engines.model.replies import BudgetReply, Reply
from extractor.engines.model.routing import routed
from extractor.engines.model.second import disagreements
from extractor.engines.model.sheet import Sheet, halves, parts
from extractor.engines.model.tasks import WITH_UNIT, Task, faults_of, references, schema_of
from extractor.errors import NotSelfEvaluation
from extractor.llm.client import Answer, Client
from extractor.llm.failures import CallFailed, CeilingReached, CutOff
from extractor.llm.prices import Usage
from extractor.llm.request import Request
from extractor.masking import masked
from extractor.merging import Conflict
from extractor.recognition import groups_found, may_be_self_evaluation
from extractor.source import Source

FENCE = ("<材料>", "</材料>")


@dataclass(frozen=True)
class Setup:
    """What every document is asked: the tasks, and how."""

    tasks: dict[str, Task]
    second: Engine | None = None
    mask: bool = False
    repeat: int = 0


@dataclass(frozen=True)
class Planned:
    """One request before it is made: a task and the lines that it is shown."""

    task: Task
    lines: tuple[Line, ...]
    request: Request
    resolver: Resolver


@dataclass(frozen=True)
class _Reply:
    planned: Planned
    reply: Reply
    answer: Answer


class ModelEngine:
    """Reads self-evaluations through a client of an OpenAI-compatible endpoint."""

    name = "model"

    def __init__(self, client: Client, setup: Setup) -> None:
        self.client = client
        self.setup = setup

    def planned(self, document: Document) -> list[Planned]:
        """The requests that a document will need; raises `NotSelfEvaluation` for any other text."""
        return plan(document, self.setup)

    async def read(self, document: Document) -> Reading:
        """The draft report; raises `NotSelfEvaluation`, or `NoEndpoint` where no call can work."""
        await self.client.gate.room()
        sheet = sheet_of(document, self.setup.mask)
        requests = plan(document, self.setup)
        outcomes = await _together([self._ask(sheet, document, one) for one in requests])
        replies = [reply for own, _ in outcomes for reply in own]
        asked = [one for _, own in outcomes for one in own]
        drafted = await _draft(replies)
        if groups_found(drafted.draft) < 2 and not any(one.status in ("failed", "skipped") for one in asked):
            raise NotSelfEvaluation(f"{document.name}: not a self-evaluation of government spending")
        conflicts = [*drafted.conflicts, *await self._second_opinion(document, drafted.draft)]
        return replace(drafted, conflicts=conflicts, asked=asked, run=self._run(replies))

    def _run(self, replies: Sequence[_Reply]) -> dict[str, Any]:
        """What the calls of one document took, those that the ledger had included."""
        calls = [one.answer.call for one in replies]
        usage = sum((call.usage for call in calls), Usage())
        costs = [call.cost for call in calls]
        known = bool(calls) and None not in costs
        return {
            "model": self.client.endpoint.model,
            "prompts": {name: task.prompt.version for name, task in self.setup.tasks.items()},
            "usage": {
                "calls": len(calls),
                "from_ledger": sum(not one.answer.fresh for one in replies),
                "requests": sum(call.attempts for call in calls),
                "prompt_tokens": usage.prompt,
                "completion_tokens": usage.completion,
                "cached_tokens": usage.cached,
            },
            "cost": {"amount": sum(cost for cost in costs if cost is not None), "currency": calls[0].currency}
            if known
            else None,
        }

    async def _ask(
        self, sheet: Sheet, document: Document, planned: Planned
    ) -> tuple[list[_Reply], list[Asked]]:
        """What one request gave; a reply that was cut off splits its part and asks for both halves."""
        spans = _spans(planned.lines)
        task = planned.task.name
        try:
            answer = await self.client.ask(planned.request, document.name)
        except CutOff as error:
            pieces = halves(planned.lines)
            if len(pieces) == 1:
                return [], [Asked(task, spans, "failed", str(error))]
            smaller = [_planned(sheet, document, planned.task, piece, self.setup.repeat) for piece in pieces]
            split = await _together([self._ask(sheet, document, one) for one in smaller])
            return [r for own, _ in split for r in own], [a for _, own in split for a in own]
        except CeilingReached as error:
            return [], [Asked(task, spans, "skipped", str(error))]
        except CallFailed as error:
            return [], [Asked(task, spans, "failed", f"{error.kind}: {error}")]
        assert isinstance(answer.reply, Reply)
        status: Status = "done" if next(references(answer.reply), None) else "empty"
        key = answer.call.key
        return [_Reply(planned, answer.reply, answer)], [Asked(task, spans, status, None, key)]

    async def _second_opinion(self, document: Document, draft: Draft) -> list[Conflict]:
        """The figures on which the rules differ; a value that stands nowhere gives way to theirs."""
        if self.setup.second is None:
            return []
        try:
            rules = await asyncio.to_thread(self.setup.second.read, document)
        except NotSelfEvaluation:
            return []
        found = disagreements(draft, rules.draft)
        for conflict in found:
            if conflict.chosen:
                _put(draft, conflict.pointer, conflict.candidates[conflict.chosen][1])
        return found


def sheet_of(document: Document, mask: bool) -> Sheet:
    """The document as it is shown: with its private strings blacked out if asked for."""
    return Sheet(Source(masked(document) if mask else document))


def plan(document: Document, setup: Setup) -> list[Planned]:
    """The requests of a document, those of a task in reading order."""
    sheet = sheet_of(document, setup.mask)
    if not may_be_self_evaluation(sheet.source.text):
        raise NotSelfEvaluation(f"{document.name}: not a self-evaluation of government spending")
    return [
        _planned(sheet, document, setup.tasks[name], part, setup.repeat)
        for name, lines in routed(sheet.document).items()
        for part in parts(sheet, lines)
    ]


def _planned(sheet: Sheet, document: Document, task: Task, lines: tuple[Line, ...], repeat: int) -> Planned:
    shown = sheet.shown(lines, task.name in WITH_UNIT)
    for mark in FENCE:
        shown = shown.replace(mark, mark.replace("<", "＜"))
    resolver = Resolver(sheet, lines, Source(document))
    request = Request(
        task=task.name,
        version=task.prompt.version,
        prompt=task.prompt.sha256,
        system=task.system,
        user=f"{FENCE[0]}\n{shown}\n{FENCE[1]}",
        reply=task.reply,
        schema=schema_of(task.reply),
        check=lambda reply: faults_of(reply, resolver) if isinstance(reply, Reply) else [],
        repeat=repeat,
    )
    return Planned(task, lines, request, resolver)


async def _together(jobs: Sequence[Any]) -> list[Any]:
    """The results of all jobs; an error of one that ends the run cancels the others."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def _draft(replies: Sequence[_Reply]) -> Reading:
    """One draft of all replies, the head first: its unit is what other parts convert money to."""
    ordered = sorted(replies, key=lambda one: not isinstance(one.reply, BudgetReply))
    unit: str | None = None
    drafts: list[Draft] = []
    lost: list[Lost] = []
    calls: dict[int, str] = {}
    for one in ordered:
        drafter = Drafter(one.planned.resolver, unit)
        part = drafter.read(one.reply)
        unit = drafter.unit if isinstance(one.reply, BudgetReply) else unit
        await asyncio.sleep(0)  # other documents' requests go first
        drafts.append(part)
        calls |= {id(found): one.answer.call.key for _, found in leaves(part)}
        span = Span(one.planned.lines[0].start, one.planned.lines[-1].end)
        lost += [Lost(span, f"{one.planned.task.name}: {problem}") for problem in drafter.problems]
    draft, conflicts = assembled(drafts)
    pointers = {pointer: calls[id(found)] for pointer, found in leaves(draft) if id(found) in calls}
    return Reading(draft, conflicts, lost, calls=pointers)


def _spans(lines: Sequence[Line]) -> tuple[Span, ...]:
    """The lines as stretches of raw text, neighbours joined."""
    out: list[Span] = []
    before = 0
    for line in lines:
        if out and line.number <= before + 3:
            out[-1] = Span(out[-1].start, line.end)
        else:
            out.append(Span(line.start, line.end))
        before = line.number
    return tuple(out)


def _put(draft: Draft, pointer: str, found: Found | None) -> None:
    node: Any = draft
    *path, last = pointer.strip("/").split("/")
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    node[last] = found
