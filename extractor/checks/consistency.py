"""C1 to C9: what the department says of itself against what its report shows; the parts by rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio

from extractor.assessment import Verdict
from extractor.checks.amounts import basis
from extractor.checks.arithmetic import percent
from extractor.checks.case import Case, Finding, indicators_words
from extractor.checks.indicators import CLAIMS, pairs
from extractor.checks.registry import check
from extractor.folding import squeezed
from extractor.pairing import overlap, subjects
from extractor.quantities import NUMBER, Money, number
from extractor.wording import plain

_CHANGE = r"(?:追加|调增|调减|核减|压减|预算调整|调整预算|年中调整|增加预算|收回)"
_WHY_CHANGED = re.compile(
    rf"(?:因|由于|受|根据|按照|为|主要(?:是|原因|用于))[^。;]{{2,60}}{_CHANGE}|{_CHANGE}[^。;]{{0,40}}(?:原因|因|由于|主要(?:是|为)|用于|系|为了)"
)
_VAGUE = re.compile(
    r"不够|有待|不足|不强|不高|不到位|不完善|不健全|不完整|不细|需(?:要)?(?:进一步)?(?:加强|提高|完善|规范)|薄弱|欠缺|差距"
)
_CONCRETE = re.compile(r"\d|如[:,，]?|例如|包括|其中|《|“")
_SMALL = re.compile(r"个别|少数|部分|有的|极少")
_LOW_TARGETS = re.compile(
    r"(?:目标|指标)[^,，。;；]{0,12}(?:偏低|过低|不(?:够)?(?:合理|科学|准确|精准)|保守)"
)
_ADVERSE = re.compile(
    r"[^,，。;；\n]{0,30}(?:未(?:能)?(?:按期|按时|如期|全部|达到|完成|实现|达标)|进度(?:滞后|缓慢|较慢)|执行率(?:偏低|较低|不高)"
    r"|结转结余(?:较大|较多)|支付(?:滞后|缓慢|进度(?:慢|较慢)))[^,，。;；\n]{0,30}"
)
_OWNED = re.compile(
    r"[^。;；\n]{0,40}(?:存在[^。;；\n]{1,25}(?:问题|不足|困难|短板|差距|薄弱)|仍有(?:差距|不足)|尚(?:有|存)[^。;；\n]{0,10}(?:差距|不足))[^。;；\n]{0,30}"
)
_KEY_NOTE = re.compile(rf"重点项目(?:是)?指[^。;；]{{0,16}}?({NUMBER})(万元|亿元|元)(?:\(含\))?(?:及)?以上")
_PAID = re.compile(rf"(?:支付|拨付|兑现|发放|支出|涉及)[^,，。;；\d]{{0,16}}({NUMBER})(万元|亿元|元)")
_SLOW = re.compile(r"执行率|支出进度|支付进度|执行进度|执行较慢|结转|未支付")
_LISTED = 55.0
_LEAST_SHARED = 0.02
_LONGEST_VAGUE = 70


@check("C1", "W", "预算调整率较高且未见说明", "预算调整率的绝对值 ≥ 关注阈值", ["adjustment_rate"])
def adjusted(case: Case) -> Iterator[Finding]:
    """An adjustment rate at or above the mark that nothing explains."""
    if case.total is None or _WHY_CHANGED.search(case.plain):
        return
    at, line = case.total
    rate, computed = line.adjustment_rate, None
    if line.initial and (line.adjustment is not None or line.adjusted is not None):
        change = line.adjustment if line.adjustment is not None else (line.adjusted or 0) - line.initial
        exact = change / line.initial * 100
        rate, computed = rate if rate is not None else exact, f"{change} ÷ {line.initial} = {percent(exact)}"
    if rate is None or abs(rate) < case.thresholds.adjustment_rate:
        return
    pointers = [
        f"{at}/{name}"
        for name in ("adjustment_rate", "adjustment", "initial")
        if getattr(line, name) is not None
    ]
    yield case.finding(
        "C1",
        "W",
        pointers,
        f"预算调整率{percent(Decimal(rate))}，达到关注阈值{case.thresholds.adjustment_rate}%，未见调整原因的说明，建议补充。",
        computed=computed,
        source=case.thresholds.source("adjustment_rate"),
    )


@check("C2", "W", "问题过于笼统", "问题应指明事项、数量或对象", judgement=True)
def vague(case: Case) -> Iterator[Finding]:
    """A problem so general that nothing can be done about it."""
    names = [squeezed(one.it.name) for one in case.indicators] + [
        squeezed(one.name) for one in case.report.tasks
    ]
    for i, problem in enumerate(case.report.problems):
        text = squeezed(problem.text)
        named = any(len(name) >= 4 and name in text for name in names)
        if len(text) <= _LONGEST_VAGUE and _VAGUE.search(text) and not _CONCRETE.search(text) and not named:
            yield case.finding(
                "C2", "W", [f"/problems/{i}/text"],
                f"问题“{_short(problem.text)}”表述笼统，未指明涉及的项目、指标或数量，建议具体化。",
                source="问题应指明事项、数量或对象",
            )  # fmt: skip


@check("C3", "W", "问题没有对应措施，或措施没有对应问题", "问题与措施应相互对应")
def unpaired(case: Case) -> Iterator[Finding]:
    """A problem without a measure, a measure without a problem."""
    problems, measures = case.report.problems, case.report.measures
    answered = {one for measure in measures for one in measure.addresses}
    ours, theirs = ([subjects(one.text) for one in side] for side in (problems, measures))
    for i, problem in enumerate(problems):
        if i not in answered and not _meets(ours[i], theirs):
            yield case.finding(
                "C3", "W", [f"/problems/{i}/text"], f"问题“{_short(problem.text)}”未见对应的改进措施。",
                source="问题与措施应相互对应",
            )  # fmt: skip
    for i, measure in enumerate(measures):
        if problems and not measure.addresses and not _meets(theirs[i], ours):
            yield case.finding(
                "C3", "W", [f"/measures/{i}/text"], f"措施“{_short(measure.text)}”未见对应的问题。",
                source="问题与措施应相互对应",
            )  # fmt: skip


def _meets(own: set[str], others: list[set[str]]) -> bool:
    """Whether a text shares a subject with any of others: links drawn by rules miss some that are there."""
    return any(overlap(own, other) >= _LEAST_SHARED for other in others)


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
        if missed and not _listed(case, one.it.name):
            yield case.finding(
                "C4",
                "W",
                [f"{one.at}/actual", f"{one.at}/target"],
                f"{indicators_words(one.it)}未达到目标（目标“{missed[0].target}”，完成“{missed[0].actual}”），未列入存在问题。",
                source="未完成、执行率偏低等应列入存在问题",
            )
    for at, name, spent, whole in _executions(case):
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
            if not _listed(case, match[0]):
                yield case.finding(
                    "C4", "W", [at], f"文中称“{match[0]}”，未列入存在问题。",
                    source="未完成、执行率偏低等应列入存在问题",
                )  # fmt: skip


def _executions(case: Case) -> Iterator[tuple[str, str, Decimal, Decimal]]:
    for at, line in case.lines:
        own = basis(at, line)
        if own is not None and own.amount > 0 and line.actual is not None and not line.partial:
            yield f"{at}/actual", f"“{line.source}”", line.actual, own.amount
    for i, one in enumerate(case.report.projects):
        if one.budget and one.actual is not None:
            yield f"/projects/{i}/actual", f"项目“{one.name}”", one.actual, one.budget


def _listed(case: Case, words: str) -> bool:
    wanted = plain(words)
    return any(partial_ratio(wanted, plain(one.text)) >= _LISTED for one in case.report.problems)


def _low_execution_listed(case: Case, name: str) -> bool:
    own = squeezed(name).strip('“”"项目')
    return any(
        re.search(r"执行率|支出进度|支付进度|执行进度|执行较慢|结转|未支付", squeezed(one.text))
        or own in squeezed(one.text)
        for one in case.report.problems
    )


@check("C5", "W", "问题说轻了", "“个别”“部分”应与实际数量相称", judgement=True)
def understated(case: Case) -> Iterator[Finding]:
    """A problem understated (个别, 部分) against the counts."""
    assessed = [
        one for one in case.indicators if pairs(one) and any(c.isdigit() for c in one.it.target or "")
    ]
    over = [one for one in assessed if any(pair.verdict is Verdict.OVER for pair in pairs(one))]
    low = [
        name
        for _, name, spent, whole in _executions(case)
        if spent / whole * 100 < case.thresholds.low_execution
    ]
    for i, problem in enumerate(case.report.problems):
        text = squeezed(problem.text)
        if not _SMALL.search(text):
            continue
        if _LOW_TARGETS.search(text) and len(over) * 3 >= len(assessed) > 3:
            yield case.finding(
                "C5",
                "W",
                [f"/problems/{i}/text", *(f"{one.at}/actual" for one in over)],
                f"问题称{_SMALL.findall(text)[0]}指标目标偏低，可对照的{len(assessed)}项指标中"
                f"有{len(over)}项完成值达到目标的{case.thresholds.over_ratio * 100:.0f}%以上，建议核实表述。",
                computed=f"{len(over)} ÷ {len(assessed)} = {percent(_share(len(over), len(assessed)))}",
                source=case.thresholds.source("over_ratio"),
            )
        if (
            re.search(r"执行率|支出进度", text)
            and "个别" in text
            and len(low) * 2 >= len(list(_executions(case))) > 3
        ):
            yield case.finding(
                "C5", "W", [f"/problems/{i}/text"],
                f"问题称个别项目执行率偏低，执行率低于关注阈值的有{len(low)}项，建议核实表述。",
                source=case.thresholds.source("low_execution"),
            )  # fmt: skip


@check("C6", "E", "自评结论与事实不符", "结论称全部完成而有指标未完成", judgement=True)
def concluded(case: Case) -> Iterator[Finding]:
    """The conclusion or grade against the facts."""
    own = case.report.self_evaluation
    match = CLAIMS.search(squeezed(own.conclusion)) if own.conclusion else None
    missed = [one for one in case.indicators if any(p.verdict is Verdict.NOT_MET for p in pairs(one))]
    if match is None or not missed:
        return
    yield case.finding(
        "C6",
        "E",
        ["/self_evaluation/conclusion", *(f"{one.at}/actual" for one in missed)],
        f"自评结论称“{match[0]}”，{len(missed)}项指标未达到目标："
        f"{'、'.join(f'“{one.it.name}”' for one in missed[:5])}，前后不一致。",
        computed=f"未达到目标的指标 {len(missed)} 项",
        source="结论与指标完成情况一致",
    )


@check("C7", "W", "别处承认的问题未列入存在问题", "文中承认的问题应列入存在问题", judgement=True)
def owned_elsewhere(case: Case) -> Iterator[Finding]:
    """A problem owned up to elsewhere and not carried into 存在问题."""
    texts = [one for one in case.passages if not one[0].startswith(("/problems", "/measures"))]
    texts += [
        (f"{one.at}/deviation_reason", one.it.deviation_reason)
        for one in case.indicators
        if one.it.deviation_reason
    ]
    for at, text in texts:
        for match in _OWNED.finditer(squeezed(text)):
            if not _listed(case, match[0]) and "不存在" not in match[0]:
                yield case.finding(
                    "C7", "W", [at], f"文中承认“{_short(match[0], 50)}”，未列入存在问题。",
                    source="文中承认的问题应列入存在问题",
                )  # fmt: skip


@check("C8", "W", "重点项目不是表注要求的项目", "重点项目按表注的金额标准选取", judgement=True)
def key_project(case: Case) -> Iterator[Finding]:
    """The key project is not the one that the form's note asks for."""
    note, told = _KEY_NOTE.search(case.plain), case.report.key_project_performance
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
    if own is None or not large or own in large or own[3] is None or _about(told, own[1], own[2]) < 0.6:
        return
    yield case.finding(
        "C8",
        "W",
        ["/key_project_performance", own[0], large[0][0]],
        f"表注要求重点项目为{note[1]}{note[2]}以上项目，所填内容为“{own[1]}”（{own[3]}{case.unit}），"
        f"“{large[0][1]}”（{large[0][3]}{case.unit}）达到标准而未填。",
        computed=f"{own[3]} < {bar} ≤ {large[0][3]}",
        source="重点项目按表注的金额标准选取",
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


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part * 100) / whole


def _short(text: str, most: int = 36) -> str:
    words = "".join(text.split())
    return words if len(words) <= most else words[:most] + "…"
