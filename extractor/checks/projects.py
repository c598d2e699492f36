"""A7: projects against what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.checks.arithmetic import percent, rate
from extractor.checks.case import Case, Finding
from extractor.checks.registry import check
from extractor.quantities import NUMBER, number

_GRADES = "优良中差"
_STATED = re.compile(r"(?:共|部门)?(?:共有?)?(\d+)个项目")
_OF_GRADE = re.compile(
    rf"(\d+)个(?:项目)?(?!项目)[^,，。；;\d]{{0,10}}?(?:等级|评为|自评|为)[^,，。；;\d]{{0,6}}?[“\"]?([{_GRADES}])"
)
_FIGURE = rf"(?:{NUMBER})"
_ALL_RATES = re.compile(rf"项目[^,，。;；]{{0,6}}执行率均(?:在|为|达到?|超过|不低于)?({_FIGURE})%")
_ALL_GRADES = re.compile(rf"等级均为[“\"]?([{_GRADES}])")


@check(
    "A7",
    "E/W/I",
    "项目的数量、执行率、等级与文字所述不符",
    "项目执行率 = 支出 ÷ 预算；各等级项目数之和 = 项目总数",
)
def projects(case: Case) -> Iterator[Finding]:
    """Rates of listed projects, and what the conclusion says of their number and grades."""
    for i, one in enumerate(case.report.projects):
        if one.budget and one.actual is not None and one.execution_rate is not None:
            found = rate(one.execution_rate, one.actual, one.budget, case.thresholds.rate_tolerance)
            if found.grade:
                yield case.finding(
                    "A7",
                    found.grade,
                    [f"/projects/{i}/execution_rate", f"/projects/{i}/actual", f"/projects/{i}/budget"],
                    f"项目“{one.name}”执行率列为{one.execution_rate}%，按所列金额计算为{percent(found.exact)}。",
                    computed=f"{one.actual} ÷ {one.budget} = {percent(found.exact)}",
                    source=case.thresholds.source("rate_tolerance"),
                )
    own = [(at, text) for at, text in case.told if "项目" in text]
    others = [text for text in case.plain.split("。") if "项目" in text]
    for told in (_stated, _all_of_them):
        inside = [finding for at, text in own for finding in told(case, [at], text)]
        yield from inside or (one for text in others for one in told(case, [], text))


def _stated(case: Case, at: list[str], text: str) -> Iterator[Finding]:
    """共15个项目，12个为优，3个为良: the grades sum to the number, and hold for the projects listed."""
    stated = _STATED.search(text) if "个项目" in text else None
    told = [one for one in _OF_GRADE.finditer(text) if stated is None or one.start(1) != stated.start(1)]
    grades = {match[2]: int(match[1]) for match in told}
    if stated is None or not grades or len(grades) < len(told):
        return
    whole, parts = int(stated[1]), sum(grades.values())
    if len(grades) > 1 and whole != parts:
        terms = " + ".join(map(str, grades.values()))
        yield case.finding(
            "A7",
            "E",
            at,
            f"文中称共{whole}个项目，各等级项目相加为{parts}个，前后不一致。",
            computed=f"{terms} = {parts} ≠ {whole}",
            source="各等级项目数之和 = 项目总数",
        )
    for grade, number_of in grades.items():
        listed = [i for i, one in enumerate(case.report.projects) if (one.grade or "").startswith(grade)]
        all_listed = whole == len(case.report.projects) == sum(bool(p.grade) for p in case.report.projects)
        if len(listed) > number_of or (all_listed and len(listed) != number_of):
            yield case.finding(
                "A7",
                "W",
                [*at, *(f"/projects/{i}/grade" for i in listed)],
                f"文中称{number_of}个项目等级为{grade}，项目清单中等级为{grade}的有{len(listed)}个。",
                computed=f"{len(listed)} > {number_of}",
                source="各等级项目数与清单一致",
            )


def _all_of_them(case: Case, at: list[str], text: str) -> Iterator[Finding]:
    """项目执行率均在95%以上, 等级均为优: every project listed with a rate or grade has it."""
    if "均" not in text:
        return
    rates, grades = _ALL_RATES.search(text), _ALL_GRADES.search(text)
    least = number(rates[1]) if rates else None
    for i, one in enumerate(case.report.projects):
        own = one.execution_rate
        if own is None and one.budget and one.actual is not None:
            own = one.actual / one.budget * 100
        if least is not None and own is not None and own < least:
            yield case.finding(
                "A7",
                "E",
                [*at, f"/projects/{i}/execution_rate"],
                f"文中称项目执行率均在{least}%以上，项目“{one.name}”执行率为{percent(own)}，前后不一致。",
                computed=f"{percent(own)} < {least}%",
                source="文字与项目清单一致",
            )
        if grades and one.grade and not one.grade.startswith(grades[1]):
            yield case.finding(
                "A7",
                "E",
                [*at, f"/projects/{i}/grade"],
                f"文中称等级均为{grades[1]}，项目“{one.name}”等级为{one.grade}，前后不一致。",
                source="文字与项目清单一致",
            )
