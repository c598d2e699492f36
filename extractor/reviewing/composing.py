"""A review draft without a model: sentences by templates, each on its proofs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from extractor.checks.amounts import basis
from extractor.checks.arithmetic import percent, places, rounded
from extractor.checks.case import GRADES, Case, Finding
from extractor.checks.problems import is_general
from extractor.checks.registry import checks
from extractor.report import TOTAL, FundingLine
from extractor.review import Review, Sentence, ordinal
from extractor.reviewing.advice import ADVICE
from extractor.reviewing.proofs import GRADE_WORDS, LABELS, Proofs, shown
from extractor.reviewing.verdicts import RULE, Rule, concluded
from extractor.verification import FORBIDDEN, faults_of

_SHORT = 24
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
    yield from _self_evaluated(case, proofs)
    for at, line in case.lines:
        if not line.partial:
            yield from _recomputed(at, line, proofs)


def _self_evaluated(case: Case, proofs: Proofs) -> Iterator[Sentence]:
    """The department's verdict on itself: score, grade and conclusion."""
    own = case.report.self_evaluation
    known = [(name, value) for name in ("score", "grade") if (value := getattr(own, name)) is not None]
    if known:
        words = "，".join(f"{LABELS[name]}{value}" for name, value in known)
        numbers = tuple(proofs.value(f"/self_evaluation/{name}", value) for name, value in known)
        yield Sentence(text=f"{words}。", side="department", section=1, proofs=numbers)
    if own.conclusion:
        number = proofs.value("/self_evaluation/conclusion", own.conclusion)
        text = f"自评结论：{_quoted(own.conclusion)}"
        yield Sentence(text=text, side="department", section=1, proofs=(number,))


def _recomputed(at: str, line: FundingLine, proofs: Proofs) -> Iterator[Sentence]:
    """The rates of a line computed from its amounts, and whether they are as printed."""
    own = basis(at, line)
    rates = []
    if own is not None and own.amount and line.actual is not None:
        share = (line.actual, own.words, line.actual / own.amount * 100)
        rates.append(("预算完成率", line.execution_rate, share, [f"{at}/actual", *own.pointers]))
    if line.initial and line.adjustment is not None:
        share = (line.adjustment, str(line.initial), line.adjustment / line.initial * 100)
        rates.append(("预算调整率", line.adjustment_rate, share, [f"{at}/adjustment", f"{at}/initial"]))
    source = "" if line.source == TOTAL else f"“{line.source}”"
    for name, printed, (part, whole, exact), pointers in rates:
        same = printed is not None and rounded(exact, places(printed)) == printed
        said = "，未列" if printed is None else "，与所列一致" if same else f"，所列为{printed}%"
        words = f"{source}{name}重新计算：{part} ÷ {whole} = {percent(exact)}{said}"
        number = proofs.computed("重算", words, pointers)
        yield Sentence(text=f"{words}。", side="review", section=1, proofs=(number,))


def _quoted(text: str) -> str:
    """A text as the department wrote it, on one line; marked as a quotation where its words are not ours."""
    words = "".join(text.split())
    return f"「{words}」" if FORBIDDEN.search(words) else words


def _unanswered(case: Case, proofs: Proofs) -> Iterator[Sentence]:
    """Problems without a measure, measures without a problem, and measures that say nothing in particular."""
    report = case.report
    answered = {one for measure in report.measures for one in measure.addresses}
    lone = [i for i in range(len(report.problems)) if i not in answered]
    free = [j for j, one in enumerate(report.measures) if not one.addresses and report.problems]
    vague = [j for j, one in enumerate(report.measures) if is_general(one.text)]
    for words, name, own in (
        ("未见对应措施的问题", "problems", lone),
        ("未见对应问题的措施", "measures", free),
        ("表述笼统、未写明具体做法的措施", "measures", vague),
    ):
        if own:
            told = f"{words}{len(own)}项：{'；'.join(_opening(getattr(report, name)[i].text) for i in own)}"
            number = proofs.computed("对应", told, [f"/{name}/{i}/text" for i in own])
            yield Sentence(text=f"{told}。", side="review", section=2, proofs=(number,))


def _opening(text: str) -> str:
    """The beginning of a text as a quotation."""
    words = "".join(text.split()).rstrip("。；;")
    return f"“{words if len(words) <= _SHORT else words[:_SHORT] + '…'}”"


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
    yield from _unanswered(case, proofs)


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
