"""Problems and measures: an enumeration into its points, without their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractor.drafts import Draft, Found
from extractor.engines.rules.flat import flat
from extractor.source import Source

Range = tuple[int, int]

_MARKERS = (
    re.compile(r"\([一二三四五六七八九十]{1,3}\)\s*、?|[一二三四五六七八九十]{1,2}、"),
    re.compile(r"\d{1,2}\s*[.、](?:(?!\d)|(?=(?:19|20)\d\d年))\s*"),
    re.compile(r"\(\d{1,2}\)\s*、?|\d{1,2}\)\s*"),
    re.compile(r"[①-⑳]\s*"),
    re.compile(r"(?:第)?[一二三四五六七八九十]{1,2}(?:是|方面[,，:]?|[,，]|则(?!是))\s*"),
    re.compile(r"首先[,，]|其次[,，]|再次[,，]|最后[,，]"),
)
_BOUNDARY = "。;；:：!！?？>\n"
_ANNOUNCES = re.compile(
    r"(?:如下|以下|下列|主要(?:有|表现|体现|存在|是)|表现在|体现在|几个?方面|几点|以下问题|具体)[^。；;]{0,12}[:：。]?$|[:：]$|^[^。，,；;]{0,12}(?:存在|有)[^。，,]{0,14}(?:问题|不足)[:：。]?$|"
    r"(?:采取|做好|从)[^。]{0,16}(?:措施|工作|方面)[^。，,]{0,8}[:：。]?$"
)
_STATES = re.compile(
    r"不够|不足|不高|缺乏|欠缺|滞后|薄弱|差距|偏低|偏弱|较慢|困难|有待|尚未|未能|不强|不全|不完善|不到位|较大|较低|难以|缺口|没有"
)
_INLINE = re.compile(
    r"(?P<problem>(?:主要)?存在(?:的)?(?:主要)?(?:问题|不足)(?:和不足|及原因)?(?:主要)?(?:是|有|包括|为)?|不足之处)[:：]"
    r"|(?P<measure>(?:下一步)?(?:的)?(?:改进|整改)(?:的)?(?:方向|措施|建议|意见|计划)(?:及下一步计划)?"
    r"|下一步(?:工作)?(?:计划|打算|措施|改进措施)"
    r"|针对(?:以上|上述|这些|存在)[^。：:]{0,24}?(?:整改|改进|措施|打算|采取|做好)[^。：:]{0,8})[:：]"
)


@dataclass(frozen=True)
class _Mark:
    """存在问题： or 改进措施： inside a passage, and where it stands in the view."""

    kind: str
    start: int
    end: int


def _marks(source: Source, start: int, end: int) -> list[_Mark]:
    text = flat(source, start, end)
    return [
        _Mark("problems" if match["problem"] else "measures", *text.range(*match.span()))
        for match in _INLINE.finditer(text.text)
    ]


_ELSEWHERE = re.compile(r"(?:详?见|参见)[^。；;\n]{0,24}(?:报告|部分|附件|附后)[^。；;\n]{0,10}[。]?")


def split_passage(source: Source, ranges: Sequence[Range], kind: str) -> tuple[list[Range], list[Range]]:
    """The parts of a passage that tell problems and those that tell measures."""
    parts: dict[str, list[Range]] = {"problems": [], "measures": []}
    for start, end in ranges:
        if _ELSEWHERE.fullmatch("".join(source.text[start:end].split())):
            continue  # 见自评报告第四部分
        for a, b in _interleaved(source, start, end):
            for current, place in _parts(source, a, b, kind):
                parts[current].append(place)
    filled = {key: [r for r in value if source.text[r[0] : r[1]].strip()] for key, value in parts.items()}
    return filled["problems"], filled["measures"]


def _interleaved(source: Source, start: int, end: int) -> list[Range]:
    """The points of an enumeration each of which tells its own measure, else the whole range."""
    marks = enumeration(source.text, start, end)
    told = [mark.start for mark in _marks(source, start, end) if mark.kind == "measures"]
    if len(marks) < 2 or not told or told[0] < marks[0][0] or told[0] > marks[1][0]:
        return [(start, end)]
    bounds = [mark for mark, _ in marks] + [end]
    return ([(start, bounds[0])] if source.text[start : bounds[0]].strip() else []) + list(pairwise(bounds))


def _parts(source: Source, start: int, end: int, kind: str) -> Iterator[tuple[str, Range]]:
    position = start
    for mark in _marks(source, start, end):
        yield kind, (position, mark.start)
        kind, position = mark.kind, mark.end
    yield kind, (position, end)


def inline_passages(source: Source, start: int, end: int) -> list[tuple[str, Range]]:
    """存在问题：… 改进方向：… inside a section of another name."""
    found = _marks(source, start, end)
    stops = [*(mark.start for mark in found[1:]), end]
    return [(mark.kind, (mark.end, stop)) for mark, stop in zip(found, stops, strict=False)]


def problems_of(source: Source, ranges: Sequence[Range]) -> list[Draft]:
    """Draft problems, one a point."""
    return [{"text": found} for r in ranges for found in points(source, *r)]


def measures_of(source: Source, ranges: Sequence[Range]) -> list[Draft]:
    """Draft measures, one a point."""
    return [{"text": found, "addresses": []} for r in ranges for found in points(source, *r)]


def points(source: Source, start: int, end: int) -> list[Found]:
    """The points of an enumeration, or the whole text as one; a lead that only announces is dropped."""
    text = source.text
    marks = enumeration(text, start, end)
    if len(marks) == 1 and marks[0][0] == _first(text, start):
        start, marks = marks[0][1], []
    if not marks:
        found = source.found([(start, end)])
        return (
            [found]
            if found is not None and len(str(found.value)) > 1 and str(found.value).strip("。") != "无"
            else []
        )
    out: list[Found] = []
    lead = source.found([(start, marks[0][0])])
    if lead is not None and states_something(str(lead.value)):
        out.append(_closed(source, start, marks[0][0], lead))
    for i, (_, inner) in enumerate(marks):
        stop = marks[i + 1][0] if i + 1 < len(marks) else end
        found = source.found([(inner, stop)])
        if found is not None:
            out.append(found)
    return out


def _closed(source: Source, start: int, end: int, lead: Found) -> Found:
    """A stated lead without the announcement at its end."""
    text = source.text[start:end]
    cut = re.search(r"[。；;]([^。；;]*[:：]?\s*)$", text.rstrip().removesuffix("。"))
    if cut and _ANNOUNCES.search(cut[1]) and not _STATES.search(cut[1]):
        return source.found([(start, start + cut.start() + 1)]) or lead
    return lead


def states_something(lead: str) -> bool:
    """Whether a lead sentence states a problem or measure itself and does not only announce the list."""
    plain = lead.strip().replace("\n", "")
    if len(plain) < 8:
        return False
    if (
        plain[-1] in ":："
        and re.search(r"以下|如下|主要存在|下列|几个?方面", plain[-20:])
        and not re.search(r"[。；;]", plain[:-1])
    ):
        return False
    if _STATES.search(plain):
        return True
    if plain[-1] in ":：" or _ANNOUNCES.search(plain):
        return False
    return len(plain) >= 24 and plain[-1] in "。；;"


def enumeration(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of each mark of the outermost enumeration in a range, in order."""
    best: list[tuple[int, int]] = []
    for pattern in _MARKERS:
        marks = [m.span() for m in pattern.finditer(text, start, end) if _at_boundary(text, m.start(), start)]
        if not marks or (len(marks) == 1 and marks[0][0] > _first(text, start)):
            continue
        if not best or marks[0][0] < best[0][0]:
            best = marks
    return best


def _first(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _at_boundary(text: str, position: int, start: int) -> bool:
    before = text[start:position].rstrip(" \t")
    return not before.strip() or before[-1] in _BOUNDARY
