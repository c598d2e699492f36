"""A1 to A6 and A9: the budget's amounts and rates."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from extractor.checks.arithmetic import percent, plus, rate, total
from extractor.checks.case import Case, Finding
from extractor.checks.registry import check
from extractor.report import FundingLine

_COLUMNS = (
    ("initial", "年初预算数"),
    ("adjustment", "预算调整数"),
    ("adjusted", "调整后预算数"),
    ("actual", "实际支出数"),
)
_DERIVED = "调整后预算数未列，按年初预算数加调整数计算"
_UNSTATED = "材料只列“年度预算数”，口径未说明"


class Words(NamedTuple):
    """A check's id, the source of the line and the name of the rate."""

    id: str
    source: str
    name: str


class Basis(NamedTuple):
    """The budget that spending is measured by: its amount, how it is written out, the pointers behind it."""

    amount: Decimal
    words: str
    pointers: tuple[str, ...]
    note: str = ""


def basis(at: str, line: FundingLine) -> Basis | None:
    """The adjusted budget, derived where the formula allows, else a budget of unstated basis."""
    if line.adjusted is not None:
        return Basis(line.adjusted, str(line.adjusted), (f"{at}/adjusted",))
    if line.initial is not None and line.adjustment is not None:
        amount = line.initial + line.adjustment
        words = str(amount) if not line.adjustment else f"({plus([line.initial, line.adjustment])})"
        return Basis(
            amount, words, (f"{at}/initial", f"{at}/adjustment"), "调整后预算数未列，按年初预算数加调整数计算"
        )
    if line.budget_unspecified is not None:
        note = "材料只列“年度预算数”，口径未说明"
        return Basis(
            line.budget_unspecified, str(line.budget_unspecified), (f"{at}/budget_unspecified",), note
        )
    return None


def _change(at: str, line: FundingLine) -> Basis | None:
    """The adjustment, derived where it is not printed."""
    if line.adjustment is not None:
        return Basis(line.adjustment, str(line.adjustment), (f"{at}/adjustment",))
    if line.adjusted is not None and line.initial is not None:
        words = f"({line.adjusted} − {line.initial})"
        return Basis(line.adjusted - line.initial, words, (f"{at}/adjusted", f"{at}/initial"))
    return None


@check("A1", "E/I", "预算调整数不等于调整后预算数减年初预算数", "调整数 = 调整后预算数 − 年初预算数")
def adjustments(case: Case) -> Iterator[Finding]:
    """adjusted − initial = adjustment."""
    for at, line in case.lines:
        if line.initial is None or line.adjusted is None or line.adjustment is None:
            continue
        rounding = case.rounding(*(f"{at}/{name}" for name in ("adjustment", "adjusted", "initial")))
        grade = total(line.adjustment, [line.adjusted, -line.initial], rounding)
        if grade:
            exact = line.adjusted - line.initial
            yield case.finding(
                "A1",
                grade,
                [f"{at}/adjustment", f"{at}/adjusted", f"{at}/initial"],
                f"“{line.source}”行预算调整数列为{line.adjustment}{case.unit}，"
                f"按调整后预算数减年初预算数计算为{exact}{case.unit}，前后不一致。",
                computed=f"{line.adjusted} − {line.initial} = {exact} ≠ {line.adjustment}",
                source="调整数 = 调整后预算数 − 年初预算数",
            )


@check("A2", "E/W/I", "预算完成率与金额不符", "完成率 = 实际支出数 ÷ 调整后预算数", ["rate_tolerance"])
def execution_rates(case: Case) -> Iterator[Finding]:
    """actual ÷ adjusted = execution_rate."""
    for at, line in case.lines:
        own = basis(at, line)
        if own is None or line.actual is None or line.execution_rate is None or not own.amount:
            continue
        pointers = [f"{at}/execution_rate", f"{at}/actual", *own.pointers]
        words = Words("A2", line.source, "预算完成率")
        yield from _rate(case, words, (line.execution_rate, line.actual), own, pointers)


@check(
    "A3", "E/W/I", "预算调整率与金额不符（含正负号）", "调整率 = 预算调整数 ÷ 年初预算数", ["rate_tolerance"]
)
def adjustment_rates(case: Case) -> Iterator[Finding]:
    """adjustment ÷ initial = adjustment_rate, sign included."""
    for at, line in case.lines:
        change = _change(at, line)
        if change is None or line.adjustment_rate is None or not line.initial:
            continue
        whole = Basis(line.initial, str(line.initial), (f"{at}/initial",))
        pointers = [f"{at}/adjustment_rate", *change.pointers, *whole.pointers]
        words = Words("A3", line.source, "预算调整率")
        yield from _rate(case, words, (line.adjustment_rate, change.amount), whole, pointers)


def _rate(
    case: Case, words: Words, figures: tuple[Decimal, Decimal], whole: Basis, pointers: list[str]
) -> Iterator[Finding]:
    """A printed rate and its part against the whole."""
    id, source, name = words
    printed, part = figures
    found = rate(printed, part, whole.amount, case.thresholds.rate_tolerance)
    if found.grade is None:
        return
    sign = "，正负号相反" if printed and percent(found.exact) == percent(-printed) else ""
    note = f"（{whole.note}）" if whole.note else ""
    tail = "，末位小数不同" if found.grade == "I" else "，前后不一致"
    yield case.finding(
        id,
        found.grade,
        list(dict.fromkeys(pointers)),
        f"“{source}”行{name}列为{printed}%，按所列金额计算为{percent(found.exact)}{note}{sign or tail}。",
        computed=f"{part} ÷ {whole.words} = {percent(found.exact)}",
        source=case.thresholds.source("rate_tolerance"),
    )


@check("A4", "E/I", "各来源之和不等于合计", "各来源逐列相加 = 合计（其中项不计）")
def sources(case: Case) -> Iterator[Finding]:
    """The full set of sources sums to the total, column by column."""
    if case.total is None:
        return
    at, whole = case.total
    others = [(one, line) for one, line in case.lines if one != at and not line.partial]
    for name, label in _COLUMNS:
        stated = getattr(whole, name)
        terms = [getattr(line, name) for _, line in others]
        if stated is None or not terms or any(term is None for term in terms):
            continue
        rounding = case.rounding(f"{at}/{name}", *(f"{one}/{name}" for one, _ in others))
        grade = total(stated, terms, rounding)
        if grade:
            own = sum(terms, Decimal(0))
            yield case.finding(
                "A4",
                grade,
                [f"{at}/{name}", *(f"{one}/{name}" for one, _ in others)],
                f"各资金来源{label}相加为{own}{case.unit}，合计列为{stated}{case.unit}，前后不一致。",
                computed=f"{plus(terms)} = {own} ≠ {stated}",
                source="各来源之和 = 合计",
            )


@check("A5", "E", "实际支出数大于预算数", "实际支出数 ≤ 调整后预算数")
def overspent(case: Case) -> Iterator[Finding]:
    """actual ≤ adjusted."""
    for at, line in case.lines:
        own = basis(at, line)
        if own is not None and line.actual is not None and line.actual > own.amount:
            note = f"（{own.note}）" if own.note else ""
            yield case.finding(
                "A5",
                "E",
                [f"{at}/actual", *own.pointers],
                f"“{line.source}”行实际支出数{line.actual}{case.unit}大于预算数{own.amount}{case.unit}{note}。",
                computed=f"{line.actual} > {own.words}",
                source="实际支出数 ≤ 调整后预算数",
            )
    for i, project in enumerate(case.report.projects):
        if project.budget is not None and project.actual is not None and project.actual > project.budget:
            yield case.finding(
                "A5",
                "E",
                [f"/projects/{i}/actual", f"/projects/{i}/budget"],
                f"项目“{project.name}”支出{project.actual}{case.unit}大于预算{project.budget}{case.unit}。",
                computed=f"{project.actual} > {project.budget}",
                source="实际支出数 ≤ 预算数",
            )


@check("A6", "E/I", "各项任务资金之和与实际支出数", "任务资金合计 ÷ 实际支出数 ≤ 100%")
def coverage(case: Case) -> Iterator[Finding]:
    """The tasks' funds against actual: above 100% E, else the coverage."""
    known = [(f"/tasks/{i}/funds", t.funds) for i, t in enumerate(case.report.tasks) if t.funds is not None]
    if case.total is None or not known or not case.total[1].actual:
        return
    at, spent = f"{case.total[0]}/actual", case.total[1].actual
    own = sum((funds for _, funds in known), Decimal(0))
    share = own / spent * 100
    missing = len(case.report.tasks) - len(known)
    note = f"（另有{missing}项任务未列资金）" if missing else ""
    over = total(spent, [funds for _, funds in known]) == "E" and own > spent
    said = "超过实际支出数，为其" if over else "占实际支出数"
    yield case.finding(
        "A6",
        "E" if over else "I",
        [at, *(pointer for pointer, _ in known)],
        f"{len(known)}项任务资金合计{own}{case.unit}，{said}{percent(share)}{note}。",
        computed=f"({plus([funds for _, funds in known])}) ÷ {spent} = {percent(share)}",
        source="任务资金合计不超过实际支出数",
    )


@check("A9", "W", "分母为零却列有比率", "分母为零时比率无意义")
def undefined_rates(case: Case) -> Iterator[Finding]:
    """A rate printed over a zero denominator."""
    for at, line in case.lines:
        own = basis(at, line)
        if line.execution_rate is not None and own is not None and own.amount == 0:
            yield _undefined(case, at, line, "execution_rate", (line.actual, "预算完成率", own.pointers))
        if line.adjustment_rate is not None and line.initial == 0:
            yield _undefined(
                case, at, line, "adjustment_rate", (line.adjustment, "预算调整率", (f"{at}/initial",))
            )


def _undefined(
    case: Case, at: str, line: FundingLine, name: str, about: tuple[Decimal | None, str, tuple[str, ...]]
) -> Finding:
    part, label, pointers = about
    printed = getattr(line, name)
    shown = "" if part is None else str(part)
    return case.finding(
        "A9",
        "W",
        [f"{at}/{name}", *pointers],
        f"“{line.source}”行分母为零，{label}无法计算，却列为{printed}%，建议注明不适用。",
        computed=f"{shown} ÷ 0 无意义，列为 {printed}%",
        source="分母为零时比率无意义",
    )
