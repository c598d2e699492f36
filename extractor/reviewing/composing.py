"""A review draft without a model: sentences by templates, each on its proofs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from extractor.checks.amounts import basis
from extractor.checks.arithmetic import percent
from extractor.checks.case import GRADES, Case, Finding
from extractor.checks.registry import checks
from extractor.report import TOTAL
from extractor.review import Review, Sentence
from extractor.reviewing.advice import ADVICE
from extractor.reviewing.proofs import GRADE_WORDS, LABELS, Proofs, shown
from extractor.reviewing.verdicts import RULE, Rule, concluded
from extractor.verification import FORBIDDEN, faults_of

_COUNTING = "一二三四五六七八九十"
_ELSEWHERE = ("C4", "C7")
_FIGURES = (
    "initial",
    "adjustment",
    "adjusted",
    "budget_unspecified",
    "actual",
    "execution_rate",
    "adjustment_rate",
)


@dataclass(frozen=True)
class Material:
    """What a review is written from: the case, its findings that stand, and the document's name and hash.

    `corrected` are the pointers of values that a person put in the place of what the document says.
    """

    case: Case
    findings: Sequence[Finding]
    name: str
    sha256: str
    rule: Rule = RULE
    corrected: frozenset[str] = frozenset()


def composed(material: Material) -> Review:
    """The draft; a sentence that does not hold against its proofs is left out and counted."""
    proofs = Proofs(material.case, material.corrected)
    sentences = list(_sentences(material, proofs))
    return verified(material, proofs, sentences)


def verified(material: Material, proofs: Proofs, sentences: Sequence[Sentence], left_out: int = 0) -> Review:
    """The draft of those sentences that hold."""
    names = names_of(material.case)
    known = {proof.number: proof for proof in proofs.held}
    kept = [
        one for one in sentences if not faults_of(one, [known[n] for n in one.proofs if n in known], names)
    ]
    return Review(
        document=material.name,
        sha256=material.sha256,
        department=material.case.report.department or "",
        sentences=tuple(kept),
        proofs=tuple(proofs.held),
        left_out=left_out + len(sentences) - len(kept),
    )


def names_of(case: Case) -> list[str]:
    """The names that the report knows."""
    report = case.report
    own = [*(one.name for one in report.tasks), *(one.name for one in report.projects)]
    own += [one.it.name for one in case.indicators]
    own += [line.source for _, line in case.lines if line.source != TOTAL]
    return [one for one in (report.department, *own) if one]


def _sentences(material: Material, proofs: Proofs) -> Iterator[Sentence]:
    yield from _subject(material, proofs)
    yield from _figures(material.case, proofs)
    yield from _problems(material.case, proofs)
    yield from _found(material, proofs)
    yield from _requests(material, proofs)
    yield from _conclusion(material, proofs)
    yield Sentence(
        text="本稿由程序根据所列材料生成，是供审核人员修改的草稿；所引材料的真实性未经核实，结论由审核人员确定。",
        side="fixed",
        section=7,
    )


def _subject(material: Material, proofs: Proofs) -> Iterator[Sentence]:
    report = material.case.report
    if report.department:
        year = f"{report.fiscal_year}年度" if report.fiscal_year else ""
        words = f"{report.department}{year}部门整体支出绩效自评"
        number = proofs.computed("对象", words, ["/department", "/fiscal_year"])
        yield Sentence(text=f"审核对象为{words}。", side="review", section=0, proofs=(number,))
    name = " ".join(material.name.split())
    yield Sentence(text=f"审核材料：{name}。", side="fixed", section=0)


def _figures(case: Case, proofs: Proofs) -> Iterator[Sentence]:
    """As reported, line by line; then recomputed."""
    for at, line in case.lines:
        told = [(f"{at}/{name}", name, getattr(line, name)) for name in _FIGURES]
        known = [(pointer, name, value) for pointer, name, value in told if value is not None]
        if not known:
            continue
        words = "，".join(
            f"{LABELS[name]}{shown(name, value, case.unit)}{proofs.mark(pointer)}"
            for pointer, name, value in known
        )
        source = proofs.value(f"{at}/source", line.source) if f"{at}/source" in case.places else None
        own = [proofs.value(pointer, value) for pointer, _, value in known]
        part = "（其中项）" if line.partial else ""
        lead = line.source + part if source else "部门"
        numbers = (source, *own) if source else tuple(own)
        yield Sentence(text=f"{lead}：{words}。", side="department", section=1, proofs=numbers)
    yield from _recomputed(case, proofs)


def _recomputed(case: Case, proofs: Proofs) -> Iterator[Sentence]:
    if case.total is None:
        return
    at, line = case.total
    own = basis(at, line)
    if own is not None and own.amount and line.actual is not None:
        share = f"{line.actual} ÷ {own.words} = {percent(line.actual / own.amount * 100)}"
        number = proofs.computed("重算", f"预算完成率重新计算：{share}", [f"{at}/actual", *own.pointers])
        yield Sentence(text=f"预算完成率重新计算：{share}。", side="review", section=1, proofs=(number,))
    if line.initial and line.adjustment is not None:
        share = f"{line.adjustment} ÷ {line.initial} = {percent(line.adjustment / line.initial * 100)}"
        number = proofs.computed(
            "重算", f"预算调整率重新计算：{share}", [f"{at}/adjustment", f"{at}/initial"]
        )
        yield Sentence(text=f"预算调整率重新计算：{share}。", side="review", section=1, proofs=(number,))


def ordinal(index: int) -> str:
    """一, 二 … 十, 十一 … for a position from 0."""
    tens, ones = divmod(index + 1, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_COUNTING[tens - 1]}十"
    return head + (_COUNTING[ones - 1] if ones else "")


def _quoted(text: str) -> str:
    """A text as the department wrote it, on one line; marked as a quotation where its words are not ours."""
    words = "".join(text.split())
    return f"「{words}」" if FORBIDDEN.search(words) else words


def _problems(case: Case, proofs: Proofs) -> Iterator[Sentence]:
    """Each problem with the measures that answer it, then measures that answer none."""
    report = case.report
    for i, problem in enumerate(report.problems):
        number = proofs.value(f"/problems/{i}/text", problem.text, "存在问题")
        text = f"问题{ordinal(i)}{proofs.mark(f'/problems/{i}/text')}：{_quoted(problem.text)}"
        yield Sentence(text=text, side="department", section=2, proofs=(number,))
        for j, measure in enumerate(report.measures):
            if i in measure.addresses:
                own = proofs.value(f"/measures/{j}/text", measure.text, "改进措施")
                text = f"对应措施：{_quoted(measure.text)}"
                yield Sentence(text=text, side="department", section=2, proofs=(own,))
    for j, measure in enumerate(report.measures):
        if not measure.addresses:
            own = proofs.value(f"/measures/{j}/text", measure.text, "改进措施")
            text = f"其他措施：{_quoted(measure.text)}"
            yield Sentence(text=text, side="department", section=2, proofs=(own,))


def _found(material: Material, proofs: Proofs) -> Iterator[Sentence]:
    """The findings by grade, those of one check together; what is no listed problem has its own section."""
    own = [one for one in material.findings if one.status != "rejected"]
    counts = "，".join(f"{GRADE_WORDS[grade]}{sum(one.grade == grade for one in own)}项" for grade in GRADES)
    number = proofs.counted("计数", f"审核发现：{counts}", own)
    yield Sentence(text=f"审核发现：{counts}。", side="review", section=3, proofs=(number,))
    for section in (3, 4):
        group = [one for one in own if (one.id in _ELSEWHERE) == (section == 4)]
        for grade in GRADES:
            yield from _grade([one for one in group if one.grade == grade], grade, section, proofs)
    if not any(one.id in _ELSEWHERE for one in own):
        words = "未发现应列入而未列入存在问题的事项"
        none = proofs.computed("计数", f"{words}：{'、'.join(_ELSEWHERE)}两项检查均无发现")
        yield Sentence(text=f"{words}。", side="review", section=4, proofs=(none,))


def _grade(found: Sequence[Finding], grade: str, section: int, proofs: Proofs) -> Iterator[Sentence]:
    titles = {one.id: one.title for one in checks()}
    for id, group in groupby(found, key=lambda one: one.id):
        own = list(group)
        numbers = [proofs.finding(one) for one in own]
        if len(own) > 1:
            words = f"{GRADE_WORDS[grade]}（{id}）：{titles[id]}，共{len(own)}项"
            lead = proofs.counted("归并", words, own)
            yield Sentence(text=f"{words}。", side="review", section=section, proofs=(lead, *numbers))
        for one, number in zip(own, numbers, strict=True):
            head = "" if len(own) > 1 else f"{GRADE_WORDS[grade]}（{id}）："
            tail = f"计算：{one.computed}。" if one.computed else ""
            yield Sentence(
                text=f"{head}{one.message}{tail}", side="review", section=section, proofs=(number,)
            )


def _requests(material: Material, proofs: Proofs) -> Iterator[Sentence]:
    """What the department should explain or change, once for each check."""
    own = [one for one in material.findings if one.status != "rejected" and one.grade != "I"]
    for id, group in groupby(own, key=lambda one: one.id):
        found = list(group)
        numbers = [proofs.finding(one) for one in found]
        words = f"请{ADVICE[id]}（{id}{f'，{len(found)}项' if len(found) > 1 else ''}）"
        number = proofs.counted("要求", words, found)
        yield Sentence(text=f"{words}。", side="review", section=5, proofs=(number, *numbers))


def _conclusion(material: Material, proofs: Proofs) -> Iterator[Sentence]:
    verdict, why = concluded(material.findings, material.rule)
    own = [one for one in material.findings if one.status != "rejected" and one.grade != "I"]
    number = proofs.counted("结论", f"建议结论：{verdict}。{why}", own)
    yield Sentence(text=f"建议结论：{verdict}。{why}。", side="review", section=6, proofs=(number,))
    yield Sentence(text=f"结论规则：{material.rule.words}。", side="fixed", section=6)
