"""Grids (layout B): one line a row, cells between tabs or bars, merged cells blank."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from extractor.amounts import amount
from extractor.drafts import Draft, Found, empty_draft
from extractor.engines.rules.funding import BudgetRow, table_lines
from extractor.engines.rules.gridheads import folded, heading, project_of
from extractor.engines.rules.gridlines import Range, Row, grid_rows
from extractor.engines.rules.header import department_found, money_unit_found, year_found
from extractor.engines.rules.items import inline_passages, measures_of, problems_of, split_passage
from extractor.engines.rules.rows import TableReader, is_blank
from extractor.engines.rules.verdicts import verdict
from extractor.engines.rules.vocabulary import FUNDING, RATES, any_of, vocabulary
from extractor.fundlines import (
    FIELDS,
    SOURCES,
    empty_line,
    is_part,
    plain_source,
    project_form,
    settled,
)
from extractor.quantities import number
from extractor.source import Source

_PASSAGES = {"key_project": "key_project_performance", "overall": "overall_performance"}
_TABLE_ENDS = frozenset(
    {"problems", "measures", "key_project", "overall", "conclusion", "note", "person", "total", "grade"}
)
_GRADE = re.compile(r"优秀|良好|优|良|中|差")


_HEAD_LABEL = re.compile(
    rf"^[^\S\n]*(?:{any_of(vocabulary().labels('department', 'filler'))})(?:\([^()\n]{{1,8}}\))?\s*:", re.M
)


def _line_end(source: Source, label: re.Match[str]) -> int:
    """Where the first word behind a label ends."""
    word = re.compile(r"\s*\S+").match(source.text, label.end())
    return word.end() if word else label.end()


def read_grid(source: Source, start: int, end: int) -> Draft:
    """The draft report of a grid that stands in a range of the view."""
    return _GridReader(source, start, end).read()


class _GridReader:
    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start, self.end = start, end
        self.draft = empty_draft()
        self.draft["money_unit"] = money_unit_found(source, start, end)
        self.draft["fiscal_year"] = year_found(source, start, min(end, start + 300))
        unit = self.draft["money_unit"]
        self.unit: str | None = str(unit.value) if unit else None
        self.columns: dict[int, str] = {}
        self.mode = ""
        self.tables: list[TableReader] = []
        self.total = empty_line("合计", partial=False)
        self.parts: list[Draft] = []
        self.heads: dict[str, Found] = {}
        self.goal_rows: dict[str, list[Range]] = {"expected": [], "achieved": []}

    def read(self) -> Draft:
        for row in folded(grid_rows(self.source, self.start, self.end)):
            if row.filled:
                self._row(row)
        self._finish()
        return self.draft

    def _row(self, row: Row) -> None:
        if self._heading(row):
            return
        first = next((row.kinds[i] for i in row.filled), None)
        if first in _TABLE_ENDS:
            self.mode = ""
        if first == "total":
            self._total_row(row)
        elif self.mode == "table":
            self._table_row(row)
        elif self._line_read(row):
            return
        elif self.mode == "passages" and not self._labelled(row):
            for i, kind in self.columns.items():
                if i < len(row.cells) and row.texts[i]:
                    self._passage(kind, row.cells[i])
        elif self.mode == "goal" and not self._labelled(row):
            self._goal_row(row)
        else:
            self.mode = "" if self.mode == "goal" and self._labelled(row) else self.mode
            self._pairs(row)

    def _line_read(self, row: Row) -> bool:
        """Whether a row is a line of the open budget or table of projects; then it is read."""
        if self.mode == "budget":
            return self._budget_row(row)
        if self.mode != "projects":
            return False
        known, project = project_of(self.source, row, self.columns, self.unit)
        self.draft["projects"] += [project] if project else []
        return known

    def _labelled(self, row: Row) -> bool:
        return any(kind not in (None, "side", "expected", "achieved") for kind in row.kinds)

    def _heading(self, row: Row) -> bool:
        """A row of labels over a table, a budget or the goal; it is remembered, not read."""
        found = heading(row)
        if found is None:
            return False
        mode, columns = found
        if mode == "table" and (self.mode != "table" or columns != self.columns):
            self.tables.append(TableReader(self.source, self.unit))
        self.mode, self.columns = mode, columns
        return True

    def _table_row(self, row: Row) -> None:
        cells: dict[str, Sequence[Range]] = {}
        for i, role in self.columns.items():
            if i < len(row.cells) and row.texts[i] and row.kinds[i] != "side":
                cells[role] = [row.cells[i]]
        if cells:
            self.tables[-1].add(cells)

    def _total_row(self, row: Row) -> None:
        """总分 | 100 | 95.93: the last figure is the score."""
        figures = [i for i in row.filled if number(row.texts[i]) is not None]
        if figures:
            self.draft["self_evaluation"]["score"] = self.source.figure(*row.cells[figures[-1]])

    def _goal_row(self, row: Row) -> None:
        for i, role in self.columns.items():
            if i < len(row.cells) and row.texts[i]:
                self.goal_rows[role].append(row.cells[i])

    def _budget_row(self, row: Row) -> bool:
        first = min(self.columns)
        names = [i for i in row.filled if i < first and row.kinds[i] != "side"]
        figures = [
            i
            for i in self.columns
            if i < len(row.texts) and number(re.sub(r"(?:亿|万)?元$", "", row.texts[i])) is not None
        ]
        if not names or not figures:
            return False
        columns = list(self.columns)
        cells = [[row.cells[i]] if i in figures else None for i in columns]
        budget_row = BudgetRow([row.cells[names[-1]]], cells)
        self.draft["budget"] += table_lines(
            self.source, [budget_row], [self.columns[i] for i in columns], self.unit
        )
        return True

    def _pairs(self, row: Row) -> None:
        label: str | None = None
        name: int | None = None
        for i in row.filled:
            kind = row.kinds[i]
            inline = self._inline(row, i) if kind is None else None
            if kind and kind != "side":
                label, name = kind, i
            elif kind is None and inline is None and label is not None:
                self._pair(label, row, i)
                label = (
                    None
                    if label not in _PASSAGES and label not in ("problems", "measures", "conclusion")
                    else label
                )
            elif kind is None and inline is None:
                name = self._source_cell(row, i, name)

    def _inline(self, row: Row, i: int) -> str | None:
        """部门名称：某某局 in one cell."""
        head, colon, rest = row.texts[i].partition(":")
        kind = vocabulary().kinds.get(head)
        if not colon or kind is None or not rest:
            return None
        a, b = row.cells[i]
        inner = self.source.text.index(":", a, b) + 1 if ":" in self.source.text[a:b] else a
        self._value(kind, (inner, b))
        return kind

    def _source_cell(self, row: Row, i: int, name: int | None) -> int | None:
        """A source's name, then its figure: 其中：一般公共预算 | 1491.52."""
        figure = number(row.texts[i])
        if figure is None:
            return i
        if name is not None and row.kinds[name] is None:
            text = row.texts[name]
            if is_part(text) or any(word in text for word in SOURCES):
                plain = plain_source(text)
                draft = empty_line(self.source.found([row.cells[name]], plain) or plain, partial=True)
                draft["actual"] = amount(self.source, [row.cells[i]], self.unit)
                self.parts.append(draft)
        return None

    def _pair(self, kind: str, row: Row, i: int) -> None:
        self._value(kind, row.cells[i])

    def _value(self, kind: str, cell: Range) -> None:
        source, evaluation = self.source, self.draft["self_evaluation"]
        if kind in FUNDING:
            if self.total[kind] is None:
                self.total[kind] = (
                    source.figure(*cell) if kind in RATES else amount(source, [cell], self.unit)
                )
        elif kind in ("department", "filler", "supervisor", "project_name", "operator"):
            found = department_found(source, *cell)
            if found is not None:
                self.heads.setdefault(kind, found)
        elif kind == "fiscal_year":
            self.draft["fiscal_year"] = year_found(source, *cell) or self.draft["fiscal_year"]
        elif kind in ("expected", "achieved"):
            self.goal_rows[kind].append(cell)
        elif kind in ("total", "score"):
            evaluation["score"] = source.figure(*cell) or evaluation["score"]
        elif kind == "grade":
            match = _GRADE.search(source.text, *cell)
            evaluation["grade"] = source.found([match.span()]) if match else None
        else:
            self._passage(kind, cell)

    def _passage(self, kind: str, cell: Range) -> None:
        source = self.source
        if kind in _PASSAGES:
            self.draft[_PASSAGES[kind]] = source.found([cell])
            for inner, place in inline_passages(source, *cell):
                self._passage(inner, place)
        elif kind == "conclusion":
            self.draft["self_evaluation"]["conclusion"] = source.found([cell])
            verdict(source, [cell], self.draft["self_evaluation"])
        elif kind in ("problems", "measures") and not is_blank(source.text[cell[0] : cell[1]]):
            problems, measures = split_passage(source, [cell], kind)
            self.draft["problems"] += problems_of(source, problems)
            self.draft["measures"] += measures_of(source, measures)

    def _named_above(self) -> None:
        """填报单位：某某局 in a line of text above the table."""
        if not self.heads:
            for label in _HEAD_LABEL.finditer(self.source.text, self.start, self.end):
                end = min(self.end, _line_end(self.source, label))
                found = department_found(self.source, label.end(), end)
                if found is not None:
                    self.heads.setdefault("filler", found)
                    return

    def _finish(self) -> None:
        draft = self.draft
        for table in self.tables:
            draft["tasks"] += table.tasks
            draft["indicators"] += table.indicators
        for key, ranges in self.goal_rows.items():
            draft["goal"][key] = self.source.found(ranges) if ranges else None
        head: Mapping[str, Found] = self.heads
        self._named_above()
        draft["department"] = (
            head.get("supervisor") or head.get("department") or head.get("filler") or head.get("operator")
        )
        if any(self.total[field] is not None for field in FIELDS):
            draft["budget"] = [self.total, *self.parts, *draft["budget"]]
        draft["budget"] = settled(draft["budget"])
        if "project_name" in head:
            draft["projects"].append(project_form(head["project_name"], draft))
