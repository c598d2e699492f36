"""A model as judge of a draft's sentences: asked in Chinese, three votes, beside its agreement with people.

It never replaces what is counted. Its calls go through the ledger like all others: a judgement that was paid
for is not paid for again.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from extractor.errors import InputError
from extractor.llm.client import Client
from extractor.llm.failures import CallFailed
from extractor.llm.request import CHECK, Check, Request
from extractor.prompts import Prompt, rendered
from extractor.review import Review

TASK = "judge"
VOTES = 3
MOST_ITEMS = 10
FENCE = ("<待核>", "</待核>")
Label = Literal["supported", "contradicted", "not_stated"]
LABELS: tuple[Label, ...] = get_args(Label)


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Judgement(_Model):
    """The verdict on one item, by its number in the request."""

    item: int
    verdict: Label


class JudgeReply(_Model):
    """A verdict on each item."""

    verdicts: list[Judgement]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        check = CHECK.get()
        if check is not None and (faults := check(self)):
            raise ValueError("; ".join(faults))
        return self


class Item(NamedTuple):
    """A sentence, the passages that it cites, and a person's label where there is one."""

    sentence: str
    passages: tuple[str, ...]
    label: Label | None = None


@dataclass(frozen=True)
class Verdicts:
    """The majority of each item's votes, None where they split or calls failed; and the failed calls."""

    labels: tuple[Label | None, ...]
    votes: tuple[tuple[Label, ...], ...]
    failed: int

    @property
    def unanimous(self) -> float:
        """The share of items on which all votes agree."""
        return sum(len(set(own)) == 1 for own in self.votes) / len(self.votes) if self.votes else 1.0


class Agreement(NamedTuple):
    """How far a judge agrees with people: the share of equal labels, and Cohen's kappa (1960)."""

    items: int
    share: float
    kappa: float


def items_of(review: Review) -> list[Item]:
    """The sentences of a draft that rest on proofs."""
    return [
        Item(one.text, tuple(proof.text for proof in review.cited(one)))
        for one in review.sentences
        if one.side != "fixed" and one.proofs
    ]


def labelled(path: Path) -> list[Item]:
    """Items that a person has labelled; raises `InputError`."""
    try:
        data = json.loads(path.read_text("utf-8"))
        found = [Item(str(one["sentence"]), tuple(map(str, one["passages"])), one["label"]) for one in data]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a list of sentence, passages and label") from error
    if any(one.label not in LABELS for one in found):
        raise InputError(f"{path}: a label is one of {', '.join(LABELS)}")
    return found


def orders(items: int) -> tuple[list[int], ...]:
    """The order of the items in each vote: another one each, so that a vote is no copy of the last."""
    whole = list(range(items))
    return whole, whole[::-1], whole[1::2] + whole[::2]


def requests(items: Sequence[Item], prompt: Prompt, vote: int) -> Iterator[tuple[Request, list[int]]]:
    """The requests of one vote, so many items each, with the positions of the items that each shows."""
    order = orders(len(items))[vote]
    for first in range(0, len(order), MOST_ITEMS):
        part = order[first : first + MOST_ITEMS]
        yield _request([items[at] for at in part], prompt, vote), part


def _request(items: Sequence[Item], prompt: Prompt, vote: int) -> Request:
    shown = [
        {"item": i, "sentence": one.sentence, "passages": list(one.passages)} for i, one in enumerate(items)
    ]
    text = json.dumps(shown, ensure_ascii=False, indent=0).replace("<", "＜")
    return Request(
        task=TASK,
        version=prompt.version,
        prompt=prompt.sha256,
        system=rendered(prompt).rstrip(),
        user=f"{FENCE[0]}\n{text}\n{FENCE[1]}",
        reply=JudgeReply,
        schema=SCHEMA,
        check=_check(len(items)),
        repeat=vote,
    )


def _check(wanted: int) -> Check:
    def check(reply: BaseModel) -> list[str]:
        assert isinstance(reply, JudgeReply)
        told = [one.item for one in reply.verdicts]
        complete = sorted(told) == list(range(wanted))
        return [] if complete else [f"one verdict on each of the items 0 to {wanted - 1}"]

    return check


SCHEMA = {
    "type": "object",
    "properties": {
        "verdicts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "item": {"type": "integer"},
                    "verdict": {"type": "string", "enum": list(LABELS)},
                },
                "required": ["item", "verdict"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["verdicts"],
    "additionalProperties": False,
}


async def judged(client: Client, items: Sequence[Item], prompt: Prompt, document: str) -> Verdicts:
    """Three votes on every item, and their majority."""
    asked = [one for vote in range(VOTES) for one in requests(items, prompt, vote)]
    replies = await asyncio.gather(*(_reply(client, request, document) for request, _ in asked))
    votes: list[list[Label]] = [[] for _ in items]
    for (_, part), reply in zip(asked, replies, strict=True):
        for one in reply.verdicts if reply else ():
            votes[part[one.item]].append(one.verdict)
    failed = replies.count(None)
    return Verdicts(tuple(map(_majority, votes)), tuple(map(tuple, votes)), failed)


async def _reply(client: Client, request: Request, document: str) -> JudgeReply | None:
    try:
        answer = await client.ask(request, document)
    except CallFailed:
        return None
    assert isinstance(answer.reply, JudgeReply)
    return answer.reply


def _majority(votes: Sequence[Label]) -> Label | None:
    if not votes:
        return None
    label, count = Counter(votes).most_common(1)[0]
    return label if count * 2 > len(votes) else None


def agreement(items: Sequence[Item], verdicts: Verdicts) -> Agreement:
    """The judge's majority against people's labels; an item without a majority counts as a disagreement."""
    pairs = [(one.label, found) for one, found in zip(items, verdicts.labels, strict=True) if one.label]
    if not pairs:
        raise InputError("no item has a person's label")
    share = sum(one == two for one, two in pairs) / len(pairs)
    people, judge = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    chance = sum(people[label] * judge[label] for label in LABELS) / len(pairs) ** 2
    return Agreement(len(pairs), share, (share - chance) / (1 - chance) if chance < 1 else 1.0)


def confusion(items: Sequence[Item], verdicts: Verdicts) -> Mapping[tuple[str, str], int]:
    """How often each label of a person met each of the judge."""
    pairs = zip(items, verdicts.labels, strict=True)
    return Counter((str(one.label), str(found)) for one, found in pairs)
