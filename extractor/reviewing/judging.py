"""Findings that need judgement, by a model: each points at the values that it rests on, or is dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from extractor.checks.case import MODEL, Case, Finding, case_of, finding_of
from extractor.checks.consistency import key_note
from extractor.checks.registry import checks
from extractor.engines.model.replies import Answer
from extractor.llm.client import Client
from extractor.llm.failures import CallFailed, CeilingReached
from extractor.prompts import Prompt
from extractor.result import Extraction
from extractor.review import Proof, Sentence
from extractor.reviewing.calls import FindingsReply, JudgedFinding, known, request, shown
from extractor.reviewing.proofs import LABELS, Proofs
from extractor.verification import faults_of

_MATTERS = frozenset({"figure", "year", "name", "cause", "forbidden", "quotation", "verdict", "negation"})
_TWO_PLACES = frozenset({"B7", "C5", "C6"})
_HEADS = {
    "tasks": "任务",
    "indicators": "指标",
    "projects": "项目",
    "problems": "问题",
    "measures": "措施",
    "budget": "资金",
}
_ITEMS = {
    "name": "名称",
    "expected": "目标",
    "achieved": "完成情况",
    "target": "目标值",
    "actual": "完成值",
    "level": "类别",
    "deviation_reason": "偏差原因",
    "funds": "任务资金",
    "budget": "项目预算",
}
_KNOWN: Mapping[str, Mapping[str, str]] = {
    "tasks": _ITEMS,
    "indicators": _ITEMS,
    "projects": {
        **_ITEMS,
        "actual": "项目支出",
        "execution_rate": "执行率",
        "score": "得分",
        "grade": "等级",
    },
    "budget": LABELS,
}
_TEXTS = {
    "expected": "年度目标",
    "achieved": "年度目标完成情况",
    "key_project_performance": "重点项目绩效情况",
    "overall_performance": "部门整体绩效",
    "conclusion": "自评结论",
    "grade": "自评等级",
    "score": "自评得分",
}


@dataclass(frozen=True)
class Judgement:
    """What a model found, how many findings were dropped, and why the call failed or was not made."""

    findings: tuple[Finding, ...] = ()
    dropped: int = 0
    error: str | None = None
    skipped: bool = False

    @property
    def status(self) -> str:
        """As `coverage` tells what became of a call."""
        if self.error is not None:
            return "skipped" if self.skipped else "failed"
        return "done" if self.findings else "empty"


async def judged(
    case: Case, found: Sequence[Finding], client: Client, prompt: Prompt, name: str
) -> Judgement:
    """The findings of a model over a report, those that the rules have already made left out."""
    evidence = list(_evidence(case))

    def check(reply: Answer) -> list[str]:
        assert isinstance(reply, FindingsReply)
        return known((n for one in reply.findings for n in one.proofs), evidence)

    try:
        answer = await client.ask(request(prompt, shown(evidence), check), name)
    except CallFailed as error:
        return Judgement(error=f"{error.kind}: {error}", skipped=isinstance(error, CeilingReached))
    assert isinstance(answer.reply, FindingsReply)
    own = [_finding(case, one, evidence) for one in answer.reply.findings]
    known_keys = {(one.id, pointer) for one in found for pointer in one.pointers[:1]}
    kept = [one for one in own if one is not None and (one.id, one.pointers[0]) not in known_keys]
    return Judgement(tuple(kept), sum(one is None for one in own))


async def with_judgement(extraction: Extraction, client: Client, prompt: Prompt) -> Extraction:
    """The extraction with a model's findings behind those of the rules.

    `coverage` has the call as a chunk of its own, over the whole document; `run` counts what was dropped.
    """
    found = [finding_of(one) for one in extraction.findings]
    own = await judged(case_of(extraction), found, client, prompt, extraction.document.name)
    told = {"findings": len(own.findings), "dropped": own.dropped, "error": own.error}
    findings = (*extraction.findings, *(one.as_dict() for one in own.findings))
    prompts = {**extraction.run.get("prompts", {}), prompt.task: prompt.version}
    return replace(
        extraction,
        findings=findings,
        coverage=_covered(extraction, own),
        run={**extraction.run, "prompts": prompts, "judgement": told},
    )


def _covered(extraction: Extraction, own: Judgement) -> dict[str, Any]:
    task = {"status": own.status, "error": own.error and f"findings: {own.error}"}
    chunk = {"id": "findings", "start": 0, "end": len(extraction.document.text), "tasks": {"findings": task}}
    complete = extraction.coverage["complete"] and own.error is None
    return {"complete": complete, "chunks": [*extraction.coverage["chunks"], chunk]}


def _evidence(case: Case) -> Iterator[Proof]:
    """Every value of the report that has a place, numbered, with its pointer."""
    proofs = Proofs(case)
    for pointer in case.places:
        proofs.value(pointer, case.value(pointer), _label(pointer))
    if (note := key_note(case)) is not None:
        proofs.passage("表注", note)
    yield from proofs.held


def _label(pointer: str) -> str:
    """What a value is, in a few words: 任务2指标3 目标值."""
    parts = pointer.strip("/").split("/")
    heads = [f"{_HEADS[part]}{int(parts[i + 1]) + 1}" for i, part in enumerate(parts[:-1]) if part in _HEADS]
    known = _KNOWN.get(parts[0], _TEXTS) if heads else _TEXTS
    return f"{''.join(heads)} {known.get(parts[-1], '')}".strip()


def _finding(case: Case, one: JudgedFinding, evidence: Sequence[Proof]) -> Finding | None:
    """The finding of a model, None where it cannot be pointed at or says what its evidence does not hold."""
    by_number = {proof.number: proof for proof in evidence}
    cited = [by_number[number] for number in dict.fromkeys(one.proofs) if number in by_number]
    if not cited or (one.id in _TWO_PLACES and len(cited) < 2):
        return None
    sentence = Sentence(text=one.message, side="department", section=3, proofs=tuple(p.number for p in cited))
    if any(fault.kind in _MATTERS for fault in faults_of(sentence, cited)):
        return None
    grade = next(check.grades for check in checks() if check.id == one.id).split("/")[0]
    pointers = [proof.pointer for proof in cited if proof.pointer]
    if not pointers:
        return None
    message = one.message.rstrip("。") + "。"
    return case.finding(one.id, "E" if grade == "E" else "W", pointers, message, source=MODEL)
