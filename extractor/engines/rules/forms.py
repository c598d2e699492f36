"""Linearised forms (layouts A, D, E): one stream of broken lines back into labels, tables and passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractor.amounts import amount
from extractor.drafts import Draft, Found, Lost, empty_draft
from extractor.engines.rules.cells import FLOATING, Cell, assign
from extractor.engines.rules.funding import rows_of, table_lines
from extractor.engines.rules.header import department_found, money_unit_found, year_found
from extractor.engines.rules.items import inline_passages, measures_of, problems_of, split_passage
from extractor.engines.rules.pieces import Piece, pieces
from extractor.engines.rules.prose import split_texts
from extractor.engines.rules.regions import Region, regions
from extractor.engines.rules.rows import TableReader
from extractor.engines.rules.verdicts import verdict
from extractor.engines.rules.vocabulary import FUNDING, RATES, vocabulary
from extractor.folding import squeezed
from extractor.fundlines import FIELDS, SOURCES, empty_line, is_part, plain_source, project_form, settled
from extractor.quantities import NUMBER
from extractor.source import Source

_FIGURE = re.compile(rf"[\s:]*(\(\s*[-+]?{NUMBER}\s*\)|[-+]?\s*{NUMBER})\s*(?:%|亿元|万元|元)?")
_SOURCE_LINE = re.compile(
    rf"(?P<name>(?:其中\s*:?\s*)?[\u3400-\u9fff()\s]{{2,30}}?)\s*:?\s*(?P<figure>[-+]?{NUMBER})(?!\s*%)"
)
_PART_HEAD = re.compile(r"[\s|*]*其中\s*:?\s*(?P<name>[\u3400-\u9fff()]{2,20})\s*:?\s+")
MIXED = "the lines of neighbouring columns are mixed: the text does not follow the cells"
_TITLE_TEXT = {"key_project": "key_project_performance", "overall": "overall_performance"}
_GRADE = re.compile(r"[优良中差]秀?好?")


def read_form(source: Source, start: int, end: int) -> tuple[Draft, list[Lost]]:
    """The draft report of a linearised form in a range of the view, and the parts that could not be read."""
    reader = _FormReader(source, start, end)
    return reader.read(), reader.lost


def _broken(text: str) -> bool:
    """Whether a text is a decimal with one or two digits alone on a line below it."""
    return re.fullmatch(r"\d+\.\d+\s*\n\s*\d{1,2}", text) is not None


class _FormReader:
    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.text = source.text
        self.start, self.end = start, end
        self.regions = regions(self.text, start, end)
        self.unit = money_unit_found(source, start, end)
        self.draft: Draft = {**empty_draft(), "money_unit": self.unit}
        self.heads: dict[str, Found] = {}
        self.total: Draft = empty_line("合计", partial=False)
        self.parts: list[Draft] = []
        self.lost: list[Lost] = []

    @property
    def _unit(self) -> str | None:
        return str(self.unit.value) if self.unit else None

    def read(self) -> Draft:
        merged = list(self.regions)
        while merged:
            region = merged.pop(0)
            more: list[Region] = []
            while (
                region.kind == "table" and merged and merged[0].kind == "table" and _same(region, merged[0])
            ):
                more.append(merged.pop(0))
            self._region(region, more)
        self._finish()
        return self.draft

    def _region(self, region: Region, more: Sequence[Region]) -> None:
        if region.kind == "table":
            self._table(region, more)
        elif region.kind == "budget":
            self._budget(region)
        elif region.kind == "goal":
            self._goal(region)
        elif region.kind == "passage":
            self._passages(region)
        elif region.kind == "pair":
            self._pair(region)

    def _stream(self, start: int, end: int) -> list[Piece]:
        return pieces(self.source, start, end)

    def _budget(self, region: Region) -> None:
        stream = self._stream(region.start, region.end)
        self.draft["budget"] += table_lines(self.source, rows_of(stream), region.columns, self._unit)

    def _goal(self, region: Region) -> None:
        goal = self.draft["goal"]
        if len(region.columns) == 1:
            if goal[region.columns[0]] is None:
                goal[region.columns[0]] = self.source.found([(region.start, region.end)])
            return
        parts = split_texts(self._stream(region.start, region.end))
        for role, part in zip(region.columns, parts, strict=False):
            goal[role] = goal[role] or self.source.found(ranges_of(part))

    def _table(self, region: Region, more: Sequence[Region]) -> None:
        stream = self._stream(region.start, region.end)
        for part in more:
            later = self._stream(part.start, part.end)
            stream += [replace(later[0], gap="page"), *later[1:]] if later else []
        assigned = assign(stream, region.columns)
        if stream and assigned.mixed:
            self.lost += [self._lost(part) for part in (region, *more)]
            return
        table = TableReader(self.source, self._unit)
        for row, cut in _rows(assigned.cells, region.columns):
            table.add(row, cut)
        self.draft["tasks"] += table.tasks
        self.draft["indicators"] += table.indicators
        self._closing(table)

    def _lost(self, region: Region) -> Lost:
        return Lost(self.source.document.table_view.span(region.start, region.end), MIXED)

    def _closing(self, table: TableReader) -> None:
        evaluation = self.draft["self_evaluation"]
        if table.total is not None and evaluation["score"] is None:
            evaluation["score"] = table.total

    def _passages(self, region: Region) -> None:
        if len(region.columns) == 1:
            self._passage(region.columns[0], [(region.start, region.end)])
            return
        parts = split_texts(self._stream(region.start, region.end))
        for kind, part in zip(region.columns, parts, strict=False):
            self._passage(kind, ranges_of(part))

    def _passage(self, kind: str, ranges: Sequence[tuple[int, int]]) -> None:
        found = self.source.found(list(ranges))
        if found is None:
            return
        if kind in _TITLE_TEXT:
            self.draft[_TITLE_TEXT[kind]] = found
            self._owned_up(ranges)
        elif kind == "conclusion":
            self.draft["self_evaluation"]["conclusion"] = found
            verdict(self.source, ranges, self.draft["self_evaluation"])
        else:
            problems, measures = split_passage(self.source, ranges, kind)
            self.draft["problems"] += problems_of(self.source, problems)
            self.draft["measures"] += measures_of(self.source, measures)

    def _owned_up(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Problems and measures inside a passage of another name."""
        for kind, place in inline_passages(self.source, ranges[0][0], ranges[-1][1]):
            if kind == "problems":
                self.draft["problems"] += problems_of(self.source, [place])
            else:
                self.draft["measures"] += measures_of(self.source, [place])

    def _pair(self, region: Region) -> None:
        kind, start, end = region.columns[0], region.start, region.end
        if kind in FUNDING:
            self._money_pair(kind, self._line_of(region), start, end)
        elif kind in ("weight", "score", "total"):
            self._score_pair(kind, start, end)
        elif kind == "grade":
            self._grade(start, end)
        elif kind in ("department", "filler", "supervisor", "project_name", "operator"):
            self._name(kind, start, end)
        elif kind == "fiscal_year":
            self.draft["fiscal_year"] = self.draft["fiscal_year"] or year_found(
                self.source, start, min(end, start + 20)
            )

    def _name(self, kind: str, start: int, end: int) -> None:
        found = department_found(self.source, start, end)
        if found is not None:
            self.heads.setdefault(kind, found)

    def _line_of(self, region: Region) -> Draft:
        """The total, or the part named at the head of a label's line: 其中：上级补助 年初预算 0.00 …"""
        label = region.labels[-1].start
        match = _PART_HEAD.match(self.text, self.text.rfind("\n", 0, label) + 1, label)
        if match is None or squeezed(match["name"]) in vocabulary().kinds:
            return self.total
        name = plain_source(match["name"])
        found = self.source.found([match.span("name")], name)
        known = next((part for part in self.parts if part["source"] == (found or name)), None)
        if known is None:
            self.parts.append(empty_line(found or name, partial=True))
        return known or self.parts[-1]

    def _money_pair(self, kind: str, line: Draft, start: int, end: int) -> None:
        match = _FIGURE.match(self.text, start, end)
        if match is None:
            return
        place = [(match.start(1), match.end())]
        if line[kind] is None:
            found = (
                self.source.figure(match.start(1), match.end(1))
                if kind in RATES
                else amount(self.source, place, self._unit)
            )
            line[kind] = found
        for other in _SOURCE_LINE.finditer(self.text, match.end(), end):
            self._part(other)

    def _part(self, line: re.Match[str]) -> None:
        name = squeezed(line["name"])
        if not is_part(name) and not any(word in name for word in SOURCES):
            return
        found = self.source.found([line.span("name")], plain_source(name))
        draft = empty_line(found or plain_source(name), partial=True)
        draft["actual"] = amount(self.source, [line.span("figure")], self._unit)
        self.parts.append(draft)

    def _score_pair(self, kind: str, start: int, end: int) -> None:
        figures = list(re.finditer(NUMBER, self.text[start:end]))
        if kind == "total" and figures:
            last = figures[-1] if len(figures) <= 3 else figures[0]
            if len(figures) > 1 and _broken(
                self.text[start + figures[-2].start() : start + figures[-1].end()]
            ):
                return  # 97.2 over 1: the page broke a figure in two, and nobody knows which two
            self.draft["self_evaluation"]["score"] = self.source.figure(
                start + last.start(), start + last.end()
            )
        elif kind == "score" and figures and self.draft["self_evaluation"]["score"] is None:
            first = figures[0]
            self.draft["self_evaluation"]["score"] = self.source.figure(
                start + first.start(), start + first.end()
            )

    def _grade(self, start: int, end: int) -> None:
        match = _GRADE.search(self.text, start, min(end, start + 12))
        if match:
            self.draft["self_evaluation"]["grade"] = self.source.found([match.span()])

    def _finish(self) -> None:
        draft = self.draft
        if self.lost:
            # where one table's columns are mixed, so are those of the goal, which has less to tell it by
            for region in self.regions:
                if region.kind == "goal" and len(region.columns) > 1:
                    self.lost.append(self._lost(region))
                    draft["goal"] = {"expected": None, "achieved": None}
        if any(self.total[field] is not None for field in FIELDS):
            draft["budget"] = settled([self.total, *self.parts, *draft["budget"]])
        draft["department"] = self.heads.get("department") or self.heads.get("filler")
        if "supervisor" in self.heads:
            draft["department"] = self.heads["supervisor"]
        if draft["fiscal_year"] is None:
            draft["fiscal_year"] = year_found(self.source, self.start, min(self.end, self.start + 300))
        if "project_name" in self.heads:
            draft["projects"].append(project_form(self.heads["project_name"], draft))


def _rows(
    cells: Sequence[Cell], columns: Sequence[str]
) -> list[tuple[dict[str, list[tuple[int, int]]], bool]]:
    """Cells as rows, each with whether a page's end stands before it.

    A funds figure stands somewhere among the rows of its task; it is given to the first of them.
    """
    order = {role: i for i, role in enumerate(columns)}
    rows: list[tuple[dict[str, list[tuple[int, int]]], bool]] = []
    last, first = len(order), 0
    for cell in cells:
        if cell.role == FLOATING and rows:
            rows[first][0].setdefault(FLOATING, cell.ranges)
            continue
        if order[cell.role] <= last:
            rows.append(({}, cell.pieces[0].gap == "page"))
            if cell.role in ("task", "expected"):
                first = len(rows) - 1
        last = order[cell.role]
        rows[-1][0][cell.role] = cell.ranges
    return rows


def ranges_of(stream: Sequence[Piece]) -> list[tuple[int, int]]:
    """Where the pieces of a run stand."""
    return [(piece.start, piece.end) for piece in stream]


def _same(region: Region, other: Region) -> bool:
    """Whether the second table is the first one continued on a new page."""
    return region.columns == other.columns
