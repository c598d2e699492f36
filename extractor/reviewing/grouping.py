"""Themes proposed by a model: its groups, with every member shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extractor.engines.model.replies import Answer
from extractor.llm.client import Client
from extractor.llm.failures import CallFailed
from extractor.prompts import Prompt
from extractor.review import Proof
from extractor.reviewing.calls import ThemesReply, known, request, shown
from extractor.reviewing.digest import Told
from extractor.reviewing.themes import OTHER

MOST = 400


async def grouped(told: Sequence[Told], client: Client, prompt: Prompt, name: str) -> list[Told]:
    """The sentences under the model's themes; under those of the vocabulary where there are too many, or the
    call fails.
    """
    if not told or len(told) > MOST:
        return list(told)
    proofs = [Proof(number=i + 1, text=one.text) for i, one in enumerate(told)]

    def check(reply: Answer) -> list[str]:
        assert isinstance(reply, ThemesReply)
        numbers = [n for one in reply.themes for n in one.members]
        twice = len(set(numbers)) != len(numbers)
        missing = sorted({one.number for one in proofs} - set(numbers))
        faults = known(numbers, proofs) + (["a sentence stands in two themes"] if twice else [])
        return faults + ([f"sentences {missing[:8]} stand in no theme"] if missing else [])

    try:
        answer = await client.ask(request(prompt, shown(proofs), check), name)
    except CallFailed:
        return list(told)
    assert isinstance(answer.reply, ThemesReply)
    themes = {n: one.name.strip() or OTHER for one in answer.reply.themes for n in one.members}
    return [replace(one, theme=themes[i + 1]) for i, one in enumerate(told)]
