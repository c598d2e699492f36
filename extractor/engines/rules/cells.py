"""Cells of a table that a PDF-to-text pass laid out as one stream of pieces.

The columns are known from the table's header; which piece belongs to which cell is not. A cell is a run of
pieces, a row a run of cells. `assign` finds the run of rows in which every cell looks most like what its
column holds (a name, a prose text, a value, a figure, a class word) and no line is broken where its column
is not full: a best path over (position, column), every cell scored whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from extractor.engines.rules.likeness import Scorer
from extractor.engines.rules.pieces import Piece

TASK_LEVEL = ("task", "expected", "achieved")
FLOATING = "funds"
_BLANK_PRICE: dict[str, float] = {
    "task": 6,
    "expected": 4.5,
    "achieved": 4.5,
    "indicator": 8,
    "definition": 1.8,
    "target": 2.2,
    "result": 2.4,
    "weight": 3,
    "score": 3,
    "reason": 0,
    "level1": 0,
    "level2": 0.2,
}
_PART_OF_TASK = 2.5
_NEW_TASK = 0.5
_NO_FUNDS = 1.0
_BEAM = 24.0
_ENTRY_BEAM = 8.0
LEAST_FIT = 0.5

State = tuple[int, bool]  # the column of the last cell, and whether the task has its funds figure


@dataclass(frozen=True)
class Cell:
    """One cell: its column's role and its pieces."""

    role: str
    pieces: tuple[Piece, ...]

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """Where its pieces stand in the view."""
        return [(piece.start, piece.end) for piece in self.pieces]


class _Node(NamedTuple):
    """The best way to a state: its score, and the position and state before its last cell."""

    score: float
    back: tuple[int, State] | None
    role: str


@dataclass(frozen=True)
class Assignment:
    """The cells of a table in reading order, and how well they fit: the score for each piece.

    Tables whose text follows their cells come out between 0.8 and 2.4; below `LEAST_FIT` the lines of
    neighbouring columns are mixed, and what stands in a cell is chance.
    """

    cells: list[Cell]
    fit: float

    @property
    def mixed(self) -> bool:
        """Whether the order of the text is not that of the cells."""
        return self.fit < LEAST_FIT


def assign(stream: Sequence[Piece], columns: Sequence[str]) -> Assignment:
    """The best cells of a table.

    A second pass knows how wide each column is, from the cells that the first one found.
    """
    table = _Table(tuple(columns))
    found = _Paths(stream, table, {}).best()
    widths = _column_widths(found.cells)
    return _Paths(stream, table, widths).best() if widths else found


def _column_widths(cells: Sequence[Cell]) -> dict[str, float]:
    """Column → width in ems: the median of the widest full lines of its wrapped cells."""
    wide: dict[str, list[float]] = {}
    for cell in cells:
        if len(cell.pieces) > 1 and cell.role != FLOATING:
            wide.setdefault(cell.role, []).append(max(piece.width for piece in cell.pieces[:-1]))
    return {role: sorted(found)[len(found) // 2] for role, found in wide.items()}


@dataclass(frozen=True)
class _Table:
    """The columns of a table and how they follow each other."""

    columns: tuple[str, ...]

    @property
    def has_funds(self) -> bool:
        """Whether a funds figure floats among the rows of a task."""
        return FLOATING in self.columns

    @cached_property
    def flow(self) -> tuple[str, ...]:
        """The columns in reading order, without the floating one."""
        return tuple(role for role in self.columns if role != FLOATING)

    @cached_property
    def successors(self) -> dict[int, list[tuple[int, float]]]:
        """Column → the columns that may follow, each with its price; −1 stands before the first cell."""
        return {column: self._following(column) for column in range(-1, len(self.flow))}

    def _following(self, column: int) -> list[tuple[int, float]]:
        out: list[tuple[int, float]] = []
        price = 0.0
        for later in range(column + 1, len(self.flow)):
            out.append((later, price))
            price += _BLANK_PRICE[self.flow[later]]
        return out + self._next_row(price) if column >= 0 else out

    def _next_row(self, price: float) -> list[tuple[int, float]]:
        """Starts of a new row: a row of the same task leaves all of the task's cells blank, rarely some."""
        own = [role for role in self.flow if role in TASK_LEVEL]
        out: list[tuple[int, float]] = []
        skipped = 0.0
        for column, role in enumerate(self.flow):
            out.append((column, price + skipped + (_NEW_TASK if role == "task" else 0.0)))
            if role in TASK_LEVEL:
                skipped = _PART_OF_TASK if role != own[-1] else 0.0
            else:
                skipped += _BLANK_PRICE[role]
            if role == "indicator":
                break
        return out


class _Paths:
    """The best assignment of every prefix of the stream, for each column it may end in."""

    def __init__(self, stream: Sequence[Piece], table: _Table, widths: dict[str, float]) -> None:
        self.stream = stream
        self.table = table
        self.scorer = Scorer(stream, widths, defined="definition" in table.columns)
        self.nodes: list[dict[State, _Node]] = [{} for _ in range(len(stream) + 1)]
        self.nodes[0][(-1, False)] = _Node(0.0, None, "")

    def best(self) -> Assignment:
        """The best path over the whole stream, or over as much as any path covers."""
        for i in range(len(self.stream)):
            if self.nodes[i]:
                self._extend(i)
        end = max(i for i, nodes in enumerate(self.nodes) if nodes)
        top = max(node.score for node in self.nodes[end].values())
        apart = sum(piece.gap not in ("none", "thin") for piece in self.stream)
        return Assignment(self._trace(end), top / max(1, apart))

    def _extend(self, i: int) -> None:
        top = max(node.score for node in self.nodes[i].values())
        alive = [(state, node) for state, node in self.nodes[i].items() if node.score >= top - _BEAM]
        entries = self._entries(i, alive)
        hopeless = max(base for base, _ in entries.values()) - _ENTRY_BEAM
        for (column, still), (base, state) in entries.items():
            if base < hopeless:
                continue
            role = self.table.flow[column]
            for length, gain in self.scorer.cells(i, role):
                self._relax(i + length, (column, still), base + gain, (i, state), role)
        if self.table.has_funds:
            self._float(i, alive)

    def _entries(self, i: int, alive: Sequence[tuple[State, _Node]]) -> dict[State, tuple[float, State]]:
        """For each column that may begin at piece i, the best score before it and the state it comes from."""
        page = self.stream[i].gap == "page"
        flow = self.table.flow
        out: dict[State, tuple[float, State]] = {}
        for state, node in alive:
            column, funded = state
            for later, price in self.table.successors[column]:
                role = flow[later]
                continued = page and role in TASK_LEVEL and role != "task"
                base = node.score - (max(price - _PART_OF_TASK, 0.3) if continued else price)
                if role == "task" and later <= column and self.table.has_funds and not funded:
                    base -= _NO_FUNDS
                fresh = role in ("task", "expected") and later <= column
                key = (later, funded and not fresh)
                if key not in out or base > out[key][0]:
                    out[key] = (base, state)
        return out

    def _float(self, i: int, alive: Sequence[tuple[State, _Node]]) -> None:
        gain = self.scorer.funds(i)
        if gain is None:
            return
        for (column, funded), node in alive:
            if column >= 0 and not funded:
                self._relax(i + 1, (column, True), node.score + gain, (i, (column, funded)), FLOATING)

    def _relax(self, end: int, state: State, score: float, back: tuple[int, State], role: str) -> None:
        old = self.nodes[end].get(state)
        if old is None or score > old.score:
            self.nodes[end][state] = _Node(score, back, role)

    def _trace(self, end: int) -> list[Cell]:
        state = max(self.nodes[end], key=lambda key: self.nodes[end][key].score)
        cells: list[Cell] = []
        while (node := self.nodes[end][state]).back is not None:
            start, state = node.back
            cells.append(Cell(node.role, tuple(self.stream[start:end])))
            end = start
        return cells[::-1]
