"""B1 to B4, B8 to B10 and B12: indicators, their targets and their results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.assessment import Verdict, assess
from extractor.checks.case import Case, Finding, Placed, indicators_words
from extractor.checks.claims import claim, top_grade
from extractor.checks.matching import Pair, judged
from extractor.checks.reasons import explained, over_explained
from extractor.checks.registry import check
from extractor.folding import squeezed
from extractor.quantities import Kind, Op, Quantity, parse

_BOUNDS = (Op.GE, Op.GT, Op.LE, Op.LT, Op.RANGE)
_LONGEST_BOUND = 16
_TABLES = {"/indicators": "关键指标表", "/tasks": "任务的指标表"}
_RATIO_NAMES = re.compile(r"(?:率|比例|比重|占比|增幅|增速)(?:\(.*\))?$")
_COUNT_UNITS = re.compile(r"[个家栋项人次件场亩吨户所名条辆台册本份期批套处座组间只张部根株棵盏]|公里|平方米")
_TIMED = re.compile(
    r"日前|月前|年前|底前|前完成|按时|及时|时限|\d月|不发生|不出现|杜绝|[零无]发生|应\w尽\w|[ⅠⅡⅢⅣⅤIV一二三四五]类|按[季月年旬周]"
)
_CHANGE = re.compile(r"由.+到|从.+到|[增减扩缩升降][^\d]{0,3}[到至]")
_PLAN = re.compile(r"拟|计划|预计|将于")
_DONE = re.compile(r"(?:已|全部|按时|按期|如期|基本)?(?:完成|达成|实现|落实|达标)")


def _ratio(pair: Pair) -> str | None:
    """The computation of result ÷ target, None where either is no single figure."""
    goal, result = parse(pair.target), parse(pair.actual)
    top = goal.high
    if goal.low is None or result.low is None or not top:
        return None
    if goal.unit != result.unit and re.search(r"[百千万亿]", f"{goal.unit}{result.unit}"):
        return None
    share = result.low / top * 100
    return f"{result.low.normalize():f} ÷ {top.normalize():f} = {share.quantize(Decimal('0.01'))}%"


def is_bound(text: str | None) -> bool:
    """Whether a result's cell holds a bound or a range, as targets do; approximate figures are none."""
    if not text or len(squeezed(text)) > _LONGEST_BOUND or _CHANGE.search(squeezed(text)):
        return False
    found = parse(text)
    return found.kind in (Kind.NUMERIC, Kind.RANGE) and found.op in _BOUNDS and not found.approx


@check("B1", "E", "完成情况缺失，或填的是目标值", "完成情况应为实际完成值")
def no_result(case: Case) -> Iterator[Finding]:
    """The result is missing, or its cell holds a target (≧85家) where there is no other."""
    for one in case.indicators:
        it = one.it
        if it.actual is None:
            yield case.finding(
                "B1", "E", [one.at], f"{indicators_words(it)}未填完成情况。", source="完成情况应为实际完成值"
            )
        elif it.target is None and is_bound(it.actual):
            yield case.finding(
                "B1",
                "E",
                [f"{one.at}/actual"],
                f"{indicators_words(it)}的完成情况填为“{it.actual}”，是目标值的写法，未见实际完成值。",
                source="完成情况应为实际完成值",
            )


@check("B2", "W", "目标值缺失", "每项指标应有目标值")
def no_target(case: Case) -> Iterator[Finding]:
    """The target is missing; a table without a target column is one finding."""
    for list_at in dict.fromkeys(one.list for one in case.indicators):
        own = [one for one in case.indicators if one.list == list_at]
        lacking = [one for one in own if one.it.target is None]
        if (len(lacking) > 2 and len(lacking) * 2 > len(own)) or len(lacking) == len(own) > 1:
            yield case.finding(
                "B2",
                "W",
                [list_at],
                f"{_TABLES[list_at]}共{len(own)}项指标，{_all(len(lacking), len(own))}未列目标值。",
                spans=case.spans(*(f"{one.at}/name" for one in lacking)),
                source="每项指标应有目标值",
            )
        else:
            for one in lacking:
                words = f"{indicators_words(one.it)}未列目标值。"
                yield case.finding("B2", "W", [one.at], words, source="每项指标应有目标值")


def _all(part: int, whole: int) -> str:
    return "均" if part == whole else f"{part}项"


def pairs(one: Placed) -> tuple[Pair, ...]:
    """The figures of an indicator's target with those of its result."""
    return judged(one.it.target, one.it.actual, one.it.name)


@check("B3", "W/E", "未达到目标且未说明原因", "完成值低于目标值应说明原因")
def not_met(case: Case) -> Iterator[Finding]:
    """Not met and no reason given; E if the conclusion claims success."""
    words, grade = claim(case), top_grade(case)
    tail = f"，而自评结论称“{words}”" if words else f"，而自评等级为“{grade}”" if grade else ""
    said = ["/self_evaluation/conclusion"] if words else ["/self_evaluation/grade"] if grade else []
    for one in case.indicators:
        missed = [pair for pair in pairs(one) if pair.verdict is Verdict.NOT_MET]
        if missed and not explained(case, one):
            yield case.finding(
                "B3",
                "E" if said else "W",
                [f"{one.at}/actual", f"{one.at}/target", *said],
                f"{indicators_words(one.it)}目标“{missed[0].target}”，完成“{missed[0].actual}”，"
                f"未达到目标，未见原因说明{tail}。",
                computed=_ratio(missed[0]) or f"{missed[0].actual} 未达到 {missed[0].target}",
                source="完成值低于目标值应说明原因",
            )


@check("B4", "W", "超额完成较多且未说明原因", "完成值 ÷ 目标值 ≥ 关注阈值", ["over_ratio"])
def over_achieved(case: Case) -> Iterator[Finding]:
    """At or above the ratio of the target and no reason given."""
    for one in case.indicators:
        over = [pair for pair in pairs(one) if _is_over(case, one, pair)]
        if over and not explained(case, one) and not over_explained(case, one):
            shown = _ratio(over[0])
            share = f"，为目标的{shown.rsplit('= ', 1)[1]}" if shown else ""
            yield case.finding(
                "B4",
                "W",
                [f"{one.at}/actual", f"{one.at}/target"],
                f"{indicators_words(one.it)}目标“{over[0].target}”，完成“{over[0].actual}”{share}，"
                "达到关注阈值，未见说明，建议说明目标设置依据。",
                computed=shown,
                source=case.thresholds.source("over_ratio"),
            )


def _is_over(case: Case, one: Placed, pair: Pair) -> bool:
    return assess(pair.target, pair.actual, one.it.name, case.thresholds.over_ratio) is Verdict.OVER


@check("B8", "W", "完成情况答非所问（单位或类型不同）", "完成值的单位应与目标值一致", judgement=True)
def unanswered(case: Case) -> Iterator[Finding]:
    """The result does not answer its indicator: another unit, or no figure where one was aimed at."""
    for one in case.indicators:
        it = one.it
        if not it.target or not it.actual or pairs(one):
            continue
        goal, result = parse(it.target), parse(it.actual)
        if goal.kind is not Kind.NUMERIC or len(squeezed(it.target)) > _LONGEST_BOUND:
            continue
        if _TIMED.search(squeezed(it.target)) or _PLAN.search(squeezed(it.actual)):
            continue
        done = goal.unit == "%" and _DONE.search(squeezed(it.actual)) is not None
        shown = f"目标为“{it.target}”，完成情况为“{it.actual}”"
        if result.kind is Kind.NUMERIC and _other_unit(goal, result):
            words = f"{shown}，单位不同，无法对照"
        elif result.kind is Kind.QUALITATIVE and not done:
            words = f"{shown}，未给出数值"
        else:
            continue
        yield case.finding(
            "B8",
            "W",
            [f"{one.at}/actual", f"{one.at}/target"],
            f"{indicators_words(it)}{words}，建议补充。",
            source="完成值的单位应与目标值一致",
        )


def _other_unit(goal: Quantity, result: Quantity) -> bool:
    if not goal.unit or not result.unit or goal.unit == result.unit:
        return False
    return ("%" in (goal.unit, result.unit)) or assess(
        f"1{goal.unit}", f"1{result.unit}"
    ) is Verdict.NOT_ASSESSABLE


@check("B9", "W", "目标无法衡量，或完成情况只是重复目标", "目标应可衡量，完成情况应为实际值")
def unmeasurable(case: Case) -> Iterator[Finding]:
    """The target cannot be measured, or the result echoes it."""
    for one in case.indicators:
        it = one.it
        if not it.target:
            continue
        goal = parse(it.target)
        figures = any(pair for pair in pairs(one))
        if it.actual and _echo(it.target, it.actual):
            words = f"目标为“{it.target}”，完成情况为“{it.actual}”，只是重复目标，未见实际完成值"
        elif _TIMED.search(squeezed(it.target)):
            continue
        elif goal.kind in (Kind.QUALITATIVE, Kind.TEXT) and not goal.baseline and not figures:
            words = f"目标“{_short(it.target)}”无法衡量，建议量化"
        else:
            continue
        yield case.finding(
            "B9",
            "W",
            [f"{one.at}/target", f"{one.at}/actual"] if it.actual else [f"{one.at}/target"],
            f"{indicators_words(it)}{words}。",
            source="目标应可衡量，完成情况应为实际值",
        )


def _echo(target: str, actual: str) -> bool:
    """大于100家 for 多于100家, 超过1家 for 1家: the bound again instead of a figure; or the words again."""
    goal, result = parse(target), parse(actual)
    if goal.kind in (Kind.QUALITATIVE, Kind.TEXT):
        return squeezed(target).rstrip("。;,.") == squeezed(actual).rstrip("。;,.")
    if goal.kind not in (Kind.NUMERIC, Kind.RANGE) or not is_bound(actual):
        return False
    if result.op is Op.RANGE:
        return (result.low, result.high) == (goal.low, goal.high)
    return result.low in (goal.low, goal.high)


def _short(text: str, most: int = 30) -> str:
    plain = "".join(text.split())
    return plain if len(plain) <= most else plain[:most] + "…"


@check("B10", "W", "指标归类不当", "数量放数量指标，比率放质量指标，满意度放满意度指标", judgement=True)
def misclassed(case: Case) -> Iterator[Finding]:
    """The indicator stands under the wrong class."""
    for one in case.indicators:
        words = _misclassed(one)
        if words:
            yield case.finding(
                "B10",
                "W",
                [f"{one.at}/level", f"{one.at}/name"],
                f"{indicators_words(one.it)}{words}，建议调整归类。",
                source="数量放数量指标，比率放质量指标，满意度放满意度指标",
            )


def _misclassed(one: Placed) -> str | None:
    level = squeezed(one.it.level or "").rsplit("/", 1)[-1]
    name = squeezed(one.it.name)
    goal = parse(one.it.target or one.it.actual or "")
    ratio = bool(goal.unit and goal.unit.startswith("%"))
    if not level:
        return None
    if "满意" in name and ("满意" in name[-6:]) and "满意" not in squeezed(one.it.level or ""):
        return f"是满意度，列在“{level}”下"
    unit = (goal.unit or "").lstrip("百千万亿")
    counted = not ratio and _COUNT_UNITS.match(unit) is not None
    if level.startswith("质量") and counted and not _RATIO_NAMES.search(name) and "均" not in name:
        return "以数量计，列在“质量指标”下"
    if level.startswith("数量") and (ratio or not goal.unit) and _RATIO_NAMES.search(name):
        return "是比率，列在“数量指标”下"
    return None
