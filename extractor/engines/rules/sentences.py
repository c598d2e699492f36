"""Indicators told as sentences: 报送线索数量，全年预计50条，实际完成67条。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from extractor.drafts import Draft, Found
from extractor.engines.rules.flat import Flat, flat
from extractor.engines.rules.rows import level_words
from extractor.engines.rules.vocabulary import unit_pattern, vocabulary
from extractor.quantities import NUMBER, number
from extractor.source import Source

_ITEM = re.compile(
    r"(?:^|(?<=[。;；:：\n]))\s*(?:\(\d{1,2}\)|\d{1,2}[.、](?!\d)|[①-⑳]|[一二三四五六七八九十]{1,2}是)\s*"
)
_WHEN = "(?:全年|年度|年初|本年|当年)?"
_IS = "(?:为|是|:)?"
_TARGET_CUE = re.compile(
    rf"{_WHEN}(?:预计|预期|计划|目标|设定|指标值|要求|应|控制在|确定|核定){_WHEN}(?:目标)?(?:指标)?(?:实现|完成|达到|举办)?(?:值|数)?"
    rf"(?:设定|设置|确定)?{_IS}"
)
_TOLD = "完成|实现|达到|支出|发放|新增|发生|建成|举办"
_ACTUAL_CUE = re.compile(
    r"(?:全年|年度|年末|年底|截至[^,，;；]{0,8}?)?(?:实际|实绩|自评|目前|调查结果|实测|现已?)(?:全年|年度)?(?:工作)?"
    rf"(?:{_TOLD})?(?:率|值|数|情况)?{_IS}"
    rf"|(?<=[,，;；])(?:全年|年内|年末|年底|已)?(?:完成|达到|实现)(?:值|数)?(?!率){_IS}"
    r"|(?<=[,，;；])已[\u3400-\u9fff]{2}(?=\d|[≥≤><])"
    r"|(?<=[,，;；])[^,，;；。\d]{0,12}?(?:检查|测评|调查|核查|评估|统计|抽查)(?:结果)?为"
)
_OPS = (
    "不少于|不低于|不超过|不高于|不多于|不大于|不小于|多于|少于|大于等于|小于等于|大于|小于|高于|低于"
    "|超过|超额|至少|超|逾|近|约|≥|≤|>=|<=|>|<"
)
_TREND = "增长|下降|提升|提高|降低|减少|增加|上升"
_PHRASE = re.compile(
    r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|底|初|中旬|末)(?:之?前)?|\d{4}年\d{1,2}月(?:之?前)?|"
    rf"(?:(?:{_OPS}|{_TREND})[约至到]?)*-?{NUMBER}(?:(?:-|~|至|到){NUMBER}|/{NUMBER}万?)?(?:多|余)?"
    rf"(?:{unit_pattern()}(?:/[\u3400-\u9fff]{{1,4}})?|[\u3400-\u9fffA-Za-z/]{{1,6}}(?=[,，;；。]|$))?(?:以上|以内|以下|左右|及以上)?"
)
_EVEN = re.compile(r"(?:与|同|较)(?:上年|去年|往年|上一年)(?:度)?(?:基本)?持平|保持稳定")
_LEVEL_LEAD = re.compile(
    r"^[^,，:。]{0,24}?指标[^,，:。]{0,20}?[:：。]|^[^,，:。]{0,16}(?:效益|满意度|产出)[:：。]"
)
_NUMBERED = re.compile(
    r"(?:\(\d{1,2}\)|\d{1,2}[.、](?!\d)|[①-⑳]|\([一二三四五六七八九十]+\))?(?:指标[一二三四五六七八九十\d]{1,3}[:：、.])?"
)
_NOTE_OF_POINTS = re.compile(r"\([^()]*分[^()]*\)")
_SENTENCE = re.compile(r"[^;；。]+[;；。]?")
_REASON = re.compile(
    r"(?:[(（]?(?:偏差|差异|未(?:能)?(?:完成|达到?)[^,，;；。]{0,8}?)(?:的)?(?:主要)?原因(?:是|为|:|：)?"
    r"|(?<=[,，])主要(?:是|因为|由于))(?P<reason>[^()（）]+)[)）]?"
)
_INNER_CUES = (
    re.compile(r"(?:全年|年度|年初)?(?:指标值|目标值|目标为|确定为|核定为|目标(?=[≥≤><\d]))[^,，]{0,12}\d"),
    re.compile(r"(?:全年|年度|年初)?(?:预计|预期|计划)(?!完成率)[^,，]{0,12}\d"),
)
_POINTS = {
    "weight": re.compile(rf"分值(?:为|:)?({NUMBER})分?"),
    "score": re.compile(rf"得分?(?:为|:)?({NUMBER})分"),
}
_LEADING = re.compile(
    r"^(?:全年|年度|年初|预计|预期|计划|目标|值|为|是|共|实际|完成|实现|达到|达|情况|数|率|:|，|,)+"
)


@dataclass(frozen=True)
class _Clause:
    start: int
    end: int


def indicators_in(source: Source, start: int, end: int) -> list[Draft]:
    """Draft indicators of the sentences in a range that give a target and a result."""
    text = flat(source, start, end)
    out: list[Draft] = []
    levels: list[Found] = []
    for a, b in _items(source, text, start, end):
        heading = _NOTE_OF_POINTS.sub("", text.text[a:b])
        words = level_words(heading)
        if words and len(heading) <= 16 and _heads_levels(heading, words):
            levels = _renewed(levels, _level_found(text, a, b, words))
            continue
        lead = _LEVEL_LEAD.match(text.text[a:b])
        if lead and _only_levels(lead[0]):
            levels = _renewed(levels, _level_found(text, a, a + lead.end(), level_words(lead[0])))
            a += lead.end()
        drafts = [_indicator(text, c, d, levels) for c, d in _sentences(text.text, a, b)]
        out += [draft for draft in drafts if draft is not None]
    return out


def _sentences(text: str, a: int, b: int) -> list[tuple[int, int]]:
    """The sentences of an item where several tell an indicator each, else the item whole."""
    found = [(m.start(), m.end()) for m in _SENTENCE.finditer(text, a, b)]
    told = [n for n, (c, d) in enumerate(found) if _clauses(text[c:d]) is not None]
    if len(told) < 2:
        return [(a + _lead_end(text[a:b]), b)]
    bounds = [found[n][0] for n in told] + [b]
    return [(c + _lead_end(text[c:d]), d) for c, d in pairwise(bounds)]


def _lead_end(item: str) -> int:
    lead = _NUMBERED.match(item)
    return lead.end() if lead else 0


def _heads_levels(item: str, words: list[str]) -> bool:
    """Whether a short item is the heading of a class: 产出数量, 效益指标完成情况."""
    return _only_levels(item) or any(word.endswith("指标") for word in words)


def _only_levels(lead: str) -> bool:
    """Whether a lead names classes and nothing else: 产出指标中的数量指标：."""
    rest = lead
    for word in level_words(lead):
        rest = rest.replace(word, "", 1)
    return rest != lead and not re.sub(r"中的|指标|方面|[的中:：、。/\-]", "", rest)


def _renewed(levels: list[Found], found: list[Found]) -> list[Found]:
    """The classes in force: a lower class stands below the upper one before it, any other takes its place."""
    known = vocabulary()
    lower = len(found) == 1 and (found[0].value not in known.first_levels or found[0].value == "成本指标")
    if lower and levels and levels[0].value in known.first_levels:
        return [levels[0], found[0]]
    return found


def _items(source: Source, text: Flat, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Numbered items and lines of their own; an item ends where the next begins."""
    if not text.text:
        return
    bounds = {0}
    for i, position in enumerate(text.at):
        line_start = i == 0 or "\n" in source.text[text.at[i - 1] : position]
        if line_start and _ITEM.match(text.text, i):
            bounds.add(i)
    bounds |= {
        match.end()
        for match in re.finditer(
            r"[;；。](?=\(\d{1,2}\)|\d{1,2}[.、]\D|[①-⑳]|指标[一二三四五六七八九十\d]{1,3}[:：、])", text.text
        )
    }
    bounds |= _line_bounds(source, text)
    marks = sorted(bounds)
    for a, b in zip(marks, [*marks[1:], len(text.text)], strict=True):
        lead = _NUMBERED.match(text.text, a, b)
        yield (lead.end() if lead else a), b


def _line_bounds(source: Source, text: Flat) -> set[int]:
    """Where a line begins behind the end of a sentence or behind a class word that stands alone."""
    out: set[int] = set()
    line = 0
    for i in range(1, len(text.at)):
        if "\n" not in source.text[text.at[i - 1] : text.at[i]]:
            continue
        before = text.text[line:i]
        if _REASON.match(text.text, i):
            pass
        elif before[-1] in "。;；:：" or (len(before) <= 14 and level_words(before)):
            out.add(i)
        line = i
    return out


_CLASSED = re.compile(r"[(（]([^()（）]{2,10})[)）]$")


def _level_found(text: Flat, a: int, b: int, words: list[str]) -> list[Found]:
    out: list[Found] = []
    position = a
    for word in words:
        i = text.text.index(word, position, b)
        found = text.found(i, i + len(word), word)
        if found is not None:
            out.append(found)
        position = i + len(word)
    return out


def _indicator(text: Flat, a: int, b: int, levels: list[Found]) -> Draft | None:
    item = text.text[a:b]
    split = _clauses(item)
    if split is None:
        return None
    name_end, target, actual = split
    if (classed := _CLASSED.search(item[:name_end])) and (words := level_words(classed[1])):
        # 应急演练场次(数量指标): the class stands behind the name
        levels = _renewed(levels, _level_found(text, a + classed.start(1), a + classed.end(1), words))
        name_end = classed.start()
    name = text.found(a, a + name_end)
    if name is None or not 2 <= len(str(name.value)) <= 60:
        return None
    reason = _REASON.search(item)
    points = {key: pattern.search(item, split[2].start) for key, pattern in _POINTS.items()}
    return {
        "name": name,
        "level": _joined(levels),
        "definition": None,
        "target": _phrase(text, a + target.start, a + target.end),
        "actual": _phrase(text, a + actual.start, a + actual.end),
        **{
            key: text.found(a + m.start(1), a + m.end(1), number(m[1])) if m else None
            for key, m in points.items()
        },
        "deviation_reason": text.found(*(a + i for i in reason.span("reason"))) if reason else None,
    }


def _joined(levels: list[Found]) -> Found | None:
    if not levels:
        return None
    return Found(
        "/".join(str(level.value) for level in levels),
        tuple(span for level in levels for span in level.spans),
    )


def _clauses(item: str) -> tuple[int, _Clause, _Clause] | None:
    """End of the name, the target's clause and the result's clause of one item."""
    first = re.search(r"[,，:：。]", item)
    cue = next((cue for pattern in _INNER_CUES if (cue := pattern.search(item))), None)
    if first is None or first.start() < 2:
        return None
    name_end = cue.start() if cue and 2 <= cue.start() < first.start() else first.start()
    target = _TARGET_CUE.search(item, name_end)
    if target is None:
        return None
    actual = _ACTUAL_CUE.search(item, target.end())
    if actual is None:
        return None
    tails = (pattern.search(item, actual.end()) for pattern in (_REASON, *_POINTS.values()))
    end = min((tail.start() for tail in tails if tail), default=len(item))
    return name_end, _Clause(target.end(), actual.start()), _Clause(actual.end(), end)


def _phrase(text: Flat, a: int, b: int) -> Found | None:
    """The shortest phrase that holds operator, figure and unit; without a figure the clause itself."""
    clause = re.sub(r"[。;；，,]+$", "", text.text[a:b])
    even = _EVEN.search(clause)
    match = _PHRASE.search(clause)
    if match:
        return text.found(a + match.start(), a + match.end())
    if even:
        return text.found(a + even.start(), a + even.end())
    lead = _LEADING.match(clause)
    start = lead.end() if lead else 0
    stop = re.search(r"[。;；，,]", clause[start:])
    end = start + stop.start() if stop else len(clause)
    return text.found(a + start, a + end)
