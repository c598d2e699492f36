"""A8: parts and wholes, rates and growth inside texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.checks.arithmetic import half, percent, plus, rate, total
from extractor.checks.case import Case, Finding, Grade
from extractor.checks.registry import check
from extractor.document import Span
from extractor.quantities import NUMBER, number

_UPWARDS = ("增长", "增加", "上升", "提高")
_UNIT = (
    r"(?:[万亿]*美?元|平方[公千]?[米里]|[万]?(?:人次|家次|户次|件次|批次|公里|公顷|公斤|亩|吨|株)"
    r"|[个家栋项人次件场户所名条辆台份篇宗起只头笔套座间张部册期届类种批处])"
)
_FIGURE = rf"(?:{NUMBER})"
# the first figure of a pattern begins where a run of digits does, so that a long run is gone through once
_FIRST = rf"(?<![\d.,]){_FIGURE}"
# 35栋超甲级及甲级(超甲级14栋,甲级20栋): a whole, and all its parts in brackets behind it
_BRACKET = re.compile(rf"({_FIRST})({_UNIT})[^\d(。;；]{{0,20}}\(([^()。]*?{_FIGURE}[^()。]*)\)")
# 总值660.2亿元…。其中,出口276.7亿元…;进口383.6亿元
_AMONG = re.compile(rf"({_FIRST})({_UNIT})(?:(?!{_UNIT})[^。])*?[。,;]其中[,:]?((?:(?!其中)[^。])*)")
_RATED = re.compile(
    rf"预算(?:资金|数|安排)?[^\d,。;]{{0,6}}({_FIGURE})(万元|亿元|元)[,，;][^\d。]{{0,12}}(?:支出|支付|执行|使用)[^\d,。;]{{0,6}}"
    rf"({_FIGURE})(万元|亿元|元)[,，;][^\d。]{{0,12}}(?:执行率|支出率|支付率|完成率)[^\d,。;]{{0,4}}({_FIGURE})%"
)
_GROWN = re.compile(
    rf"由(?:上年|去年|年初|\d{{4}}年)?(?:末|底|同期)?的?({_FIGURE})({_UNIT})?(?:增加|增长|上升|提高|减少|下降|降低|降)(?:至|到|为)({_FIGURE})({_UNIT})?"
    rf"[,，;](?:同比|比上年|较上年)?(增长|增加|上升|提高|下降|减少|降低)(?:了|约)?({_FIGURE})%"
)
_WHOLES = tuple(
    frozenset(words.split())
    for words in (
        "出口 进口",
        "重大 一般",
        "新建 改建",
        "首次 重新",
        "新建 改扩建",
        "新建 扩建",
        "城市 农村",
        "城镇 农村",
        "城镇 乡村",
        "男 女",
        "线上 线下",
        "省内 省外",
        "市内 市外",
        "境内 境外",
        "区内 区外",
        "公办 民办",
        "集中 分散",
        "重点 一般",
        "优秀 良好",
        "已完成 未完成",
        "合格 不合格",
        "国内 国外",
        "内资 外资",
        "新增 续建",
    )
)
_AGAINST = re.compile(
    rf"({_FIRST})({_UNIT})?[,，]?[比较](?:上年|去年|上一年)(?:同期)?的?({_FIGURE})({_UNIT})?"
    rf"(增长|增加|上升|提高|下降|减少|降低)(?:了|约)?({_FIGURE})%"
)
# 普查员386名、指导员94名,共计490名: all the parts before their whole
_ALTOGETHER = re.compile(
    rf"((?:[^\d,;。、]{{1,12}}{_FIGURE}({_UNIT})[、和及,])(?:[^\d,;。、]{{1,12}}{_FIGURE}\2[、和及,]?)+)(?:共计|合计|总计|共)[^\d,;。、]{{0,12}}?({_FIGURE})\2"
)
_TOTALLED = re.compile(r"\d[^\d,;。、]{0,16}[、和及,]?(?:共计|合计|总计|共)")
# 86.5公里,为年度计划78公里的108.9%: a part, its whole, and the share
_SHARE_OF = re.compile(
    rf"({_FIRST})({_UNIT})[,，]?(?:仅?(?:为|占|是|相当于|达到?|完成))[^\d,;。、]{{0,12}}?({_FIGURE})\2的({_FIGURE})%"
)
# 12600户,其中脱贫户4210户,占比35.4%: a whole, a part of it, and the share
_SHARE = re.compile(
    rf"({_FIRST})({_UNIT})[,，(]其中[,:]?[^\d,;。、]{{1,12}}?({_FIGURE})\2[,，](?:占比|占)[^\d,;。、]{{0,6}}?({_FIGURE})%"
)
# 412.6万人次,同比增长18.3%(上年为356.2万人次)
_SINCE = re.compile(
    rf"({_FIRST})({_UNIT})[,，(]?(?:同比|比上年|较上年|比去年|较去年)(增长|增加|上升|提高|下降|减少|降低)(?:了|约)?({_FIGURE})%"
    rf"[,，(](?:上年|去年|上一年|\d{{4}}年)(?:同期)?(?:为|是)?({_FIGURE})\2"
)
# 1286.40万元,上年为1156.20万元,同比增长12.6%
_BEFORE = re.compile(
    rf"({_FIRST})({_UNIT})[,，(](?:上年|去年|上一年)(?:同期)?(?:为|是)?({_FIGURE})\2[)]?[,，;]"
    rf"(?:同比|比上年|较上年)?(增长|增加|上升|提高|下降|减少|降低)(?:了|约)?({_FIGURE})%"
)
_PLAUSIBLE = (Decimal("0.5"), Decimal("1.5"))


@check(
    "A8",
    "E/W/I",
    "文字中的部分与整体、增长率、占比算不拢",
    "部分之和 = 整体；比率 = 部分 ÷ 整体",
    ["rate_tolerance"],
)
def stated_parts(case: Case) -> Iterator[Finding]:
    """Parts and wholes, rates and growth stated in the document's text."""
    yield from _brackets(case)
    yield from _among(case)
    yield from _rates(case)
    yield from _growth(case)
    yield from _altogether(case)
    yield from _shares(case)


def _at(case: Case, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The raw place of a stretch of the folded text."""
    span: Span = case.view.span(start, end)
    return ((span.start, span.end),)


def _parts(text: str, unit: str) -> list[Decimal]:
    """The figures of a list in one unit; empty where another figure stands among them."""
    found = [(number(match[1]), match[2]) for match in re.finditer(rf"({_FIGURE})({_UNIT}|%)?", text)]
    if any(own != unit for _, own in found):
        return []
    return [value for value, _ in found if value is not None]


def _brackets(case: Case) -> Iterator[Finding]:
    for match in _BRACKET.finditer(case.plain):
        whole, parts = number(match[1]), _parts(match[3], match[2])
        if whole is None or len(parts) < 2:
            continue
        own = sum(parts, Decimal(0))
        if "其中" in match[3] and own <= whole:
            continue
        if _unequal(whole, parts, match[2]) == "E" and _PLAUSIBLE[0] * whole <= own <= _PLAUSIBLE[1] * whole:
            yield _sum(case, match, (whole, parts), "E")


def _among(case: Case) -> Iterator[Finding]:
    """Parts behind 其中 need not be all of them: a sum above the whole is told, or one off by rounding."""
    for match in _AMONG.finditer(case.plain):
        listed = re.findall(rf"(?:^|[,;、和及])[^\d,;。]{{1,12}}?({_FIGURE}){re.escape(match[2])}", match[3])
        whole, parts = number(match[1]), [value for value in map(number, listed) if value is not None]
        if whole is None or len(parts) < 2 or ("预算" in match[3] and "支出" in match[3]):
            continue
        grade = _unequal(whole, parts, match[2])
        above = whole < sum(parts, Decimal(0)) <= _PLAUSIBLE[1] * whole
        if grade == "I" or (grade == "E" and (above or _exhaustive(match[3], match[2]))):
            yield _sum(case, match, (whole, parts), grade)


def _unequal(whole: Decimal, parts: list[Decimal], unit: str) -> Grade | None:
    """Things that are counted are not rounded: their sum is exact or wrong."""
    grade = total(whole, parts)
    counted = "元" not in unit and all(one == one.to_integral_value() for one in (whole, *parts))
    return "E" if grade and counted else grade


def _exhaustive(text: str, unit: str) -> bool:
    """Whether the parts are named by words that leave nothing out: 新建 and 改建, 出口 and 进口."""
    labels = re.findall(rf"(?:^|[,;、和及])([^\d,;。、]{{1,12}}?){_FIGURE}{re.escape(unit)}", text)
    return any(
        len(labels) == len(words) and all(any(word in label for label in labels) for word in words)
        for words in _WHOLES
    )


def _sum(case: Case, match: re.Match[str], figures: tuple[Decimal, list[Decimal]], grade: str) -> Finding:
    whole, parts = figures
    own, unit = sum(parts, Decimal(0)), match[2]
    tail = "，末位不同" if grade == "I" else "，前后不一致"
    return case.finding(
        "A8",
        "I" if grade == "I" else "E",
        [],
        f"文中各部分相加为{own}{unit}，总数写为{whole}{unit}{tail}。",
        spans=_at(case, *match.span()),
        computed=f"{plus(parts)} = {own} ≠ {whole}",
        source="部分之和 = 整体",
    )


def _rates(case: Case) -> Iterator[Finding]:
    for match in _RATED.finditer(case.plain):
        whole, part, printed = (number(match[i]) for i in (1, 3, 5))
        listed = any((one.budget, one.actual) == (whole, part) for one in case.report.projects)
        if whole and part is not None and printed is not None and match[2] == match[4] and not listed:
            yield from _rate(case, match, (printed, part, whole), "执行率")


def _altogether(case: Case) -> Iterator[Finding]:
    sentences = (one for one in re.finditer("[^。]+", case.plain) if _TOTALLED.search(one[0]))
    for match in (m for one in sentences for m in _ALTOGETHER.finditer(case.plain, *one.span())):
        whole, parts = number(match[3]), _parts(match[1], match[2])
        if whole is not None and len(parts) >= 2 and _unequal(whole, parts, match[2]) == "E":
            yield _sum(case, match, (whole, parts), "E")


def _shares(case: Case) -> Iterator[Finding]:
    """What one figure is of another, both told beside the share."""
    for shape, part, whole in ((_SHARE_OF, 1, 3), (_SHARE, 3, 1)):
        for match in shape.finditer(case.plain):
            printed, own, all_of_it = (number(match[i]) for i in (4, part, whole))
            if printed is not None and own is not None and all_of_it:
                yield from _rate(case, match, (printed, own, all_of_it), "占比")


def _growth(case: Case) -> Iterator[Finding]:
    for match in _SINCE.finditer(case.plain):
        after, printed, before = (number(match[i]) for i in (1, 4, 5))
        if after is not None and printed is not None and before:
            signed = printed if match[3] in _UPWARDS else -printed
            yield from _rate(case, match, (signed, after - before, before), "增长率")
    for match in _BEFORE.finditer(case.plain):
        after, before, printed = (number(match[i]) for i in (1, 3, 5))
        if after is not None and printed is not None and before:
            signed = printed if match[4] in _UPWARDS else -printed
            yield from _rate(case, match, (signed, after - before, before), "增长率")
    for match in _AGAINST.finditer(case.plain):
        after, before, printed = (number(match[i]) for i in (1, 3, 6))
        if before and after is not None and printed is not None and match[4] in (None, match[2]):
            signed = printed if match[5] in _UPWARDS else -printed
            yield from _rate(case, match, (signed, after - before, before), "增长率")
    for match in _GROWN.finditer(case.plain):
        before, after, printed = (number(match[i]) for i in (1, 3, 6))
        if (
            not before
            or after is None
            or printed is None
            or ((match[2] or match[4]) != match[4] and match[2])
        ):
            continue
        if match[4] == "%" or abs(after - before) < half(before):
            continue
        signed = printed if match[5] in _UPWARDS else -printed
        yield from _rate(case, match, (signed, after - before, before), "增长率")


def _rate(
    case: Case, match: re.Match[str], figures: tuple[Decimal, Decimal, Decimal], name: str
) -> Iterator[Finding]:
    printed, part, whole = figures
    found = rate(printed, part, whole, case.thresholds.rate_tolerance)
    if found.grade:
        yield case.finding(
            "A8",
            found.grade,
            [],
            f"文中{name}写为{printed}%，按所写数字计算为{percent(found.exact)}。",
            spans=_at(case, *match.span()),
            computed=f"{part} ÷ {whole} = {percent(found.exact)}",
            source=case.thresholds.source("rate_tolerance"),
        )
