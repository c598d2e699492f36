"""C1, C4, C6, C8 and C9: what the department says of itself against its figures; the parts by rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio

from extractor.assessment import Verdict
from extractor.checks.amounts import basis
from extractor.checks.arithmetic import percent
from extractor.checks.case import Case, Finding, indicators_words
from extractor.checks.claims import claim, top_grade
from extractor.checks.indicators import pairs
from extractor.checks.registry import check
from extractor.folding import squeezed
from extractor.pairing import overlap, subjects
from extractor.quantities import NUMBER, Money, number
from extractor.report import TOTAL, FundingLine
from extractor.wording import plain

_CHANGE = r"(?:追加|合计增加|调整增加|调增|调减|核减|压减|预算调整|调整预算|年中调整|增加预算|收回)"
_GRANTED = r"(?:预算|资金|经费|专款|专项|补助|转移支付|债券|拨款|指标|安排)"
_WHY_CHANGED = re.compile(
    rf"(?:因|由于|受|根据|按照|主要(?:是|原因|用于))[^。;]{{2,60}}{_CHANGE}"
    rf"|(?:上级|中央|省|市|区|县|年中)[^。;]{{0,14}}(?:追加|增加|新增)[^。;]{{0,20}}{_GRANTED}[^。;]{{0,20}}元"
    rf"|(?:下达|拨入)[^。;]{{2,60}}{_CHANGE}"
    rf"|{_CHANGE}[^。;]{{0,40}}(?:原因|因|由于|主要(?:是|为)|用于|系|为了)"
)
_UP = re.compile(r"追加|增加|新增|调增|下达|拨入|上升|补助|专款")
_DOWN = re.compile(r"调减|核减|压减|收回|减少|核销|结转|压缩|取消")
_ADVERSE = re.compile(
    r"[^,，。;；\n]{0,30}(?:未(?:能)?(?:按期|按时|如期|全部|达到|完成|实现|达标)|进度(?:滞后|缓慢|较慢)|执行率(?:偏低|较低|不高)"
    r"|结转结余(?:较大|较多)|支付(?:滞后|缓慢|进度(?:慢|较慢)))[^,，。;；\n]{0,30}"
)
_KEY_NOTES = (
    re.compile(rf"重点项目(?:是)?指[^。;；]{{0,16}}?({NUMBER})(万元|亿元|元)(?:\(含\))?(?:及)?以上"),
    re.compile(rf"({NUMBER})(万元|亿元|元)(?:\(含\))?(?:及)?以上的?项目作为重点项目"),
)
_OWN_BUDGET = re.compile(rf"(?:预算|资金|金额)[^,，。;；\d]{{0,8}}({NUMBER})(万元|亿元|元)")
_LARGEST_NOTE = re.compile(r"重点项目[^。;]{0,24}(?:资金|金额)[^。;]{0,6}最(?:大|高|多)")
_PAID = re.compile(rf"(?:支付|拨付|兑现|发放|支出|涉及)[^,，。;；\d]{{0,30}}({NUMBER})(万元|亿元|元)")
_SLOW = re.compile(r"执行率|支出进度|支付进度|执行进度|执行较慢|结转|未支付")
_LISTED = 55.0
_OPENING = 40
_NAMED = 0.6


@check("C1", "W", "预算调整率较高且未见说明", "预算调整率的绝对值 ≥ 关注阈值", ["adjustment_rate"])
def adjusted(case: Case) -> Iterator[Finding]:
    """An adjustment rate at or above the mark that nothing explains, of the total or of a source."""
    told = [one for one in re.split("。", case.plain) if _WHY_CHANGED.search(one)]
    for at, line in case.lines:
        change = line.adjustment
        if change is None and line.adjusted is not None and line.initial is not None:
            change = line.adjusted - line.initial
        same, other = (_DOWN, _UP) if change is not None and change < 0 else (_UP, _DOWN)
        reasons = [one for one in told if same.search(one) or not other.search(one)]
        if line.partial or _explained(case, line, reasons):
            continue
        rate, computed = line.adjustment_rate, None
        if line.initial and change is not None:
            exact = change / line.initial * 100
            rate, computed = (
                rate if rate is not None else exact,
                f"{change} ÷ {line.initial} = {percent(exact)}",
            )
        if rate is None or abs(rate) < case.thresholds.adjustment_rate:
            continue
        used = ("adjustment_rate", "initial", "adjustment" if line.adjustment is not None else "adjusted")
        pointers = [f"{at}/{name}" for name in used if getattr(line, name) is not None]
        own = "" if line.source == TOTAL else f"“{line.source}”"
        yield case.finding(
            "C1",
            "W",
            pointers,
            f"{own}预算调整率{percent(Decimal(rate))}，达到关注阈值{case.thresholds.adjustment_rate}%，未见调整原因的说明，建议补充。",
            computed=computed,
            source=case.thresholds.source("adjustment_rate"),
        )
        if line.source == TOTAL:
            return  # its sources say no more


def _explained(case: Case, line: FundingLine, reasons: Sequence[str]) -> bool:
    """Whether a change of a line is explained: by a reason that names it, or one that names no source."""
    if line.source == TOTAL:
        return bool(reasons)
    sources = [one.source for _, one in case.lines if one.source != TOTAL]
    return any(line.source in one or not any(source in one for source in sources) for one in reasons)


@check(
    "C4",
    "W",
    "不利事实未列入存在问题",
    "未完成、执行率偏低等应列入存在问题",
    ["low_execution"],
    judgement=True,
)
def unlisted(case: Case) -> Iterator[Finding]:
    """An adverse fact that is not listed as a problem."""
    for one in case.indicators:
        missed = [pair for pair in pairs(one) if pair.verdict is Verdict.NOT_MET]
        reason = one.it.deviation_reason or ""
        told = listed(case, one.it.name, one.it.actual or "") or (reason and _same_subject(case, reason))
        if missed and not told:
            yield case.finding(
                "C4",
                "W",
                [f"{one.at}/actual", f"{one.at}/target"],
                f"{indicators_words(one.it)}未达到目标（目标“{missed[0].target}”，完成“{missed[0].actual}”），未列入存在问题。",
                source="未完成、执行率偏低等应列入存在问题",
            )
    for at, name, spent, whole in executions(case):
        share = spent / whole * 100
        if share < case.thresholds.low_execution and not _low_execution_listed(case, name):
            yield case.finding(
                "C4",
                "W",
                [at],
                f"{name}执行率{percent(share)}，低于关注阈值{case.thresholds.low_execution}%，未列入存在问题。",
                computed=f"{spent} ÷ {whole} = {percent(share)}",
                source=case.thresholds.source("low_execution"),
            )
    for at, text in case.passages:
        if at.startswith(("/problems", "/measures")):
            continue
        for match in _ADVERSE.finditer(squeezed(text)):
            if not listed(case, match[0]):
                yield case.finding(
                    "C4", "W", [at], f"文中称“{match[0]}”，未列入存在问题。",
                    source="未完成、执行率偏低等应列入存在问题",
                )  # fmt: skip


def executions(case: Case) -> Iterator[tuple[str, str, Decimal, Decimal]]:
    """Spending against its budget, by line and project: pointer, name, spent, budget."""
    for at, line in case.lines:
        own = basis(at, line)
        if own is not None and own.amount > 0 and line.actual is not None and not line.partial:
            yield f"{at}/actual", f"“{line.source}”", line.actual, own.amount
    for i, one in enumerate(case.report.projects):
        if one.budget and one.actual is not None:
            yield f"/projects/{i}/actual", f"项目“{one.name}”", one.actual, one.budget


def listed(case: Case, words: str, figure: str = "") -> bool:
    """Whether a fact is told as a problem: in like words, or by its figure beside a word of it."""
    wanted, shown = plain(words), plain(figure)
    texts = [plain(one.text) for one in case.report.problems]
    if any(partial_ratio(wanted, text) >= _LISTED for text in texts):
        return True
    return any(shown in text and _shares(wanted, text) for text in texts if len(shown) > 1)


def _same_subject(case: Case, text: str) -> bool:
    return any(overlap(subjects(text), subjects(one.text)) >= 0.3 for one in case.report.problems)


def _shares(name: str, text: str) -> bool:
    return any(name[i : i + 3] in text for i in range(max(1, len(name) - 2)))


def _low_execution_listed(case: Case, name: str) -> bool:
    own = squeezed(name).strip('“”"项目')
    return any(
        re.search(r"执行率|支出进度|支付进度|执行进度|执行较慢|结转|未支付", squeezed(one.text))
        or own in squeezed(one.text)
        for one in case.report.problems
    )


@check("C6", "E", "自评结论与事实不符", "结论称全部完成而有指标未完成", judgement=True)
def concluded(case: Case) -> Iterator[Finding]:
    """The conclusion or grade against the facts."""
    words, grade = claim(case), top_grade(case)
    assessed = [(one, own) for one in case.indicators if (own := pairs(one))]
    missed = [one for one, own in assessed if any(pair.verdict is Verdict.NOT_MET for pair in own)]
    half = len(missed) > 1 and len(missed) * 2 >= len(assessed)
    if not missed or not (words or (grade and half)):
        return
    said = f"自评结论称“{words}”" if words else f"自评等级为“{grade}”"
    yield case.finding(
        "C6",
        "E",
        [f"/self_evaluation/{'conclusion' if words else 'grade'}", *(f"{one.at}/actual" for one in missed)],
        f"{said}，{len(missed)}项指标未达到目标："
        f"{'、'.join(f'“{one.it.name}”' for one in missed[:5])}，前后不一致。",
        computed=f"未达到目标的指标 {len(missed)} 项",
        source="结论与指标完成情况一致",
    )


@check("C8", "W", "重点项目不是表注要求的项目", "重点项目按表注的金额标准选取", judgement=True)
def key_project(case: Case) -> Iterator[Finding]:
    """The key project is not the one that the form's note asks for."""
    told = case.report.key_project_performance
    if told and _LARGEST_NOTE.search(case.plain):
        yield from _largest(case, told)
    note = next(filter(None, (one.search(case.plain) for one in _KEY_NOTES)), None)
    least = number(note[1]) if note else None
    if note is None or least is None or not told or not case.unit:
        return
    bar = Money(least, note[2]).converted(case.unit).amount
    funds = [
        *((f"/tasks/{i}", t.name, t.expected or "", t.funds) for i, t in enumerate(case.report.tasks)),
        *((f"/projects/{i}", p.name, "", p.budget) for i, p in enumerate(case.report.projects)),
    ]
    large = [one for one in funds if one[3] is not None and one[3] >= bar]
    own = max(funds, key=lambda one: _about(told, one[1], one[2]), default=None)
    named = own is not None and _about(told, own[1], own[2]) >= _NAMED
    chosen = (own[0], own[1], own[3]) if own and named else ("", _opening(told), _own_budget(told, case.unit))
    if not large or chosen[2] is None or chosen[2] >= bar:
        return
    yield case.finding(
        "C8",
        "W",
        list(filter(None, ["/key_project_performance", chosen[0], large[0][0]])),
        f"表注要求重点项目为{note[1]}{note[2]}以上项目，所填内容为“{chosen[1]}”（{chosen[2]}{case.unit}），"
        f"“{large[0][1]}”（{large[0][3]}{case.unit}）达到标准而未填。",
        computed=f"{chosen[2]} < {bar} ≤ {large[0][3]}",
        source="重点项目按表注的金额标准选取",
    )


def key_note(case: Case) -> tuple[int, int] | None:
    """The place of the note that says which project the form asks for, None where there is none."""
    for shape in (*_KEY_NOTES, _LARGEST_NOTE):
        if match := shape.search(case.plain):
            span = case.view.span(*match.span())
            return span.start, span.end
    return None


def _opening(text: str) -> str:
    """The words with which a passage begins, up to its first mark."""
    return re.split(r"[,，。:：;；\n]", "".join(text.split()))[0][:24]


def _own_budget(told: str, unit: str) -> Decimal | None:
    """The budget that a passage states for its project near its beginning."""
    match = _OWN_BUDGET.search(squeezed(told)[: _OPENING * 3])
    value = number(match[1]) if match else None
    return Money(value, match[2]).converted(unit).amount if match and value is not None else None


def _largest(case: Case, told: str) -> Iterator[Finding]:
    """The note asks for the task with the largest funds, and the passage is about another."""
    known = [(i, one) for i, one in enumerate(case.report.tasks) if one.funds is not None]
    if not known:
        return
    i, own = max(known, key=lambda one: one[1].funds or 0)
    head = plain(told)[:_OPENING]
    named = (
        overlap(subjects(own.name), subjects(head)) >= 0.5
        or _about(told, own.name, own.expected or "") >= 0.6
    )
    if named or f"{own.funds:,}" in told or str(own.funds) in told:
        return
    yield case.finding(
        "C8",
        "W",
        ["/key_project_performance", f"/tasks/{i}"],
        f"表注要求填写任务涉及资金最大的任务（“{own.name}”，{own.funds}{case.unit}），所填重点项目与之不符。",
        computed=f"任务资金最大：{own.funds}{case.unit}",
        source="重点项目按表注的要求选取",
    )


def _about(told: str, name: str, goal: str) -> float:
    """How far a passage is about a task: its name stands in it, or it is like the task's goal."""
    if len(name) >= 4 and plain(name) in plain(told):
        return 1.0
    return Levenshtein.normalized_similarity(plain(told), plain(goal)) if goal else 0.0


@check("C9", "W", "任务资金低于文中所列支付，或口径不明", "任务资金 ≥ 所列支付金额", judgement=True)
def task_funds(case: Case) -> Iterator[Finding]:
    """A task's funds below the payments stated for it."""
    for i, task in enumerate(case.report.tasks):
        if task.funds is None or not task.achieved or not case.unit:
            continue
        for match in _PAID.finditer(squeezed(task.achieved)):
            value = number(match[1])
            paid = Money(value, match[2]).converted(case.unit).amount if value is not None else None
            if paid is not None and paid > task.funds:
                yield case.finding(
                    "C9",
                    "W",
                    [f"/tasks/{i}/funds", f"/tasks/{i}/achieved"],
                    f"任务“{task.name}”资金列为{task.funds}{case.unit}，文中“{match[0]}”高于该数，口径不明，建议核实。",
                    computed=f"{paid} > {task.funds}",
                    source="任务资金不低于所列支付金额",
                )
                break
