"""Whether an indicator was met, from its printed target and result.

The rules are those of the guide: more meets a plain figure; less is better for ≤, costs and harms, which are
never over; a missing target is never taken for 100%; a result that only repeats its target says nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

from extractor.folding import squeezed
from extractor.quantities import Kind, Op, Quantity, parse

OVER = Decimal("1.3")
_NEAR = Decimal("0.1")
_SAME_MEASURES = (
    frozenset("场次期"),
    frozenset({"人", "名", "位"}),
    frozenset({"家", "户"}),
    frozenset({"个", "项"}),
)
_SCALE = re.compile(r"^(百万|千万|万亿|百|千|万|亿)")
_POWERS = {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_HARMS = re.compile(
    r"成本|费用|支出|投诉|事故|死亡|伤亡|漏损|故障|违规|发案|失信|能耗|排放|污染|逾期|差错"
    r"|控制率|耗时|时长|等候"
)


_DATE = r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|底|末|份)?"
_DEADLINE = re.compile(rf"(?:应|须)?(?:于|在)?{_DATE}(?:之?前|以前)(?:全部|基本)?(?:完成[^,，。\d]{{0,8}})?")
_DONE_ON = re.compile(
    rf"(?:已|实际)?(?:于|在)?{_DATE}(?:全部|全面|已|才)?"
    r"(?:完成|投入使用|办结|验收|交付|上线|建成)?[^,，。\d]{0,6}"
)


class Verdict(StrEnum):
    """What the result says about the target."""

    MET = "met"
    NOT_MET = "not_met"
    OVER = "over"
    NOT_ASSESSABLE = "not_assessable"


def assess(target: str | None, actual: str | None, name: str = "", over: Decimal = OVER) -> Verdict:
    """The verdict on one indicator; `over` is the ratio of result to target for over-achieved."""
    if not target or not actual:
        return Verdict.NOT_ASSESSABLE
    if (late := _late(squeezed(target), squeezed(actual))) is not None:
        return Verdict.NOT_MET if late else Verdict.MET
    goal, result = parse(target), parse(actual)
    if goal.kind is Kind.BOOLEAN and result.kind is Kind.BOOLEAN:
        return Verdict.MET if goal.truth == result.truth else Verdict.NOT_MET
    if (
        goal.baseline
        or goal.kind not in (Kind.NUMERIC, Kind.RANGE)
        or result.kind not in (Kind.NUMERIC, Kind.RANGE)
    ):
        return Verdict.NOT_ASSESSABLE
    scaled = _in_unit(result, goal.unit)
    if scaled is None or goal.low is None or goal.high is None:
        return Verdict.NOT_ASSESSABLE
    return _compared(goal, result, scaled, bool(_HARMS.search(name)), over)


def _late(target: str, actual: str) -> bool | None:
    """Whether a date is later than the deadline that was set; None where either is no date."""
    due, done = _DEADLINE.fullmatch(target), _DONE_ON.fullmatch(actual)
    if due is None or done is None:
        return None
    years = {one["year"] for one in (due, done) if one["year"]}
    if len(years) > 1:
        return int(done["year"]) > int(due["year"])
    last = int(due["day"]) if due["day"] else 31
    return (int(done["month"]), int(done["day"] or 1)) > (int(due["month"]), last)


def _compared(
    goal: Quantity, result: Quantity, values: tuple[Decimal, Decimal], harm: bool, over: Decimal
) -> Verdict:
    assert goal.low is not None
    assert goal.high is not None
    low, high = values
    if result.op in (Op.GE, Op.GT, Op.LE, Op.LT) and low in (goal.low, goal.high):
        return Verdict.NOT_ASSESSABLE
    if goal.op in (Op.LE, Op.LT) or (harm and goal.op is Op.EQ):
        if result.op in (Op.GE, Op.GT) and high < goal.high:
            return Verdict.NOT_ASSESSABLE
        return _near_or(
            result, high, goal.high, high < goal.high or (high == goal.high and goal.op is not Op.LT)
        )
    if result.op in (Op.LE, Op.LT) and low > goal.low:
        return Verdict.NOT_ASSESSABLE
    met = low > goal.low or (low == goal.low and goal.op is not Op.GT)
    verdict = _near_or(result, low, goal.low, met)
    top = goal.high if goal.op is Op.RANGE else goal.low
    if verdict is Verdict.MET and top > 0 and low >= top * over and not harm:
        return Verdict.OVER
    return verdict


def _near_or(result: Quantity, value: Decimal, bound: Decimal, met: bool) -> Verdict:
    """An approximate figure within a tenth of the bound decides nothing."""
    if result.approx and bound and abs(value - bound) < abs(bound) * _NEAR:
        return Verdict.NOT_ASSESSABLE
    return Verdict.MET if met else Verdict.NOT_MET


def _in_unit(result: Quantity, unit: str | None) -> tuple[Decimal, Decimal] | None:
    """The result's bounds in the target's unit, None where the units do not compare."""
    if result.low is None or result.high is None:
        return None
    (own, power), (wanted, wanted_power) = _split(result.unit), _split(unit)
    if own != wanted and not (_alike(own, wanted) or not own or not wanted):
        return None
    if "%" in (own, wanted) and own != wanted and own:
        return None
    shift = power - wanted_power if own and wanted else 0
    return result.low.scaleb(shift), result.high.scaleb(shift)


def _split(unit: str | None) -> tuple[str, int]:
    """亩 and 4 of 万亩; a unit that begins otherwise has the power 0."""
    match = _SCALE.match(unit or "")
    if match is None or match.end() == len(unit or ""):
        return unit or "", 0
    return (unit or "")[match.end() :], _POWERS[match[1]]


def _alike(one: str, other: str) -> bool:
    if one.startswith(other) or other.startswith(one):
        return True
    return any(one[:1] in group and other[:1] in group for group in _SAME_MEASURES)
