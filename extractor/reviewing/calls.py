"""The calls of the review: each a prompt, numbered evidence as data, and a reply that must point at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pydantic import Field

from extractor.engines.model.replies import Answer, Reply
from extractor.engines.model.tasks import schema_of
from extractor.llm.request import Request
from extractor.prompts import Prompt, rendered
from extractor.review import Proof

FENCE = ("<证据>", "</证据>")
DRAFT, FINDINGS, THEMES = "draft", "findings", "themes"
Judged = Literal["B7", "B8", "B10", "B11", "C2", "C4", "C5", "C6", "C7", "C8", "C9"]


class DraftSentence(Reply):
    """One sentence of a draft with the numbers of the evidence that it rests on."""

    section: int = Field(description="2部门自述 3审核发现 4未列入事项 5需修改补充")
    side: Literal["department", "review"] = Field(description="部门所说用department，审核所见用review")
    text: str = Field(description="一句话")
    proofs: list[int] = Field(description="所据证据的编号")


class DraftReply(Answer):
    """Sentences in the order in which they shall stand."""

    sentences: list[DraftSentence]


class JudgedFinding(Reply):
    """One finding that needs judgement, with the evidence that it rests on."""

    id: Judged
    proofs: list[int] = Field(description="所据证据的编号，第一个是所指的值")
    message: str = Field(description="一句话：是什么、两处各怎么写")


class FindingsReply(Answer):
    """Findings that the rules could not make."""

    findings: list[JudgedFinding]


class Theme(Reply):
    """A group of sentences that say the same."""

    name: str = Field(description="不超过十二字")
    members: list[int] = Field(description="句子的编号")


class ThemesReply(Answer):
    """Groups of sentences; each sentence in one of them."""

    themes: list[Theme]


REPLIES: dict[str, type[Answer]] = {DRAFT: DraftReply, FINDINGS: FindingsReply, THEMES: ThemesReply}


def shown(proofs: Iterable[Proof]) -> str:
    """Numbered evidence as a model sees it: 述 for the department's words, 核 for a check."""
    kinds = {True: "述", False: "核"}
    lines = (f"{one.number}|{kinds[one.finding is None]}|{' '.join(one.text.split())}" for one in proofs)
    return "\n".join(lines)


def request(
    prompt: Prompt, text: str, check: Callable[[Answer], list[str]] | None = None, more: str = ""
) -> Request:
    """The request of a prompt about some evidence; `more` is asked behind it."""
    body = text
    for mark in FENCE:
        body = body.replace(mark, mark.replace("<", "＜"))
    reply = REPLIES[prompt.task]
    return Request(
        task=prompt.task,
        version=prompt.version,
        prompt=prompt.sha256,
        system=rendered(prompt).rstrip(),
        user=f"{FENCE[0]}\n{body}\n{FENCE[1]}{more}",
        reply=reply,
        schema=schema_of(reply),
        check=lambda one: check(one) if check is not None and isinstance(one, Answer) else [],
    )


def known(numbers: Iterable[int], proofs: Sequence[Proof]) -> list[str]:
    """What is wrong with the numbers that a reply cites."""
    there = {one.number for one in proofs}
    return [f"there is no evidence {number}" for number in sorted(set(numbers) - there)]
