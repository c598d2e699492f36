"""Cells of a table that a PDF-to-text pass laid out as one stream of pieces.

The columns are known from the table's header; which piece belongs to which cell is not. A cell is a run of
pieces, a row a run of cells. `assign` finds the run of rows in which every cell looks most like what its
column holds (a name, a prose text, a value, a figure, a class word) and no line is broken where its column
is not full: a shortest path over (position, column), every cell scored whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from extractor.engines.rules.pieces import Piece
from extractor.engines.rules.vocabulary import unit_pattern, vocabulary
from extractor.quantities import NUMBER

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
    "funds": "number",
    "reason": "reason",
    "level1": "level",
    "level2": "level",
}
TASK_LEVEL = ("task", "expected", "achieved")
_LONGEST: dict[Content, int] = {
    "title": 10, "text": 90, "name": 6, "definition": 8, "value": 8, "number": 1, "level": 4, "reason": 16,
}  # fmt: skip
_SKIP: dict[str, float] = {
    "task": 6, "expected": 4.5, "achieved": 4.5, "indicator": 8, "definition": 3, "target": 2.2, "result": 2.4,
    "weight": 3, "score": 3, "reason": 0, "level1": 0, "level2": 0.2, "funds": 0,
}  # fmt: skip
_BEAM = 24.0
_SENTENCE_END = "。；！;!）)”\""
_BAD_START = "×÷，。；、,;:：）)”!！?？%"
_MARKER = re.compile(r"\d{1,2}[.、](?!\d)|[一二三四五六七八九十]是|\([一二三四五六七八九十\d]+\)")
_FIGURE = re.compile(rf"\(?[-+]?{NUMBER}\)?%?")
_QUANTITY = re.compile(
    rf"(?:已?完成|实际完成|达到?|约|增长|下降|提升|降低|全年)*(?:>=|<=|[≥≤><=]|不少于|不低于|不超过|超过?|大于|小于|多于|高于|低于|至少)?\s*-?"
    rf"{NUMBER}(?:[-~]{NUMBER})?(?:多|余)?(?:{unit_pattern()})?(?:/[^\d]{{1,3}})?(?:以上|以内|以下|左右|及以上)?(?:[,，(（]?已?完成[)）]?)?[。;]?"
)
_WORDS = re.compile(
    r"(?:是|否|有|无|已?完成|未完成|达标|合格|优秀?|良好?|满意|较满意|比较满意|(?:有|较|明显|显著|持续|不断|进一步|有效|稳步|逐步|得到|基本|"
    r"大幅|全面|及时|按时|长期|良好|较为|非常|稳定|已|全部|按).{1,12}|.{2,8}(?:提升|提高|改善|增强|增长|完成|保障|满意|及时|良好|到位|持平|完善|加强|稳定|下降|减少|无|规范|合规))[。;]?"
)
_NAME_END = re.compile(r"(?:数量?|率|度|次数|情况|比例|人数|个数|面积|金额|水平|程度|效果|时间|质量|成本|时效|期数|完成|指标|规模|人次|长度|投诉|事故|额|影响)$")


_PUNCTUATION = re.compile(r"[，。；,;、]")
_CLAUSE = re.compile(r"[，；,;]")
_TASK_NUMBER = re.compile(r"任务[\d一二三四五六七八九十]+")
_VALUE_HINT = re.compile(r"\d|完成|达|≥|≤|未")
_LEVEL_POINTS = re.compile(r"\(?\d*分?\)?$")
_REASON_HINT = re.compile(r"[，。；,;]|原因|由于|因|措施|加强|下一步|偏")


@dataclass(frozen=True)
class Cell:
    """One cell: its column's role and its pieces."""

    role: str
    pieces: tuple[Piece, ...]

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """Where its pieces stand in the view."""
        return [(piece.start, piece.end) for piece in self.pieces]

    @property
    def text(self) -> str:
        """The folded pieces joined."""
        return "".join(piece.text for piece in self.pieces)


@dataclass
class Table:
    """The columns of a table and how they follow each other."""

    columns: tuple[str, ...]
    once: bool = False
    _grid: dict[int, list[tuple[int, float]]] = field(default_factory=dict)

    @property
    def has_funds(self) -> bool:
        """Whether a funds figure floats among the rows of a task."""
        return "funds" in self.columns

    @property
    def flow(self) -> tuple[str, ...]:
        """The columns in reading order, without the floating one."""
        return tuple(role for role in self.columns if role != "funds")

    def successors(self, column: int) -> list[tuple[int, float]]:
        """Columns that may follow, each with its price; `column` is −1 before the first cell."""
        if column not in self._grid:
            self._grid[column] = self._following(column)
        return self._grid[column]

    def _following(self, column: int) -> list[tuple[int, float]]:
        flow = self.flow
        out: list[tuple[int, float]] = []
        price = 0.0
        for later in range(column + 1, len(flow)):
            out.append((later, price))
            price += _SKIP[flow[later]]
        if column >= 0 and not self.once:
            out += self._next_row(price)
        return out

    def _next_row(self, price: float) -> list[tuple[int, float]]:
        """Starts of a new row: of the same task, or of a new one."""
        out: list[tuple[int, float]] = []
        skipped = 0.0
        for column, role in enumerate(self.flow):
            out.append((column, price + skipped + (0.5 if role == "task" else 0.0)))
            if role in TASK_LEVEL:
                # a row of the same task leaves all of the task's cells blank; leaving some is rare
                skipped = 2.5 if role != self._last_task_column() else 0.0
            else:
                skipped += _SKIP[role]
            if role == "indicator":
                break
        return out

    def _last_task_column(self) -> str:
        return [role for role in self.flow if role in TASK_LEVEL][-1]


@dataclass
class _Node:
    score: float
    back: tuple[int, tuple[int, bool]] | None
    role: str


def assign(stream: Sequence[Piece], columns: Sequence[str], once: bool = False) -> list[Cell]:
    """The cells of a table in reading order; `once` for a table of one row.

    A second pass knows how wide each column is, from the cells that the first one found.
    """
    table = Table(tuple(columns), once)
    cells = _path(stream, table, {})
    widths = _column_widths(cells)
    return _path(stream, table, widths) if widths and not once else cells


def split_texts(stream: Sequence[Piece]) -> list[list[Piece]]:
    """Two prose cells that follow each other: cut where both read as columns of even width."""
    lines = _lines(stream)
    prices = {k: _column_price(lines[:k]) + _column_price(lines[k:]) + _cut_price(lines, k) for k in range(1, len(lines))}
    if not prices:
        return [list(stream)]
    cut = min(prices, key=lambda k: (prices[k], k))
    return [[piece for line in part for piece in line] for part in (lines[:cut], lines[cut:])]


def _lines(stream: Sequence[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = []
    for piece in stream:
        if piece.gap in ("none", "space") and lines:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _column_price(lines: Sequence[Sequence[Piece]]) -> float:
    """How uneven the lines are for one column: only a paragraph's last line may be short."""
    widths = [sum(piece.width for piece in line) for line in lines]
    full = max(widths)
    price = 0.0
    for line, wide in zip(lines[:-1], widths[:-1], strict=True):
        if wide < full - 2.2:
            price += 0.6 if line[-1].text[-1] in "。；！;:" else 1.6
    return price


def _cut_price(lines: Sequence[Sequence[Piece]], k: int) -> float:
    last = lines[k - 1][-1].text[-1]
    price = 0.0 if last in "。！" else 1.0 if last in "；;" else 6.0 if last in "，、,:" else 3.0
    if lines[k][0].text[0] in _BAD_START:
        price += 8.0
    return price - (0.8 if lines[k][0].gap == "blank" else 0.0)


def _column_widths(cells: Sequence[Cell]) -> dict[str, float]:
    """Column → width in ems: the median of the widest full lines of its wrapped cells."""
    wide: dict[str, list[float]] = {}
    for cell in cells:
        if len(cell.pieces) > 1 and cell.role != "funds":
            wide.setdefault(cell.role, []).append(max(piece.width for piece in cell.pieces[:-1]))
    return {role: sorted(found)[len(found) // 2] for role, found in wide.items() if found}


def _path(stream: Sequence[Piece], table: Table, widths: dict[str, float]) -> list[Cell]:
    n = len(stream)
    if n == 0:
        return []
    scorer = _Scorer(stream, widths)
    best: list[dict[tuple[int, bool], _Node]] = [{} for _ in range(n + 1)]
    best[0][(-1, False)] = _Node(0.0, None, "")
    flow = table.flow
    for i in range(n):
        if not best[i]:
            continue
        top = max(node.score for node in best[i].values())
        for state, node in best[i].items():
            if node.score < top - _BEAM:
                continue
            _extend(i, state, node, scorer, table, flow, best)
    return _trace(stream, best)


def _extend(
    i: int,
    state: tuple[int, bool],
    node: _Node,
    scorer: _Scorer,
    table: Table,
    flow: tuple[str, ...],
    best: list[dict[tuple[int, bool], _Node]],
) -> None:
    column, funded = state
    for later, price in table.successors(column):
        role = flow[later]
        if scorer.stream[i].gap == "page" and role in TASK_LEVEL:
            price = max(price - 2.5, 0.3)
        new_task = role == "task" and later <= column
        base = node.score - price - (1.0 if new_task and table.has_funds and not funded else 0.0)
        still = funded and not new_task
        for length, gain in scorer.cells(i, role):
            _relax(best[i + length], (later, still), _Node(base + gain, (i, state), role))
    if table.has_funds and not funded and column >= 0:
        gain = scorer.funds(i)
        if gain is not None:
            _relax(best[i + 1], (column, True), _Node(node.score + gain, (i, state), "funds"))


def _relax(states: dict[tuple[int, bool], _Node], key: tuple[int, bool], node: _Node) -> None:
    old = states.get(key)
    if old is None or node.score > old.score:
        states[key] = node


def _trace(stream: Sequence[Piece], best: list[dict[tuple[int, bool], _Node]]) -> list[Cell]:
    end = len(stream)
    while end and not best[end]:
        end -= 1
    if not end:
        return []
    state = max(best[end], key=lambda key: best[end][key].score)
    cells: list[Cell] = []
    while end:
        node = best[end][state]
        assert node.back is not None
        start, state = node.back
        cells.append(Cell(node.role, tuple(stream[start:end])))
        end = start
    return cells[::-1]


class _Scorer:
    """How much a run of pieces looks like a cell of some column."""

    def __init__(self, stream: Sequence[Piece], widths: dict[str, float]) -> None:
        self.stream = stream
        self.widths = widths
        self._cells: dict[tuple[int, str], list[tuple[int, float]]] = {}

    def cells(self, i: int, role: str) -> list[tuple[int, float]]:
        """(length, score) of every cell of the column that may start at piece i."""
        key = (i, role)
        if key not in self._cells:
            content = CONTENT[role]
            self._cells[key] = list(self._runs(i, content, self.widths.get(role)))
        return self._cells[key]

    def funds(self, i: int) -> float | None:
        """The score of piece i as a funds figure, None where it is no figure."""
        piece = self.stream[i]
        if not _FIGURE.fullmatch(piece.text) or piece.text.endswith("%"):
            return None
        after = self.stream[i + 1] if i + 1 < len(self.stream) else None
        if after is not None and after.gap == "none" and "." not in piece.text and _unit_head(after.text):
            return -1.0
        return 3.0 if "." in piece.text else 2.0

    def _runs(self, i: int, content: Content, full: float | None) -> list[tuple[int, float]]:
        if self.stream[i].text[0] in _BAD_START and self.stream[i].gap != "page":
            return []
        out: list[tuple[int, float]] = []
        text = ""
        inside = 0.0
        widest = 0.0
        for j in range(i, min(len(self.stream), i + _LONGEST[content])):
            piece = self.stream[j]
            if j > i:
                inside += self._continuing(i, j, content, full or max(widest, min(piece.width, widest + 2)))
            if full and piece.width > full * 1.1 + 0.6:
                inside += 2.0
            if inside > 9 + 0.4 * (j - i):
                break
            text += piece.text
            widest = max(widest, piece.width)
            score = _CONTENT_SCORES[content](text, j - i + 1)
            out.append((j - i + 1, score - inside + self._ending(j, content, full or widest, full is not None)))
        return out

    def _continuing(self, start: int, j: int, content: Content, widest: float) -> float:
        """The price of not breaking before piece j."""
        before, piece = self.stream[j - 1], self.stream[j]
        if piece.gap == "none":
            return 0.4 if content in ("text", "reason") else 0.8
        if piece.gap == "page":
            return 2.0
        if piece.gap == "space":
            mixed = (before.text[-1] < "\u2e80") != (piece.text[0] < "\u2e80")
            return (0.3 if mixed else 1.2) if content in ("text", "reason") else (1.2 if mixed else 2.0)
        ended = before.text[-1] in "。；！;"
        full = before.width >= min(widest * 0.85, widest - 1.2)
        price = 0.0 if full else 0.4 if ended and content == "text" else 2.0
        if content == "text":
            if not ended and piece.width > before.width * 1.08 + 1.0 and before.width >= 6:
                price += 1.5
            if ended and not _MARKER.match(piece.text):
                price += 0.6
        elif content in ("name", "value", "title", "definition") and ended:
            price += 2.0
        elif content == "value" and j - start == 1 and _NAME_END.search(before.text):
            price += 1.0
        return price + (0.5 if piece.gap == "blank" else 0.0)

    def _ending(self, j: int, content: Content, widest: float, known: bool) -> float:
        """How well a cell may end with piece j."""
        piece = self.stream[j]
        last = piece.text[-1]
        after = self.stream[j + 1] if j + 1 < len(self.stream) else None
        if after is not None and after.gap == "page":
            return 0.0
        if last in "，、,(（“" or (content == "value" and re.search(r"\d\.$", piece.text)):
            return -4.0
        score = 0.0
        if content == "text":
            score = 1.5 if last in "。；！;." else -1.0
            if after is not None and last not in _SENTENCE_END and piece.width >= widest - 0.6 and j and self.stream[j].gap != "space":
                score -= 1.0
        if known and after is not None and last not in _SENTENCE_END and piece.width >= widest - 0.6 and after.gap == "line":
            score -= 0.6
        if after is not None and after.gap == "space" and content in ("text", "title"):
            score -= 1.5
        if after is not None and after.gap == "none":
            score += 0.5
        return score


def _unit_head(text: str) -> bool:
    return bool(re.match(unit_pattern(), text))


def _size(text: str) -> float:
    """Length in ideographs, two Latin letters to one."""
    return sum(1.0 if c > "\u2e7f" else 0.5 for c in text)


def _text_score(text: str, count: int) -> float:
    size = len(text)
    if size < 8:
        return -3.0 if text[-1] not in "。；;" else -1.5
    score = min(size, 60) / 20 + 0.3 * count
    if size < 60 and not _PUNCTUATION.search(text):
        score -= 1.5
    return score


def _title_score(text: str, count: int) -> float:
    if _TASK_NUMBER.fullmatch(text):
        return 4.0
    size = len(text)
    score = 1.0 if 2 <= size <= 24 else 0.0 if size <= 40 else -4.0
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
    score = 0.6 if 2 <= size <= 24 else -0.5 if size <= 40 else -5.0
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
    score = 0.5 if 3 <= size <= 40 else -0.5 if size <= 90 else -4.0
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
    size = len(text)
    score = -1.2
    if text[0] in "≥≤><0123456789":
        score += 1.8
    elif _VALUE_HINT.search(text):
        score += 0.8
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


_CONTENT_SCORES = {
    "text": _text_score,
    "title": _title_score,
    "name": _name_score,
    "definition": _definition_score,
    "value": _value_score,
    "number": _number_score,
    "level": _level_score,
    "reason": _reason_score,
}
