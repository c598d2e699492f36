"""How much a run of pieces looks like a cell of some column.

Scores are sums of small prices and gains set by hand: what a name, a prose text, a value, a figure or a class
word looks like, and what a line break says about the width of its column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal

from extractor.engines.rules.pieces import Piece
from extractor.engines.rules.vocabulary import unit_pattern, vocabulary
from extractor.quantities import AMOUNT_WORDS, NUMBER

Content = Literal["title", "text", "name", "definition", "value", "number", "level", "reason"]
CONTENT: dict[str, Content] = {
    "task": "title",
    "expected": "text",
    "achieved": "text",
    "indicator": "name",
    "definition": "definition",
    "target": "value",
    "result": "value",
    "weight": "number",
    "score": "number",
    "reason": "reason",
    "level1": "level",
    "level2": "level",
}
_LONGEST: dict[Content, int] = {
    "title": 10,
    "text": 90,
    "name": 6,
    "definition": 8,
    "value": 8,
    "number": 1,
    "level": 4,
    "reason": 16,
}
_BOUND_LEAN = 0.4
_DANGLING = "的和与及或已未将为在对从按由以所"
_TOO_WIDE = 2.0
_NARROW = 6.0
_CUT_FIGURE = re.compile(r"\d\.$")
_WORST = 9.0
_IMPOSSIBLE = -4.0
_SENTENCE_END = '。；！;!）)”"'
_BAD_START = "×÷，。；、,;:：）)”!！?？%"
_MARKER = re.compile(r"\d{1,2}[.、](?!\d)|[一二三四五六七八九十]是|\([一二三四五六七八九十\d]+\)")
_FIGURE = re.compile(rf"\(?[-+]?{NUMBER}\)?%?")
_QUANTITY = re.compile(
    r"(?:已?完成|实际完成|达到?|约|增长|下降|提升|降低|全年)*"
    r"(?:>=|<=|[≥≤><=]|不少于|不低于|不超过|超过?|大于|小于|多于|高于|低于|至少)?\s*-?"
    rf"{NUMBER}(?:[-~]{NUMBER})?(?:多|余)?(?:{unit_pattern()})?(?:/[^\d]{{1,3}})?"
    r"(?:以上|以内|以下|左右|及以上)?(?:[,，(（]?已?完成[)）]?)?[。;]?"
)
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
    rf"|(?:{_DEGREES}).{{1,12}}|.{{2,8}}(?:{_QUALITIES}))[。;]?"
)
_NAME_END = re.compile(
    r"(?:数量?|率|度|次数|情况|比例|人数|个数|面积|金额|水平|程度|效果|时间|质量|成本|时效|期数|完成|指标"
    r"|规模|人次|长度|投诉|事故|额|影响)$"
)
_PUNCTUATION = re.compile(r"[，。；,;、]")
_CLAUSE = re.compile(r"[，；,;]")
_TASK_NUMBER = re.compile(r"任务[\d一二三四五六七八九十]+")
_VALUE_HINT = re.compile(r"\d|完成|达|≥|≤|未")
_LEVEL_POINTS = re.compile(r"\(?\d*分?\)?$")
_REASON_HINT = re.compile(r"[，。；,;]|原因|由于|因|措施|加强|下一步|偏")


class Scorer:
    """Scores runs of one stream; `widths` are the columns' widths in ems, where they are known."""

    def __init__(self, stream: Sequence[Piece], widths: dict[str, float]) -> None:
        self.stream = stream
        self.widths = widths
        self.ended = [piece.text[-1] in "。；！;" for piece in stream]
        self.marked = [bool(_MARKER.match(piece.text)) for piece in stream]
        self.named = [bool(_NAME_END.search(piece.text)) for piece in stream]
        self._cells: dict[tuple[int, str], list[tuple[int, float]]] = {}

    def cells(self, i: int, role: str) -> list[tuple[int, float]]:
        """(length, score) of every cell of the column that may start at piece i."""
        key = (i, role)
        if key not in self._cells:
            content = CONTENT[role]
            found = self._runs(i, content, self.widths.get(role))
            bound = self.stream[i].text[0] in "≥≤><"
            lean = (
                (_BOUND_LEAN if role == "target" else -_BOUND_LEAN) if bound and content == "value" else 0.0
            )
            self._cells[key] = [(length, score + lean) for length, score in found] if lean else found
        return self._cells[key]

    def funds(self, i: int) -> float | None:
        """The score of piece i as a funds figure, None where it is no figure."""
        piece = self.stream[i]
        if AMOUNT_WORDS.fullmatch(piece.text):
            return 2.5
        if not _FIGURE.fullmatch(piece.text) or piece.text.endswith("%"):
            return None
        after = self.stream[i + 1] if i + 1 < len(self.stream) else None
        if after is not None and after.gap == "none" and "." not in piece.text and _unit_head(after.text):
            return -1.0
        return 3.0 if "." in piece.text else 2.0

    def _runs(self, i: int, content: Content, full: float | None) -> list[tuple[int, float]]:
        first = self.stream[i]
        if first.text[0] in _BAD_START and first.gap != "page":
            return []
        judge = _CONTENT_SCORES[content]
        out: list[tuple[int, float]] = []
        text = ""
        price = widest = 0.0
        for j in range(i, min(len(self.stream), i + _LONGEST[content])):
            piece = self.stream[j]
            if j > i:
                price += self._continuing(i, j, content, full or max(widest, min(piece.width, widest + 2)))
            if full and piece.width > full * 1.1 + 0.6:
                price += _TOO_WIDE
            if price > _WORST + 0.4 * (j - i):
                break
            text += piece.text
            widest = max(widest, piece.width)
            ending = self._ending(j, content, full or widest, known=full is not None)
            if ending > _IMPOSSIBLE:
                open_pair = 0.0 if content == "text" else _unpaired(text)
                out.append((j - i + 1, judge(text, j - i + 1) - price + ending - open_pair))
        return out

    def _continuing(self, start: int, j: int, content: Content, widest: float) -> float:
        """The price of not breaking before piece j."""
        before, piece = self.stream[j - 1], self.stream[j]
        prose = content in ("text", "reason")
        if piece.gap == "none":
            return 0.4 if prose else 0.8
        if piece.gap == "page":
            return 2.0
        if piece.gap == "space":
            mixed = (before.text[-1] < "\u2e80") != (piece.text[0] < "\u2e80")
            return (0.3 if mixed else 1.2) if prose else (1.2 if mixed else 2.0)
        price = self._wrapping(j, content, widest)
        if content == "value" and j - start == 1 and self.named[j - 1]:
            price += 1.0
        return price + (0.5 if piece.gap == "blank" else 0.0)

    def _wrapping(self, j: int, content: Content, widest: float) -> float:
        """The price of a line end inside a cell: none where the line was full or a paragraph ended."""
        before, piece, ended = self.stream[j - 1], self.stream[j], self.ended[j - 1]
        full = before.width >= (widest * 0.85 if widest > 8 else widest - 1.2)
        if content != "text":
            return (0.0 if full else 2.0) + (2.0 if ended and content != "reason" else 0.0)
        price = 0.0 if full else 0.4 if ended else 2.0
        if not ended and before.width >= _NARROW and piece.width > before.width * 1.08 + 1.0:
            price += 1.5
        if ended and not self.marked[j]:
            price += 0.6
        return price

    def _ending(self, j: int, content: Content, widest: float, known: bool) -> float:
        """How well a cell may end with piece j; `known` where the column's width is."""
        piece = self.stream[j]
        last = piece.text[-1]
        after = self.stream[j + 1] if j + 1 < len(self.stream) else None
        if after is not None and after.gap == "page":
            return 0.0
        if last in "，、,(（“=+" or (content == "value" and _CUT_FIGURE.search(piece.text)):
            return _IMPOSSIBLE
        if last in _DANGLING and content != "text":
            return -2.0
        score = (1.5 if last in "。；！;." else -1.0) if content == "text" else 0.0
        if after is None:
            return score
        if last not in _SENTENCE_END and piece.width >= widest - 0.6:
            score -= (1.0 if content == "text" and piece.gap != "space" else 0.0) + (
                0.9 if known and after.gap == "line" else 0.0
            )
        if after.gap == "space" and content in ("text", "title"):
            score -= 1.5
        return score + (0.5 if after.gap == "none" else 0.0)


def _unpaired(text: str) -> float:
    """The price of a bracket or a quotation mark that opens or closes nothing."""
    return 2.0 * (text.count("(") != text.count(")")) + 1.0 * (text.count('"') % 2)


def _unit_head(text: str) -> bool:
    return bool(re.match(unit_pattern(), text))


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
    numbered = _TASK_NUMBER.match(text)
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
    if _QUANTITY.fullmatch(text) or _FIGURE.fullmatch(text):
        return -6.0
    size = _size(text)
    score = 0.6 if 2 <= size <= 24 else 0.0 if size <= 40 else -5.0
    if "。" in text:
        score -= 3.0
    if _CLAUSE.search(text):
        score -= 1.5
    if text[0] in "≥≤><-0123456789":
        score -= 1.5
    if _NAME_END.search(text):
        score += 0.7
    if text in _level_words():
        score -= 2.5
    return score


def _definition_score(text: str, count: int) -> float:
    if _QUANTITY.fullmatch(text) or _FIGURE.fullmatch(text):
        return -5.0
    size = _size(text)
    score = 0.5 if 3 <= size <= 40 else -0.5 if 3 <= size <= 90 else -3.0
    if _NAME_END.search(text) or "×100%" in text or text.startswith("是否"):
        score += 0.4
    return score


def _value_score(text: str, count: int) -> float:
    if _FIGURE.fullmatch(text) and "%" not in text:
        return 1.5
    if _QUANTITY.fullmatch(text):
        return 3.0
    if _WORDS.fullmatch(text):
        return 1.4
    if _TASK_NUMBER.fullmatch(text):
        return -6.0
    size = len(text)
    score = -2.6
    if text[0] in "≥≤><0123456789":
        score += 3.2
    elif _VALUE_HINT.search(text):
        score += 2.2
    if _NAME_END.search(text):
        score -= 1.5
    if "÷" in text or "×" in text:
        score -= 3.0
    return score - (0.0 if size <= 24 else 0.4 if size <= 80 else 1.5)


def _number_score(text: str, count: int) -> float:
    return 3.0 if _FIGURE.fullmatch(text) and not text.endswith("%") else -12.0


def _level_score(text: str, count: int) -> float:
    bare = _LEVEL_POINTS.sub("", text)
    return 5.0 if bare in _level_words() else -12.0


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


_CONTENT_SCORES: dict[Content, Callable[[str, int], float]] = {
    "text": _text_score,
    "title": _title_score,
    "name": _name_score,
    "definition": _definition_score,
    "value": _value_score,
    "number": _number_score,
    "level": _level_score,
    "reason": _reason_score,
}
