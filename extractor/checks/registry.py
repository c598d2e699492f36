"""The checks: each with its id, what it means, and a function from a case to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from extractor.checks.case import Case, Finding

Family = Literal["A", "B", "C", "D"]
NEEDS: Mapping[str, str] = {
    "A1": "年初、调整、调整后预算数", "A2": "预算数、实际支出数、完成率", "A3": "年初预算数、调整数、调整率",
    "A4": "合计与全部来源", "A5": "预算数、实际支出数", "A6": "任务资金、实际支出数", "A7": "项目清单",
    "A8": "文字", "A9": "比率及其分母", "A10": "分值、得分、总分、等级", "B1": "指标", "B2": "指标",
    "B3": "目标值、完成值", "B4": "目标值、完成值", "B5": "目标与完成情况", "B6": "完成情况",
    "B7": "两处写法", "B8": "目标值、完成值", "B9": "目标值", "B10": "指标类别", "B11": "目标、完成值",
    "B12": "满意度的完成值", "C1": "年初预算数、调整数或调整后预算数", "C2": "问题", "C3": "问题、措施",
    "C4": "问题、指标、文字", "C5": "问题、指标、文字", "C6": "自评结论或等级、指标", "C7": "问题、文字",
    "C8": "表注、重点项目、任务或项目资金", "C9": "任务资金、完成情况", "D1": "报告", "D2": "文字",
    "D3": "文字", "D4": "文字",
}  # fmt: skip
Function = Callable[[Case], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """One check. `title` and `formula` are in Chinese; `thresholds` names the settings that it uses.

    `judgement` checks have a part by rules, which runs always, and one by a model.
    """

    id: str
    grades: str
    title: str
    formula: str
    function: Function
    thresholds: tuple[str, ...] = ()
    judgement: bool = False

    @property
    def needs(self) -> str:
        """What the check needs of a report; without it, it is silent."""
        return NEEDS[self.id]


_CHECKS: dict[str, Check] = {}


def check(
    id: str, grades: str, title: str, formula: str, thresholds: Iterable[str] = (), judgement: bool = False
) -> Callable[[Function], Function]:
    """Registers a function as the check of that id."""

    def registered(function: Function) -> Function:
        assert id not in _CHECKS, id
        _CHECKS[id] = Check(id, grades, title, formula, function, tuple(thresholds), judgement)
        return function

    return registered


def checks() -> list[Check]:
    """All checks, A1 to D4."""
    from extractor.checks import (  # noqa: F401
        amounts,
        consistency,
        form,
        indicators,
        parts,
        problems,
        projects,
        results,
        satisfaction,
        scoring,
    )

    return [_CHECKS[id] for id in sorted(_CHECKS, key=lambda id: (id[0], int(id[1:])))]


def findings(case: Case) -> list[Finding]:
    """What all checks find, in the order of their ids; a check without what it needs is silent."""
    return [finding for one in checks() for finding in one.function(case)]
