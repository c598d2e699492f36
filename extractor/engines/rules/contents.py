"""What the text of a cell looks like, by what its column holds.

Scores are sums of small gains and prices set by hand; around zero a text could be such a cell, at 3 it can
hardly be anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

from extractor.engines.rules.vocabulary import unit_pattern, vocabulary
from extractor.quantities import NUMBER

Content = Literal["title", "text", "name", "definition", "value", "number", "upper", "lower", "reason"]
_QUANTITY = re.compile(
    r"(?:已?完成|实际完成|达到?|约|增长|下降|提升|降低|全年)*"
    r"(?:>=|<=|[≥≤><=]|不少于|不低于|不超过|超过?|大于|小于|多于|高于|低于|至少)?\s*-?"
    rf"{NUMBER}(?:[-~]{NUMBER})?(?:多|余)?(?:{unit_pattern()})?(?:/[^\d]{{1,3}})?"
    r"(?:以上|以内|以下|左右|及以上)?(?:[,，(（]?已?完成[)）]?)?[。;]?"
)
FIGURE = re.compile(rf"\(?[-+]?{NUMBER}\)?%?")
_QUALITIES = (
    "提升|提高|改善|增强|增长|完成|保障|满意|及时|良好|到位|持平|完善|加强|稳定|下降|减少|无|规范|合规"
)
_DEGREES = (
    "有|较|明显|显著|持续|不断|进一步|有效|稳步|逐步|得到|基本|大幅|全面|及时|按时|长期|良好|较为"
    "|非常|稳定|已|全部|按"
)
_WORDS = re.compile(
    r"(?:是|否|有|无|已?完成|未完成|达标|合格|优秀?|良好?|满意|较满意|比较满意"
    r"|(?:不低于|不少于|不高于|高于|低于|与|同)(?:上年|去年|往年|上一年|同期).{0,6}"
    rf"|(?:{_DEGREES})[^,，。]{{1,12}}|[^,，。]{{2,8}}(?:{_QUALITIES}))[。;]?"
)
NAME_END = re.compile(
    r"(?:数量?|率|度|次数|情况|比例|人数|个数|面积|金额|水平|程度|效果|时间|质量|成本|时效|期数|完成|指标"
    r"|规模|人次|长度|投诉|事故|额|影响)$"
)
_PUNCTUATION = re.compile(r"[，。；,;、]")
_CLAUSE = re.compile(r"[，；,;]")
TASK_NUMBER = re.compile(r"任务[\d一二三四五六七八九十]+")
_VALUE_HINT = re.compile(r"\d|完成|达|≥|≤|未")
_LEVEL_POINTS = re.compile(r"\(?\d*分?\)?$")
_REASON_HINT = re.compile(r"[，。；,;]|原因|由于|因|措施|加强|下一步|偏")


def _size(text: str) -> float:
    """Length in ideographs, two Latin letters to one."""
    wide = (len(text.encode()) - len(text)) / 2
    return wide + (len(text) - wide) / 2


def _text_score(text: str, count: int) -> float:
    size = len(text)
    if size < 8:
        return -3.0 if text[-1] not in "。；;" else -1.5
    score = min(size, 60) / 20 + 0.3 * count
    if size < 60 and not _PUNCTUATION.search(text):
        score -= 1.5
    return score


def _title_score(text: str, count: int) -> float:
    numbered = TASK_NUMBER.match(text)
    if numbered and numbered.end() == len(text):
        return 4.0
    size = len(text)
    score = 3.0 if numbered else 0.0
    score += 1.0 if 2 <= size <= 24 else 0.0 if size <= 40 else -4.0
    if "。" in text or "；" in text:
        score -= 4.0
    if "，" in text or "," in text:
        score -= 1.0
    if _QUANTITY.fullmatch(text):
        score -= 5.0
    return score


def _name_score(text: str, count: int) -> float:
    if _QUANTITY.fullmatch(text) or FIGURE.fullmatch(text):
        return -6.0
    size = _size(text)
    score = 0.6 if 2 <= size <= 24 else 0.0 if size <= 40 else -5.0
    if "。" in text:
        score -= 3.0
    if _CLAUSE.search(text):
        score -= 1.5
    if text[0] in "≥≤><-0123456789":
        score -= 1.5
    if NAME_END.search(text):
        score += 0.7
    if text in _level_words():
        score -= 2.5
    return score


def _definition_score(text: str, count: int) -> float:
    if _QUANTITY.fullmatch(text) or FIGURE.fullmatch(text):
        return -5.0
    size = _size(text)
    score = 0.5 if 3 <= size <= 40 else -0.5 if 3 <= size <= 90 else -3.0
    if NAME_END.search(text) or "×100%" in text or text.startswith("是否"):
        score += 0.4
    return score


def _value_score(text: str, count: int) -> float:
    if FIGURE.fullmatch(text) and "%" not in text:
        return 0.0 if "." in text else 1.5
    if _QUANTITY.fullmatch(text):
        return 3.0
    if _WORDS.fullmatch(text):
        return 1.4
    if TASK_NUMBER.fullmatch(text):
        return -6.0
    size = len(text)
    score = -2.6
    if text[0] in "≥≤><0123456789":
        score += 3.2
    elif _VALUE_HINT.search(text):
        score += 2.2
    if NAME_END.search(text):
        score -= 1.5
    if "÷" in text or "×" in text:
        score -= 3.0
    return score - (0.0 if size <= 24 else 0.4 if size <= 80 else 1.5)


def _number_score(text: str, count: int) -> float:
    return 3.0 if FIGURE.fullmatch(text) and not text.endswith("%") else -12.0


def _upper_score(text: str, count: int) -> float:
    return _level_score(text, vocabulary().first_levels)


def _lower_score(text: str, count: int) -> float:
    return _level_score(text, vocabulary().second_levels)


def _level_score(text: str, own: frozenset[str]) -> float:
    bare = _LEVEL_POINTS.sub("", text)
    return 5.0 if bare in own else 2.5 if bare in _level_words() else -12.0


def _reason_score(text: str, count: int) -> float:
    if text == "无":
        return 1.0
    if _QUANTITY.fullmatch(text) or len(text) < 3:
        return -4.0
    score = -0.6 + min(len(text), 40) / 40
    if _REASON_HINT.search(text):
        score += 1.6
    if text in _level_words():
        score -= 4.0
    return score


@cache
def _level_words() -> frozenset[str]:
    known = vocabulary()
    return known.first_levels | known.second_levels


CONTENT_SCORES: dict[Content, Callable[[str, int], float]] = {
    "text": _text_score,
    "title": _title_score,
    "name": _name_score,
    "definition": _definition_score,
    "value": _value_score,
    "number": _number_score,
    "upper": _upper_score,
    "lower": _lower_score,
    "reason": _reason_score,
}
