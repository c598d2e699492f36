"""The Chinese names of the report's fields, and the report laid out as sections for people to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from extractor.assessment import Verdict, assess
from extractor.report import FundingLine, Indicator, Project, Report
from extractor.result import Candidate

FIELDS = {
    "department": "部门名称",
    "fiscal_year": "评价年度",
    "money_unit": "金额单位",
    "source": "资金来源",
    "initial": "年初预算",
    "adjustment": "预算调整",
    "adjusted": "调整后预算",
    "budget_unspecified": "预算数（口径未明）",
    "actual": "实际支出",
    "execution_rate": "执行率%",
    "adjustment_rate": "调整率%",
    "weight": "分值",
    "score": "得分",
    "expected": "预期目标",
    "achieved": "完成情况",
    "name": "名称",
    "funds": "涉及资金",
    "level": "指标类别",
    "definition": "指标内容",
    "target": "目标值",
    "deviation_reason": "偏差原因及改进措施",
    "budget": "预算",
    "grade": "等级",
    "conclusion": "自评结论",
    "key_project_performance": "重点项目绩效情况",
    "overall_performance": "部门整体绩效",
    "text": "内容",
}
LISTS = {
    "budget": "部门资金",
    "tasks": "任务",
    "indicators": "指标",
    "projects": "项目",
    "problems": "存在问题",
    "measures": "改进措施",
    "goal": "年度目标",
    "self_evaluation": "自评结论",
}
ORIGINS = {"form": "自评表", "narrative": "报告正文", "rules": "规则", "model": "模型"}
VERDICTS = {
    Verdict.MET: "达到",
    Verdict.NOT_MET: "未达到",
    Verdict.OVER: "超额较多",
    Verdict.NOT_ASSESSABLE: "不可判断",
}
MATCHES = {"exact": "原文一致", "normalized": "归一后一致", "fuzzy": "近似"}


@dataclass(frozen=True)
class Value:
    """A value to show: what it says and the pointer under which its evidence stands."""

    text: str
    pointer: str
    note: str = ""
    figure: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: column titles and rows of values (None for a blank)."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Value | None, ...], ...]


@dataclass(frozen=True)
class Block:
    """One part of the page: a heading, single values, tables and lists, in this order."""

    title: str
    values: tuple[tuple[str, Value], ...] = ()
    grids: tuple[Grid, ...] = ()
    items: tuple[Value, ...] = field(default=())
    count: int | None = None


def field_name(name: str, indicator: bool = False) -> str:
    """The Chinese name of a field; an indicator's `actual` is its result, elsewhere it is money spent."""
    return "完成值" if indicator and name == "actual" else FIELDS.get(name, name)


def candidate_words(candidate: Candidate) -> str:
    """One reading of a value in conflict, and who read it."""
    return f"{candidate_value(candidate.value)}（{ORIGINS.get(candidate.origin, candidate.origin)}）"


def candidate_value(value: Any) -> str:
    """A reading as text; that nothing was read is one too."""
    return "未读到" if value is None else str(value)


def path_words(pointer: str) -> str:
    """A JSON Pointer in Chinese: /tasks/0/indicators/2/actual → 任务1 指标3 完成值."""
    out: list[str] = []
    parts = pointer.strip("/").split("/")
    for part in parts:
        if part.isdigit() and out:
            out[-1] += str(int(part) + 1)
        elif part == "-" and out:
            out[-1] += "（结果中未列）"
        else:
            out.append(LISTS.get(part) or field_name(part, indicator="indicators" in parts))
    return " ".join(out)


def shown(value: Any) -> str:
    """A leaf as text, figures with the digits as printed."""
    return "" if value is None else str(value)


def blocks(report: Report) -> list[Block]:
    """The report as blocks in the order in which a reviewer reads."""
    out = [
        _head(report),
        _budget(report.budget),
        _pairs("年度目标", report.goal, "/goal", ("expected", "achieved")),
    ]
    if report.indicators:
        grid = _indicators(report.indicators, "/indicators")
        out.append(Block("部门整体指标", grids=(grid,), count=len(report.indicators)))
    out += [_task(task, i) for i, task in enumerate(report.tasks)]
    out.append(_projects(report.projects))
    out.append(_texts(report))
    out.append(
        _pairs("自评结论", report.self_evaluation, "/self_evaluation", ("grade", "score", "conclusion"))
    )
    out.append(_list("存在问题", [p.text for p in report.problems], "/problems"))
    out.append(_measures(report))
    return [block for block in out if block.values or block.grids or block.items]


def _head(report: Report) -> Block:
    names = ("department", "fiscal_year", "money_unit")
    return Block("基本信息", values=tuple(_value_pairs(report, "", names)))


def _texts(report: Report) -> Block:
    return Block(
        "绩效情况", values=tuple(_value_pairs(report, "", ("key_project_performance", "overall_performance")))
    )


def _value_pairs(node: Any, pointer: str, names: Iterable[str]) -> Iterable[tuple[str, Value]]:
    for name in names:
        value = getattr(node, name)
        if value is not None:
            yield FIELDS[name], Value(shown(value), f"{pointer}/{name}")


def _pairs(title: str, node: Any, pointer: str, names: Iterable[str]) -> Block:
    return Block(title, values=tuple(_value_pairs(node, pointer, names)))


def _columns(rows: Sequence[Any], names: Iterable[str]) -> list[str]:
    """The fields that any row fills."""
    return [name for name in names if any(getattr(row, name) is not None for row in rows)]


def _grid(
    rows: Sequence[Any], pointer: str, names: Sequence[str], texts: frozenset[str] = frozenset()
) -> Grid:
    kept = _columns(rows, names)
    cells = tuple(
        tuple(
            None
            if getattr(row, name) is None
            else Value(shown(getattr(row, name)), f"{pointer}/{i}/{name}", figure=name not in texts)
            for name in kept
        )
        for i, row in enumerate(rows)
    )
    titles = tuple(field_name(name, pointer.endswith("/indicators")) for name in kept)
    return Grid(titles, cells)


def _budget(lines: Sequence[FundingLine]) -> Block:
    grid = _grid(
        lines, "/budget", [n for n in FundingLine.model_fields if n != "partial"], frozenset({"source"})
    )
    return Block("部门资金", grids=(grid,) if lines else (), count=len(lines))


def _projects(projects: Sequence[Project]) -> Block:
    grid = _grid(projects, "/projects", list(Project.model_fields), frozenset({"name", "grade"}))
    return Block("项目", grids=(grid,) if projects else (), count=len(projects))


def _task(task: Any, i: int) -> Block:
    pointer = f"/tasks/{i}"
    grids = (_indicators(task.indicators, f"{pointer}/indicators"),) if task.indicators else ()
    values = tuple(_value_pairs(task, pointer, ("name", "funds", "expected", "achieved")))
    return Block(f"任务 {i + 1}", values=values, grids=grids, count=len(task.indicators))


def _indicators(indicators: Sequence[Indicator], pointer: str) -> Grid:
    names = ("level", "name", "definition", "target", "actual", "weight", "score", "deviation_reason")
    grid = _grid(indicators, pointer, names, frozenset(names) - {"weight", "score"})
    verdicts = [assess(one.target, one.actual, one.name) for one in indicators]
    if not any(one.target for one in indicators):
        return grid
    rows = tuple(
        (*row, Value(VERDICTS[verdict], "", note=verdict.value))
        for row, verdict in zip(grid.rows, verdicts, strict=True)
    )
    return Grid((*grid.titles, "判断"), rows)


def _list(title: str, texts: Sequence[str], pointer: str) -> Block:
    items = tuple(Value(text, f"{pointer}/{i}/text") for i, text in enumerate(texts))
    return Block(title, items=items, count=len(items))


def _measures(report: Report) -> Block:
    items = tuple(
        Value(
            measure.text,
            f"/measures/{i}/text",
            note="对应问题 " + "、".join(str(n + 1) for n in measure.addresses)
            if measure.addresses
            else "未对应到问题",
        )
        for i, measure in enumerate(report.measures)
    )
    return Block("改进措施", items=items, count=len(items))


GRADE_WORDS = {"E": "错误", "W": "警示", "I": "提示"}
# What each check is about, for pages; the checks themselves say it in full.
TITLES = {
    "A1": "预算调整数不等于调整后预算数减年初预算数",
    "A2": "预算完成率与金额不符",
    "A3": "预算调整率与金额不符（含正负号）",
    "A4": "各来源之和不等于合计",
    "A5": "实际支出数大于预算数",
    "A6": "各项任务资金之和与实际支出数",
    "A7": "项目的数量、执行率、等级与文字所述不符",
    "A8": "文字中的部分与整体、增长率、占比算不拢",
    "A9": "分母为零却列有比率",
    "A10": "分值、得分、等级算不拢",
    "B1": "完成情况缺失，或填的是目标值",
    "B2": "目标值缺失",
    "B3": "未达到目标且未说明原因",
    "B4": "超额完成较多且未说明原因",
    "B5": "完成情况照抄目标",
    "B6": "完成情况写成计划",
    "B7": "同一事实在两处写法不同",
    "B8": "完成情况答非所问（单位或类型不同）",
    "B9": "目标无法衡量，或完成情况只是重复目标",
    "B10": "指标归类不当",
    "B11": "目标里写了结果",
    "B12": "满意度没有调查依据",
    "C1": "预算调整率较高且未见说明",
    "C2": "问题过于笼统",
    "C3": "问题没有对应措施，或措施没有对应问题",
    "C4": "不利事实未列入存在问题",
    "C5": "问题说轻了",
    "C6": "自评结论与事实不符",
    "C7": "别处承认的问题未列入存在问题",
    "C8": "重点项目不是表注要求的项目",
    "C9": "任务资金低于文中所列支付，或口径不明",
    "D1": "必填内容缺失",
    "D2": "疑似错字或识别错误",
    "D3": "材料中有个人姓名或电话",
    "D4": "材料中有指示模型的文字",
}
