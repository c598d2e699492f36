"""A review draft by a model: it writes from numbered evidence, code verifies every sentence.

What fails is asked for once more, with what was wrong; what fails again is left out, and the draft says so.
The figures, the proposed conclusion and the declaration are never the model's.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from extractor.engines.model.replies import Answer
from extractor.folding import squeezed
from extractor.llm.client import Client
from extractor.llm.failures import CallFailed
from extractor.prompts import Prompt
from extractor.review import Proof, Review, Sentence
from extractor.reviewing.calls import DraftReply, known, request, shown
from extractor.reviewing.composing import Material, composed, names_of
from extractor.reviewing.proofs import GRADE_WORDS
from extractor.verification import Fault, faults_of

_OWN = (2, 3, 4, 5)
_SIDES = {2: "department", 3: "review", 4: "review", 5: "review"}
_AGAIN = "\n以下句子没有通过核对，按所说的毛病改写后只给这些句子；改不了的略去：\n"


async def written(material: Material, client: Client, prompt: Prompt) -> Review:
    """The draft; where the call fails, the one composed without a model, which says so.

    Errors that the model's sentences do not tell, and sections that it left blank, are told by the templates.
    """
    base = composed(material)
    evidence = [one for one in base.proofs if _used(one)]
    try:
        first = await _sentences(client, prompt, material, evidence, "")
    except CallFailed as error:
        return base.model_copy(update={"remarks": (f"模型未能写稿（{error.kind}），本稿由模板写成。",)})
    good, bad = _sorted(first, evidence, material)
    lost = 0
    if bad:
        try:
            again = await _sentences(client, prompt, material, evidence, _AGAIN + _told(bad))
        except CallFailed:
            again = []
        mended, _ = _sorted(again, evidence, material)
        good, lost = _in_place(first, good, bad, mended)
    return _joined(base, good, lost)


def _used(proof: Proof) -> bool:
    """Evidence that a model may write from: what the department says, and findings; not our own counts."""
    return proof.finding not in ("要求", "结论", "归并", "对象", "对应")


async def _sentences(
    client: Client, prompt: Prompt, material: Material, evidence: Sequence[Proof], more: str
) -> list[Sentence]:
    def check(reply: Answer) -> list[str]:
        assert isinstance(reply, DraftReply)
        return known((n for one in reply.sentences for n in one.proofs), evidence)

    answer = await client.ask(request(prompt, shown(evidence), check, more), material.name)
    assert isinstance(answer.reply, DraftReply)
    return [
        Sentence(text=one.text, side=one.side, section=one.section, proofs=tuple(one.proofs))
        for one in answer.reply.sentences
        if one.section in _OWN and one.text.strip()
    ]


def _sorted(
    sentences: Sequence[Sentence], evidence: Sequence[Proof], material: Material
) -> tuple[list[Sentence], list[tuple[Sentence, list[Fault]]]]:
    """The sentences that hold, and the others with their faults."""
    by_number = {one.number: one for one in evidence}
    names = names_of(material.case)
    judged = []
    for one in sentences:
        faults = faults_of(one, [by_number[n] for n in one.proofs if n in by_number], names)
        if one.side != _SIDES[one.section]:
            faults.append(Fault("side", one.text))
        judged.append((one, faults))
    return [one for one, faults in judged if not faults], [(one, faults) for one, faults in judged if faults]


def _in_place(
    first: Sequence[Sentence],
    good: Sequence[Sentence],
    bad: Sequence[tuple[Sentence, list[Fault]]],
    mended: Sequence[Sentence],
) -> tuple[list[Sentence], int]:
    """The sentences in the order of the first reply, a mended one where the one most like it stood.

    The number is that of the sentences which nothing came in the place of.
    """
    order = {id(one): i for i, one in enumerate(first)}
    placed = [(order[id(one)], 0, one) for one in good]
    answered = set()
    for i, one in enumerate(mended):
        old = max((old for old, _ in bad), key=lambda old: _likeness(one, old))
        answered.add(id(old))
        if squeezed(one.text) not in {squeezed(other.text) for _, _, other in placed}:
            placed.append((order[id(old)], i + 1, one))
    return [one for _, _, one in sorted(placed, key=lambda found: found[:2])], len(bad) - len(answered)


def _likeness(one: Sentence, other: Sentence) -> tuple[bool, float]:
    return one.section == other.section, Levenshtein.normalized_similarity(one.text, other.text)


_FAULTS = {
    "uncited": "没有所据证据",
    "unresolved": "所据证据不存在",
    "side": "部门所说与审核所见混在一起",
    "figure": "所据证据中没有这个数字和单位",
    "year": "所据证据中没有这个年份",
    "name": "所据证据中没有这个名称",
    "negation": "与所据证据的肯定或否定不同",
    "cause": "所据证据中没有这个原因",
    "verdict": "结论由规则给出",
    "forbidden": "用了不用的词",
    "quotation": "引文与所据证据不同",
    "uncovered": "所据证据没有讲这件事",
}


def _told(bad: Sequence[tuple[Sentence, list[Fault]]]) -> str:
    lines = []
    for one, faults in bad:
        why = "；".join(dict.fromkeys(f"{_FAULTS[kind]}（{words[:20]}）" for kind, words in faults))
        lines.append(f"- section {one.section} {one.side} {list(one.proofs)} “{one.text}”：{why}")
    return "\n".join(lines)


def _joined(base: Review, own: Sequence[Sentence], left_out: int) -> Review:
    """The model's sentences between those that code wrote, in the order of the sections."""
    told = {one.section for one in own}
    kept = [
        one
        for one in base.sentences
        if one.section not in _OWN or one.section not in told or one.side != _SIDES[one.section]
    ]
    errors = {one.number for one in base.proofs if one.finding and one.text.startswith(GRADE_WORDS["E"])}
    untold = errors - {number for one in (*own, *kept) for number in one.proofs}
    more = [one for one in base.sentences if len(one.proofs) == 1 and one.proofs[0] in untold]
    sentences = sorted([*kept, *own, *more], key=lambda one: one.section)
    return base.model_copy(update={"sentences": tuple(sentences), "left_out": base.left_out + left_out})
