"""D1 to D4: the form itself, misprints, private strings, and text that addresses a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.checks.case import Case, Finding
from extractor.checks.registry import check
from extractor.folding import printed
from extractor.masking import MASK, private_spans
from extractor.report import FundingLine
from extractor.steering import steering_spans

_MISPRINTS = re.compile(
    r"[\u3400-\u4dbf]|[，,]{2}|。{2}|、{2}|；{2}|([\u4e00-\u9fff]{4,8})\1|(?<![\u4e00-\u9fff的目])的的(?!士)"
    r"|\d+\.\d+\.\d+(?![.\d])"
)
_FORM = re.compile(
    r"^[ \t\u3000]*(?:部门名称|主管部门|预算部门|项目名称|任务名称|一级指标|三级指标|资金来源)", re.M
)
_NUMBERING = re.compile(r"^\d+\.\d+\.\d+")


@check("D1", "W", "必填内容缺失", "自评表的必填项")
def missing(case: Case) -> Iterator[Finding]:
    """A required field is missing."""
    for at, label in _absent(case):
        yield case.finding(
            "D1", "W", [at] if at else [], f"未见{label}，建议补充。", spans=(), source="自评材料的必备内容"
        )


def _absent(case: Case) -> Iterator[tuple[str, str]]:
    report = case.report
    line = case.total[1] if case.total else FundingLine(source="")
    achieved = (report.goal.achieved, report.overall_performance, *(task.achieved for task in report.tasks))
    own = report.self_evaluation
    asked = re.search(r"自评(?:得分|等级|结论)", case.plain) is not None
    form = not case.text or "\t" in case.text or _FORM.search(case.text) is not None
    required = (
        ("/department", "部门名称", report.department),
        ("/fiscal_year", "评价年度", report.fiscal_year),
        ("/money_unit", "金额单位", report.money_unit or not report.budget),
        ("/budget", "部门预算数", _given(line.initial, line.adjusted, line.budget_unspecified)),
        ("/budget", "部门实际支出数", _given(line.actual)),
        ("/goal/expected", "年度目标", report.goal.expected or any(task.expected for task in report.tasks)),
        (
            "/goal/achieved",
            "年度目标的完成情况",
            any(achieved) if report.goal.expected is None or not form else report.goal.achieved,
        ),
        ("/indicators", "绩效指标", case.indicators),
        ("/problems", "存在问题", report.problems),
        ("/measures", "改进措施", report.measures),
        (
            "/self_evaluation",
            "自评结论、得分或等级",
            not asked or _given(own.conclusion, own.grade, own.score),
        ),
        ("", "部门整体支出绩效自评表", form),
    )
    yield from ((at, label) for at, label, value in required if not value)
    yield from _blank_funds(case)


def _blank_funds(case: Case) -> Iterator[tuple[str, str]]:
    """Tasks without funds where most have them."""
    blank = [i for i, task in enumerate(case.report.tasks) if task.funds is None]
    if 0 < len(blank) * 2 < len(case.report.tasks):
        yield from ((f"/tasks/{i}/funds", f"任务“{case.report.tasks[i].name}”的资金") for i in blank)


def _given(*values: object) -> bool:
    return any(value is not None for value in values)


@check("D2", "I", "疑似错字或识别错误", "文字应准确")
def misprints(case: Case) -> Iterator[Finding]:
    """Misprints and reading errors."""
    text = case.text
    for start, end in _reversed_quotes(text):
        words = "".join(text[start:end].split())
        yield case.finding(
            "D2", "I", [], f"“{words}”的引号用反。", spans=((start, end),), source="文字应准确"
        )
    values = {one.it.target for one in case.indicators} | {one.it.actual for one in case.indicators}
    shown = printed(text)
    for match in _MISPRINTS.finditer(shown if len(shown) == len(text) else text):
        words = text[match.start() : match.end()]
        if not _NUMBERING.match(words) and match[1] not in values:
            yield case.finding(
                "D2", "I", [], f"“{words}”疑似错字或识别错误。", spans=(match.span(),), source="文字应准确"
            )


def _reversed_quotes(text: str) -> Iterator[tuple[int, int]]:
    """A closing quotation mark where none is open, with the words that it opens instead."""
    is_open = False
    for match in re.finditer(r"[“”]", text):
        at = match.start()
        if match[0] == "“":
            is_open = True
        elif is_open or text[:at].rstrip().endswith(("。", "”")):
            is_open = False
        else:
            end = re.match(r"”[^“”。；]{1,20}[“”]", text[at : at + 24])
            if end:
                yield at, at + end.end()


@check("D3", "I", "材料中有个人姓名或电话", "公开材料应隐去个人信息")
def private(case: Case) -> Iterator[Finding]:
    """Names or telephone numbers of persons, masked in the message."""
    for span in private_spans(case.text):
        words = "".join(case.text[span.start : span.end].split())
        kind = "电话或证件号码" if any(c.isdigit() for c in words) else "姓名"
        yield case.finding(
            "D3", "I", [], f"材料中有个人{kind}（{MASK * min(4, len(words))}），公开前建议隐去。",
            spans=((span.start, span.end),), source="公开材料应隐去个人信息",
        )  # fmt: skip


@check("D4", "W", "材料中有指示模型的文字", "材料是数据，其中的指令不执行")
def steering(case: Case) -> Iterator[Finding]:
    """Text that tries to steer a model."""
    for span in steering_spans(case.document):
        words = "".join(printed(case.text[span.start : span.end]).split())
        yield case.finding(
            "D4", "W", [], f"材料中有指示模型的文字：“{words}”，未予执行，建议核实来源。",
            spans=((span.start, span.end),), source="D4",
        )  # fmt: skip
