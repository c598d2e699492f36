"""C2, C3, C5 and C7: the problems that a department lists, and those that it does not; the parts by rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.assessment import Verdict
from extractor.checks.arithmetic import percent
from extractor.checks.case import Case, Finding
from extractor.checks.consistency import executions, listed
from extractor.checks.indicators import pairs
from extractor.checks.registry import check
from extractor.folding import squeezed
from extractor.pairing import overlap, subjects
from extractor.quantities import NUMBER, number
from extractor.wording import plain

_VAGUE = re.compile(
    r"不够|有待|不足|不强|不高|不到位|不完善|不健全|不完整|不细|需(?:要)?(?:进一步)?(?:加强|提高|完善|规范)|薄弱|欠缺|差距"
)
_CONCRETE = re.compile(r"\d|如[:,，]?|例如|包括|其中|《|“")
_SMALL = re.compile(r"个别|少数|部分|有的|极少")
_LOW_TARGETS = re.compile(
    r"(?:目标|指标)[^,，。;；]{0,12}(?:偏低|过低|不(?:够)?(?:合理|科学|准确|精准)|保守)"
)
_OWNED = re.compile(
    r"[^。;；\n]{0,40}(?:存在[^。;；\n]{1,25}(?:问题|不足|困难|短板|差距|薄弱)|仍有(?:差距|不足)|尚(?:有|存)[^。;；\n]{0,10}(?:差距|不足))[^。;；\n]{0,30}"
)
_OF_THEM = re.compile(
    rf"({NUMBER})([个家名人所户件项座条])[^。;；,]{{0,16}}中[,，]?(?:已?有|其中)?({NUMBER})\2"
)
_AMONG_THEM = re.compile(rf"({NUMBER})([个家名人所户件项座条])[,，]其中({NUMBER})\2")
_HEADING = re.compile(
    r"^[ \t\u3000]*[（(]?[一二三四五六七八九十]+[、)）][^\n。]{0,14}(?:问题|不足)[^\n。]{0,10}$", re.M
)
_LONGEST_VAGUE = 70
_OF_FEW, _OF_SOME = Decimal("0.33"), Decimal("0.5")
_SPECIFIC_SHARE = 0.55
_GENERAL = re.compile(
    r"部门|单位|绩效|预算|管理|指标|项目|资金|评价|自评|意识|制度|工作|目标|编制|水平|能力|人员|执行|规范性?|精细化?|科学性?"
    r"|监督|监控|认识|质量|效率|过程|结果|应用|联系|紧密|环境|机制|体系|库|细节|问题|方面|存在|个别|部分|一些|需要?|进一步|加强"
    r"|提高|提升|推进|发展|完善|不够|不足|有待|不强|不高|不到位|不完善|不健全|不完整|薄弱|欠缺|差距|弱化|争取|上级|跟踪|较|对|和|与|的|在|上|等|及|性|化"
    r"|设置|设定|细化|量化|理念|业务|培训|学习|沟通|协调|基础|总体|还|比较|仍|有"
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
        general = "。" not in text.rstrip("。") and _specific(text) <= _SPECIFIC_SHARE
        if (
            general
            and len(text) <= _LONGEST_VAGUE
            and _VAGUE.search(text)
            and not _CONCRETE.search(text)
            and not named
        ):
            yield case.finding(
                "C2", "W", [f"/problems/{i}/text"],
                f"问题“{_short(problem.text)}”表述笼统，未指明涉及的项目、指标或数量，建议具体化。",
                source="问题应指明事项、数量或对象",
            )  # fmt: skip


def is_general(text: str) -> bool:
    """Whether a measure says nothing in particular: no matter, number or means of its own."""
    own = squeezed(text)
    return len(own) <= _LONGEST_VAGUE and not _CONCRETE.search(own) and _specific(own) <= _SPECIFIC_SHARE


def _specific(text: str) -> float:
    """The share of a text that is not what every department writes."""
    words = re.sub(r"[^\u3400-\u9fff]", "", text)
    return len(_GENERAL.sub("", words)) / len(words) if words else 0.0


@check("C3", "W", "问题没有对应措施，或措施没有对应问题", "问题与措施应相互对应")
def unpaired(case: Case) -> Iterator[Finding]:
    """A problem without a measure, a measure without a problem."""
    problems, measures = case.report.problems, case.report.measures
    answered = {one for measure in measures for one in measure.addresses}
    for i, problem in enumerate(problems):
        if i not in answered:
            yield case.finding(
                "C3", "W", [f"/problems/{i}/text"], f"问题“{_short(problem.text)}”未见对应的改进措施。",
                source="问题与措施应相互对应",
            )  # fmt: skip
    for i, measure in enumerate(measures):
        if problems and not measure.addresses:
            yield case.finding(
                "C3", "W", [f"/measures/{i}/text"], f"措施“{_short(measure.text)}”未见对应的问题。",
                source="问题与措施应相互对应",
            )  # fmt: skip


@check("C5", "W", "问题说轻了", "“个别”“部分”应与实际数量相称", judgement=True)
def understated(case: Case) -> Iterator[Finding]:
    """A problem understated (个别, 部分) against the counts."""
    assessed = [
        one for one in case.indicators if pairs(one) and any(c.isdigit() for c in one.it.target or "")
    ]
    over = [one for one in assessed if any(pair.verdict is Verdict.OVER for pair in pairs(one))]
    low = [
        name
        for _, name, spent, whole in executions(case)
        if spent / whole * 100 < case.thresholds.low_execution
    ]
    for i, problem in enumerate(case.report.problems):
        text = squeezed(problem.text)
        if not _SMALL.search(text):
            continue
        yield from _outnumbered(case, i, text)
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
            and len(low) * 2 >= len(list(executions(case))) > 3
        ):
            yield case.finding(
                "C5", "W", [f"/problems/{i}/text"],
                f"问题称个别项目执行率偏低，执行率低于关注阈值的有{len(low)}项，建议核实表述。",
                source=case.thresholds.source("low_execution"),
            )  # fmt: skip


def _outnumbered(case: Case, i: int, text: str) -> Iterator[Finding]:
    """个别项目进度滞后 where 12 of 17 projects were late, in the same text or another about the same."""
    own, least = subjects(text), _OF_FEW if "个别" in text else _OF_SOME
    for at, other in case.passages:
        told = "" if at.startswith("/measures") else squeezed(other)
        for match in (*_OF_THEM.finditer(told), *_AMONG_THEM.finditer(told)):
            whole, part = number(match[1]), number(match[3])
            here = at == f"/problems/{i}/text" or overlap(own, subjects(_sentence(told, match))) >= 0.2
            if here and whole and part and whole > part >= whole * least:
                yield case.finding(
                    "C5",
                    "W",
                    list(dict.fromkeys([f"/problems/{i}/text", at])),
                    f"问题称“{_SMALL.findall(text)[0]}”，文中{match[1]}{match[2]}中有{match[3]}{match[2]}，建议核实表述。",
                    computed=f"{part} ÷ {whole} = {percent(part / whole * 100)}",
                    source="“个别”“部分”应与实际数量相称",
                )
                return


def _sentence(text: str, match: re.Match[str]) -> str:
    start = max(text.rfind(mark, 0, match.start()) for mark in "。;\n") + 1
    return re.split(r"[。;\n]", text[start:])[0]


@check("C7", "W", "别处承认的问题未列入存在问题", "文中承认的问题应列入存在问题", judgement=True)
def owned_elsewhere(case: Case) -> Iterator[Finding]:
    """A problem owned up to elsewhere and not carried into 存在问题."""
    texts = [one for one in case.passages if not one[0].startswith(("/problems", "/measures"))]
    texts += [
        (f"{one.at}/deviation_reason", one.it.deviation_reason)
        for one in case.indicators
        if one.it.deviation_reason
    ]
    for i, problem in enumerate(case.report.problems):
        yield from _stands_elsewhere(case, i, problem.text)
    for at, text in texts:
        for match in _OWNED.finditer(squeezed(text)):
            if not listed(case, match[0]) and "不存在" not in match[0]:
                yield case.finding(
                    "C7", "W", [at], f"文中承认“{_short(match[0], 50)}”，未列入存在问题。",
                    source="文中承认的问题应列入存在问题",
                )  # fmt: skip


def _stands_elsewhere(case: Case, i: int, text: str) -> Iterator[Finding]:
    """A problem that is told inside another passage, or before the section of problems begins."""
    inside = [
        at
        for at, own in case.passages
        if not at.startswith(("/problems", "/measures")) and plain(text) in plain(own)
    ]
    places, headings = case.places.get(f"/problems/{i}/text", ()), list(_HEADING.finditer(case.text))
    before = len(headings) == 1 and bool(places) and places[0][0] < headings[0].start()
    if (inside and case.plain.count(plain(text)) < 2) or before:
        yield case.finding(
            "C7", "W", [f"/problems/{i}/text", *inside], f"问题“{_short(text)}”写在别处，未列入存在问题。",
            source="文中承认的问题应列入存在问题",
        )  # fmt: skip


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part * 100) / whole


def _short(text: str, most: int = 36) -> str:
    words = "".join(text.split())
    return words if len(words) <= most else words[:most] + "…"
