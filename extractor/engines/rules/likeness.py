"""How much a run of pieces looks like a cell of some column.

Scores are sums of small prices and gains set by hand: what a name, a prose text, a value, a figure or a class
word looks like, and what a line break says about the width of its column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.engines.rules.contents import CONTENT_SCORES, FIGURE, NAME_END, TASK_NUMBER, Content
from extractor.engines.rules.pieces import Piece
from extractor.engines.rules.vocabulary import unit_pattern
from extractor.quantities import AMOUNT_WORDS

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
    "level1": "upper",
    "level2": "lower",
}
_LONGEST: dict[Content, int] = {
    "title": 10,
    "text": 90,
    "name": 6,
    "definition": 8,
    "value": 8,
    "number": 1,
    "upper": 4,
    "lower": 5,
    "reason": 16,
}
_BOUND_LEAN = 0.4
_UNNUMBERED = 4.0
_DANGLING = "的和与及或已未将为在对从按由以所"
_TOO_WIDE = 2.0
_NARROW = 6.0
_CUT_FIGURE = re.compile(r"\d\.$")
_WORST = 9.0
_IMPOSSIBLE = -4.0
_SENTENCE_END = '。；！;!）)”"'
_BAD_START = "×÷，。；、,;:：）)”!！?？%"
_MARKER = re.compile(r"\d{1,2}[.、](?!\d)|[一二三四五六七八九十]是|\([一二三四五六七八九十\d]+\)")


class Scorer:
    """Scores runs of one stream; `widths` are the columns' widths in ems, where they are known.

    `defined` says that a definition column follows the names.
    """

    def __init__(self, stream: Sequence[Piece], widths: dict[str, float], defined: bool = False) -> None:
        self.stream = stream
        self.widths = widths
        self.defined = defined
        self.ended = [piece.text[-1] in "。；！;" for piece in stream]
        self.marked = [bool(_MARKER.match(piece.text)) for piece in stream]
        numbered = sum(bool(TASK_NUMBER.match(piece.text)) for piece in stream)
        self.numbered = numbered >= 2 or any(TASK_NUMBER.match(piece.text) for piece in stream[:1])
        self.named = [bool(NAME_END.search(piece.text)) for piece in stream]
        self.unit_heads = [_unit_head(piece.text) for piece in stream]
        self._cells: dict[tuple[int, str], list[tuple[int, float]]] = {}
        self._alike: dict[tuple[int, Content, float | None], list[tuple[int, float]]] = {}

    def cells(self, i: int, role: str) -> list[tuple[int, float]]:
        """(length, score) of every cell of the column that may start at piece i."""
        key = (i, role)
        if key not in self._cells:
            content = CONTENT[role]
            alike = (i, content, self.widths.get(role))
            if alike not in self._alike:
                self._alike[alike] = self._runs(*alike)
            found = self._alike[alike]
            bound = self.stream[i].text[0] in "≥≤><"
            lean = (
                (_BOUND_LEAN if role == "target" else -_BOUND_LEAN) if bound and content == "value" else 0.0
            )
            if content == "title" and self.numbered and not self._opens_numbered(i):
                lean = -_UNNUMBERED
            self._cells[key] = [(length, score + lean) for length, score in found] if lean else found
        return self._cells[key]

    def _opens_numbered(self, i: int) -> bool:
        """Whether 任务3 stands at piece i, its figure perhaps on the next line."""
        return bool(TASK_NUMBER.match("".join(piece.text for piece in self.stream[i : i + 2])))

    def funds(self, i: int) -> float | None:
        """The score of piece i as a funds figure, None where it is no figure."""
        piece = self.stream[i]
        if AMOUNT_WORDS.fullmatch(piece.text):
            return 2.5
        if not FIGURE.fullmatch(piece.text) or piece.text.endswith("%"):
            return None
        after = self.stream[i + 1] if i + 1 < len(self.stream) else None
        if after is not None and after.gap == "none" and "." not in piece.text and self.unit_heads[i + 1]:
            return -1.0
        if "." in piece.text:
            return 3.0
        if len(piece.text) >= 5 and "," not in piece.text:
            return 0.5
        return 1.0 if after is not None and after.gap == "none" else 2.0

    def _runs(self, i: int, content: Content, full: float | None) -> list[tuple[int, float]]:
        first = self.stream[i]
        if first.text[0] in _BAD_START and first.gap != "page":
            return []
        judge = CONTENT_SCORES[content]
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
        if piece.gap == "thin":
            return 0.1 if prose else 0.3
        if piece.gap == "page":
            return 2.0
        if piece.gap == "space":
            mixed = (before.text[-1] < "\u2e80") != (piece.text[0] < "\u2e80")
            return (0.3 if mixed else 1.2) if prose else (1.2 if mixed else 2.0)
        price = self._wrapping(j, content, widest)
        if content in ("value", "name") and j - start == 1 and self.named[j - 1]:
            price += 1.0 if content == "value" else 0.7 * self.defined
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
            score -= (1.0 if content == "text" and piece.gap not in ("space", "thin") else 0.0) + (
                0.9 if known and after.gap == "line" else 0.0
            )
        if after.gap in ("space", "thin") and content in ("text", "title"):
            score -= 1.5
        counted = after.gap in ("line", "blank") or (content == "number" and after.gap == "none")
        if last.isdigit() and counted and self.unit_heads[j + 1]:
            score -= 1.5
        return score + (0.5 if after.gap == "none" else 0.0)


def _unpaired(text: str) -> float:
    """The price of a bracket or a quotation mark that opens or closes nothing."""
    return 2.0 * (text.count("(") != text.count(")")) + 1.0 * (text.count('"') % 2)


def _unit_head(text: str) -> bool:
    return bool(re.match(unit_pattern(), text))
