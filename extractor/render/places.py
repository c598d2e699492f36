"""Where values stand, what could not be read and what a person should look at, in words for people."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from extractor.result import Doubt, Extraction

_REASONS = {
    "the lines of neighbouring columns": "表格各列文字交错",
    "transport": "模型接口未应答",
    "cut off": "模型答复被截断",
    "refused": "模型拒绝答复",
    "empty": "模型答复为空",
    "invalid": "模型答复无效",
    "rejected": "模型接口不接受请求",
    "the ceiling": "已达到费用或用量上限",
}
_DOUBTS = {
    "grammar": "数字写法不规范",
    "second reading": "两次识别不一致",
    "poor page": "整页识别质量差且此处把握不大",
    "width": "宽度与识别结果不符",
    "column": "写法与同列不同",
    "arithmetic": "与相关数字对不上",
}


def lost_words(lost: Sequence[tuple[int, int, str]], starts: Sequence[int]) -> list[str]:
    """Where the document could not be read, by its lines, and why."""
    return [
        f"第 {bisect_right(starts, a)}–{bisect_left(starts, b)} 行未能完整读取（{_reason(reason)}）"
        if b > a
        else f"整页未能读取（{_reason(reason)}）"
        for a, b, reason in lost
    ]


def doubt_words(doubt: Doubt) -> str:
    """Why a figure that was read in a picture has to be looked at."""
    return "、".join(_DOUBTS.get(reason, reason) for reason in doubt.reasons)


def place_words(extraction: Extraction, starts: Sequence[int], pointers: Sequence[str]) -> str:
    """On which pages and lines of the source values stand, empty where they stand nowhere.

    `starts` holds the offset at which each line of the source begins.
    """
    found = [place for pointer in pointers for place in extraction.evidence.get(pointer, ())]
    pages = sorted({place.page for place in found if place.page is not None})
    lines = sorted({bisect_right(starts, place.start) for place in found})
    return " ".join(filter(None, (_from_to(pages, "页"), _from_to(lines, "行"))))


def _from_to(numbers: Sequence[int], what: str) -> str:
    if not numbers:
        return ""
    first, last = numbers[0], numbers[-1]
    return f"第 {first} {what}" if first == last else f"第 {first}–{last} {what}"


def _reason(reason: str) -> str:
    """Why a part could not be read, in Chinese; what a model referred to in vain is the rest."""
    return next((words for start, words in _REASONS.items() if reason.startswith(start)), "引用无法核对")
