"""A10: scores and their weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.checks.arithmetic import plus, rounded, total
from extractor.checks.case import Case, Finding
from extractor.checks.registry import check
from extractor.quantities import NUMBER, number

_BANDS = (
    ("优", Decimal(90), Decimal(100)),
    ("良", Decimal(80), Decimal(90)),
    ("中", Decimal(60), Decimal(80)),
    ("差", Decimal(0), Decimal(60)),
)
_HUNDRED = Decimal(100)
_WHOLE = re.compile(rf"(?:总分值?|满分|分值合计|合计分值|共计?)[^\d,，。;；]{{0,6}}({NUMBER})分")
_EXECUTION = re.compile(rf"(?:执行率?|支出率)[^。;；]{{0,40}}?(?:分值|得分|得|计|为)?({NUMBER})分")
_FEWEST = 3


@check("A10", "E/W", "分值、得分、等级算不拢", "分值合计 = 100；得分合计 = 总分；得分 ≤ 分值；等级与总分相符")
def scores(case: Case) -> Iterator[Finding]:
    """Weights sum to 100, scores to the total, none above its weight; grade and execution follow."""
    scored = [
        *((at, line.weight, line.score) for at, line in case.lines),
        *((one.at, one.it.weight, one.it.score) for one in case.indicators),
    ]
    known = [one for one in scored if one[1] is not None or one[2] is not None]
    yield from _above(case, known)
    yield from _weights(case, known)
    yield from _sum(case, known)
    yield from _execution(case)
    yield from _band(case)


Scored = list[tuple[str, Decimal | None, Decimal | None]]


def _above(case: Case, known: Scored) -> Iterator[Finding]:
    for at, weight, score in known:
        if weight is not None and score is not None and score > weight:
            yield case.finding(
                "A10",
                "E",
                [f"{at}/score", f"{at}/weight"],
                f"得分{score}高于分值{weight}。",
                computed=f"{score} > {weight}",
                source="得分 ≤ 分值",
            )


def _complete(case: Case, known: Scored, which: int) -> list[tuple[str, Decimal]]:
    """The weights or scores, where every indicator has one; none where some are missing."""
    held = {at: value[which - 1] for at, *value in known}
    if any(held.get(one.at) is None for one in case.indicators):
        return []
    return [(at, value) for at, value in held.items() if value is not None]


def _weights(case: Case, known: Scored) -> Iterator[Finding]:
    own = _complete(case, known, 1)
    if len(own) < _FEWEST:
        return
    values = [value for _, value in own]
    if total(_HUNDRED, values) and not _stated_whole(case, sum(values, Decimal(0))):
        yield case.finding(
            "A10",
            "E",
            [f"{at}/weight" for at, _ in own],
            f"各项分值相加为{sum(values)}分，不等于100分。",
            computed=f"{plus(values)} = {sum(values)} ≠ 100",
            source="分值合计 = 100",
        )


def _stated_whole(case: Case, own: Decimal) -> bool:
    """Whether the weights make the total that the form states, or lack what is told of the execution."""
    stated = (number(match[1]) for match in _WHOLE.finditer(case.plain))
    return own in stated or _told_execution(case, _HUNDRED - own)


def _told_execution(case: Case, lacking: Decimal) -> bool:
    """Whether what a sum lacks is told as weight or score of the execution, outside the report's lines."""
    if any(line.weight is not None or line.score is not None for _, line in case.lines) or lacking <= 0:
        return False
    return any(number(match[1]) == lacking for match in _EXECUTION.finditer(case.plain))


def _sum(case: Case, known: Scored) -> Iterator[Finding]:
    own, stated = _complete(case, known, 2), case.report.self_evaluation.score
    if len(own) < _FEWEST or stated is None:
        return
    values = [value for _, value in own]
    if total(stated, values) == "E" and not _told_execution(case, stated - sum(values, Decimal(0))):
        yield case.finding(
            "A10",
            "E",
            ["/self_evaluation/score", *(f"{at}/score" for at, _ in own)],
            f"各项得分相加为{sum(values)}分，总分列为{stated}分，前后不一致。",
            computed=f"{plus(values)} = {sum(values)} ≠ {stated}",
            source="得分合计 = 总分",
        )


def _execution(case: Case) -> Iterator[Finding]:
    """分值 × 执行率, at most the full weight."""
    for at, line in case.lines:
        if line.weight is None or line.score is None or line.execution_rate is None:
            continue
        exact = min(line.weight, line.weight * line.execution_rate / _HUNDRED)
        full = line.score == line.weight and line.execution_rate >= _HUNDRED
        if not full and abs(exact - line.score) > Decimal("0.05"):
            yield case.finding(
                "A10",
                "W",
                [f"{at}/score", f"{at}/weight", f"{at}/execution_rate"],
                f"预算执行得分列为{line.score}分，按分值乘执行率计算为{rounded(exact, 2)}分，"
                "建议说明计分办法。",
                computed=f"{line.weight} × {line.execution_rate}% = {rounded(exact, 2)}",
                source="执行得分 = 分值 × 执行率",
            )


def _band(case: Case) -> Iterator[Finding]:
    grade, score = case.report.self_evaluation.grade, case.report.self_evaluation.score
    band = next((one for one in _BANDS if grade and grade[0] == one[0]), None)
    if band is None or score is None or not 0 <= score <= _HUNDRED:
        return
    _, low, high = band
    if not (low <= score < high or (score == high == _HUNDRED)):
        yield case.finding(
            "A10",
            "W",
            ["/self_evaluation/grade", "/self_evaluation/score"],
            f"总分{score}分与等级“{grade}”不相符，建议说明等级划分标准。",
            computed=f"{band[0]}：{low}–{high}分，所列 {score} 分",
            source="等级划分：优≥90，良80–90，中60–80，差<60",
        )
