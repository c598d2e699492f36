"""B5 to B7 and B11: texts of goals and results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from rapidfuzz.distance import Levenshtein

from extractor.checks.case import Case, Finding, Placed
from extractor.checks.registry import check
from extractor.folding import squeezed
from extractor.quantities import NUMBER, Kind, Op, number, parse
from extractor.report import Indicator
from extractor.wording import plain

_SHORTEST = 12
_LONG_NAME = 4
_ANOTHER = re.compile(r"累计|其中|上年|去年|计划|目标|预计|每|平均|截至|历年")
# 将 as the mark of the future, not of the object: 将继续, 将于, 将在2031年
_PLANNED = re.compile(
    r"(?:将|拟)(?:继续|进一步|于|在(?:\d{4}|明|次|下)|逐步|会|尽快|适时|加快|加强|持续|全面|着力|陆续|重点)"
    r"|(?<![模虚草])拟(?=[开组完推引实采启编聘出举召]|建(?!项目))|(?:^|[,，。;；、局委我])(?:计划|预计)(?:于|在|将|明年|次年|下一?年|年底|\d{4}年|\d{1,2}月|开展|完成|组织|实施)"
    r"|(?:下一步|明年|下一年度?|次年)[,，]?(?:将|拟|计划|要|继续)|力争(?:在|于|完成|实现)"
)
_FACT = re.compile(
    rf"([\u3400-\u9fff]{{6,14}}?)({NUMBER})(?=(%|万元|亿元|元|公里|平方米|公顷|[个家栋项人次件场亩吨户所名条辆台册]))"
)
_DONE_GOAL = re.compile(
    r"已(?:经|于|为|全部|如期|按期|按时|足额|累计)?[^,，。;；]{0,10}(?:完成|实现|建成|引进|达到|超额|发放|投入使用|上牌|拨付|组建|开展|举办|建立|注册|印发)|(?:完成|引进|实现|优化|开展|提升|解决|建成|举办)了"
)


@check("B5", "E/W", "完成情况照抄目标", "完成情况与目标的相似度", ["repeat_error", "repeat_warning"])
def repeated(case: Case) -> Iterator[Finding]:
    """The result repeats the goal, the name that opens a cell apart."""
    report, goal_at = case.report, "/goal/expected"
    texts = [
        ("/goal/achieved", goal_at, "年度目标", report.goal.achieved, report.goal.expected, ""),
        (
            "/overall_performance",
            goal_at,
            "部门整体绩效",
            report.overall_performance,
            report.goal.expected,
            "",
        ),
    ]
    for i, one in enumerate(report.tasks):
        own, words = f"/tasks/{i}", f"任务“{one.name}”"
        texts.append((f"{own}/achieved", f"{own}/expected", words, one.achieved, one.expected, one.name))
    for at, goal_at, words, result, goal, name in texts:
        if not result or not goal:
            continue
        share = _likeness(result, goal, name)
        marks = case.thresholds
        grade = "E" if share >= marks.repeat_error else "W" if share >= marks.repeat_warning else None
        if grade:
            shown = "一致" if share == 1 else f"相似度{share * 100:.0f}%"
            mark = "repeat_error" if grade == "E" else "repeat_warning"
            yield case.finding(
                "B5",
                "E" if grade == "E" else "W",
                [at, goal_at],
                f"{words}的完成情况与目标文字{shown}，未反映实际完成情况。",
                computed=f"相似度 {share:.2f}",
                source=marks.source(mark),
            )


def _likeness(result: str, goal: str, name: str) -> Decimal:
    one, two = (_without(plain(text), plain(name)) for text in (result, goal))
    if min(len(one), len(two)) < _SHORTEST:
        return Decimal(0)
    return Decimal(str(Levenshtein.normalized_similarity(one, two))).quantize(Decimal("0.0001"))


def _without(text: str, name: str) -> str:
    return text.removeprefix(name).lstrip("。.:：,，;；") if name else text


@check("B6", "W", "完成情况写成计划", "完成情况应写已完成的事项")
def planned(case: Case) -> Iterator[Finding]:
    """The result is written as a plan."""
    own = [("/goal/achieved", case.report.goal.achieved)]
    own += [(f"/tasks/{i}/achieved", task.achieved) for i, task in enumerate(case.report.tasks)]
    own += [(f"{one.at}/actual", one.it.actual) for one in case.indicators]
    for at, text in own:
        match = _PLANNED.search(squeezed(text)) if text else None
        if match and text:
            clause = _clause(squeezed(text), match.start())
            yield case.finding(
                "B6", "W", [at], f"完成情况写有“{clause}”，是计划的写法，建议写明实际完成情况。",
                source="完成情况应写已完成的事项",
            )  # fmt: skip


def _clause(text: str, at: int, most: int = 40) -> str:
    start = max(text.rfind(mark, 0, at) for mark in ",，。;；\n") + 1
    found = re.split(r"[。;；\n]", text[start:])[0]
    return found if len(found) <= most else found[:most] + "…"


@check("B7", "W/E", "同一事实在两处写法不同", "同一事项的数字应前后一致", judgement=True)
def contradicted(case: Case) -> Iterator[Finding]:
    """The same fact differs between two places: the form's figure and the narrative's, or two sentences."""
    for conflict in case.conflicts:
        origins = {one["from"] for one in conflict["candidates"]}
        values = [str(one["value"]) for one in conflict["candidates"] if one["value"] is not None]
        if origins & {"rules", "model"} or len(set(values)) < 2:
            continue
        spans = tuple((e["start"], e["end"]) for one in conflict["candidates"] for e in one["evidence"])
        yield case.finding(
            "B7", "E", [conflict["pointer"]], f"报告正文与自评表的同一数据不一致：{'、'.join(values)}。",
            spans=spans, source="同一事项的数字应前后一致",
        )  # fmt: skip
    yield from _facts(case)
    yield from _results_elsewhere(case)


def _results_elsewhere(case: Case) -> Iterator[Finding]:
    """An indicator whose name stands in another table or in a text with another figure of its unit."""
    known = [(one, own) for one in case.indicators if (own := _figure_of(one.it)) is not None]
    for i, (one, (value, unit)) in enumerate(known):
        mine, name = f"{one.at}/actual", squeezed(one.it.name)
        for other, (theirs, own_unit) in known[i + 1 :]:
            same = squeezed(other.it.name) == name and own_unit == unit and other.list != one.list
            if same and theirs != value:
                yield _two_figures(case, name, (mine, value), (f"{other.at}/actual", theirs), unit)
        for at, found in _told_of(case, one, unit):
            if found != value:
                yield _two_figures(case, name, (mine, value), (at, found), unit)


def _told_of(case: Case, one: Placed, unit: str) -> Iterator[tuple[str, Decimal]]:
    """What the texts say behind an indicator's name, its target apart."""
    name, goal = squeezed(one.it.name), parse(one.it.target or "")
    texts = [(at, text) for at, text in case.told if len(name) >= _LONG_NAME and name in text]
    shape = rf"{re.escape(name)}(?:为|达|达到|共|完成|实际完成)?({NUMBER}){re.escape(unit)}"
    for at, text in texts:
        for match in re.finditer(shape, text):
            found, before = number(match[1]), text[max(0, match.start() - 6) : match.start()]
            if found is not None and found not in (goal.low, goal.high) and not _ANOTHER.search(before):
                yield at, found


def _figure_of(it: Indicator) -> tuple[Decimal, str] | None:
    found = parse(it.actual or "")
    plain_figure = found.kind is Kind.NUMERIC and found.op is Op.EQ and not found.approx
    return (found.low, found.unit) if plain_figure and found.low is not None and found.unit else None


def _two_figures(
    case: Case, name: str, one: tuple[str, Decimal], two: tuple[str, Decimal], unit: str
) -> Finding:
    return case.finding(
        "B7",
        "W",
        [one[0], two[0]],
        f"“{name}”在两处分别写为{one[1]}{unit}和{two[1]}{unit}，前后不一致。",
        computed=f"{one[1]} ≠ {two[1]}",
        source="同一事项的数字应前后一致",
    )


def _facts(case: Case) -> Iterator[Finding]:
    """Two passages with the same words before a figure of the same unit, and another figure."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for at, text in case.told:
        for match in _FACT.finditer("" if at.startswith("/measures") else text):
            key = (match[1][-8:], match[3])
            before = seen.setdefault(key, (at, match[2]))
            if before[0] != at and before[1] != match[2] and len(key[0]) >= 8:
                yield case.finding(
                    "B7",
                    "W",
                    [at, before[0]],
                    f"“{match[1]}”在两处分别写为{before[1]}{match[3]}和{match[2]}{match[3]}，前后不一致。",
                    computed=f"{before[1]} ≠ {match[2]}",
                    source="同一事项的数字应前后一致",
                )


@check("B11", "W", "目标里写了结果", "目标应在年初设定", judgement=True)
def foreseen(case: Case) -> Iterator[Finding]:
    """The goal already contains the result: words of completion, or the very figure that was reached."""
    goals = [("/goal/expected", case.report.goal.expected)]
    goals += [(f"/tasks/{i}/expected", one.expected) for i, one in enumerate(case.report.tasks)]
    for at, text in goals:
        if not text:
            continue
        folded = squeezed(text)
        done, words = _DONE_GOAL.search(folded), _reached(case, folded)
        if words is None and done is not None:
            words = f"目标中写有“{_clause(folded, done.start())}”"
        if words:
            message = f"{words}，是完成情况的写法，建议核实目标是否为年初设定。"
            yield case.finding("B11", "W", [at], message, source="目标应在年初设定")


def _reached(case: Case, goal: str) -> str | None:
    """A figure of the goal that is an indicator's result and not its target."""
    for one in case.indicators:
        if not one.it.actual or not one.it.target:
            continue
        target, actual = parse(one.it.target), parse(one.it.actual)
        if actual.kind is not Kind.NUMERIC or actual.low is None or actual.low < 10 or not actual.unit:
            continue
        words = f"{actual.low.normalize():f}{actual.unit}"
        if words in goal and target.low != actual.low and actual.unit != "%":
            return f"目标中的“{words}”与指标“{one.it.name}”的完成值相同而与其目标“{one.it.target}”不同"
    return None
