"""An extraction as a workbook: one sheet a list, money as numbers with its unit, and where each row stands.

Text is always written as text: a cell that begins with =, +, - or @ stays what the document says.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from extractor.assessment import assess
from extractor.marks import MARK
from extractor.render.places import doubt_words, lost_words, place_words
from extractor.render.words import FIELDS, VERDICTS, candidate_words, field_name, path_words
from extractor.report import FundingLine, Indicator, Project
from extractor.result import Extraction

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_AMOUNTS = frozenset({"initial", "adjustment", "adjusted", "budget_unspecified", "actual", "funds", "budget"})
_LONGEST_CELL = 32_000
_CUT = "……（全文见 JSON）"
_PLACE = "原文位置"
_UNIT = "金额单位"


Sheet = tuple[str, Sequence[str], list[list[Any]]]


def workbook(extraction: Extraction) -> bytes:
    """The workbook's bytes."""
    return written(_Writer(extraction).sheets())


def written(sheets: Iterable[Sheet]) -> bytes:
    """A workbook of sheets, each with its title, its head and its rows; text stays text."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.keywords = MARK
    for title, header, rows in sheets:
        _fill(book.create_sheet(title), header, rows)
    del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Writer:
    def __init__(self, extraction: Extraction) -> None:
        self.extraction = extraction
        self.report = extraction.report
        self.unit = self.report.money_unit or ""
        self.starts = [line.start for line in extraction.document.lines]

    def sheets(self) -> Iterable[Sheet]:
        yield "概览", ("项目", "内容", _PLACE), self._overview()
        yield (
            "资金",
            *self._list(
                self.report.budget, "/budget", [n for n in FundingLine.model_fields if n != "partial"]
            ),
        )
        yield "任务", *self._list(self.report.tasks, "/tasks", ["name", "funds", "expected", "achieved"])
        yield "指标", *self._indicators()
        yield "项目", *self._list(self.report.projects, "/projects", list(Project.model_fields))
        yield "问题", *self._list(self.report.problems, "/problems", ["text"])
        yield "措施", *self._measures()
        yield "发现", ("级别", "编号", "发现", "计算", _PLACE, "状态"), self._findings()
        yield "存疑", ("类别", "字段", "取值"), self._doubts()

    def _overview(self) -> list[list[Any]]:
        report = self.report
        rows: list[list[Any]] = []
        for node, pointer, names in (
            (report, "", ("department", "fiscal_year", "money_unit")),
            (report.goal, "/goal", ("expected", "achieved")),
            (report.self_evaluation, "/self_evaluation", ("grade", "score", "conclusion")),
            (report, "", ("key_project_performance", "overall_performance")),
        ):
            for name in names:
                value = getattr(node, name)
                if value is not None:
                    rows.append([FIELDS[name], value, self.place(f"{pointer}/{name}")])
        rows.append(["有出处的值", f"{self.extraction.grounded_share:.1%}", ""])
        rows.append(["原文", self.extraction.document.name, ""])
        return rows

    def place(self, *pointers: str) -> str:
        """Pages and lines of the source on which the values stand."""
        words = place_words(self.extraction, self.starts, pointers)
        return words or ("无出处" if any(one in self.extraction.ungrounded for one in pointers) else "")

    def _list(
        self, rows: Sequence[Any], pointer: str, names: Sequence[str]
    ) -> tuple[Sequence[str], list[list[Any]]]:
        money = bool(_AMOUNTS & set(names))
        header = [*(FIELDS[name] for name in names), *([_UNIT] if money else []), _PLACE]
        out: list[list[Any]] = []
        for i, row in enumerate(rows):
            cells = [getattr(row, name) for name in names]
            place = self.place(*(f"{pointer}/{i}/{name}" for name in names))
            out.append([*cells, *([self.unit] if money else []), place])
        return header, out

    def _indicators(self) -> tuple[Sequence[str], list[list[Any]]]:
        names = list(Indicator.model_fields)
        rows: list[list[Any]] = []
        groups = [("", "/indicators", self.report.indicators)]
        groups += [
            (task.name, f"/tasks/{i}/indicators", task.indicators) for i, task in enumerate(self.report.tasks)
        ]
        for task, pointer, indicators in groups:
            for i, one in enumerate(indicators):
                verdict = VERDICTS[assess(one.target, one.actual, one.name)]
                place = self.place(*(f"{pointer}/{i}/{name}" for name in names))
                rows.append([task, *(getattr(one, name) for name in names), verdict, place])
        return ["任务", *(field_name(name, indicator=True) for name in names), "判断", _PLACE], rows

    def _findings(self) -> list[list[Any]]:
        return [
            [
                one["grade"],
                one["id"],
                one["message"],
                one["computed"],
                self._line(one["spans"]),
                one["status"],
            ]
            for one in self.extraction.findings
        ]

    def _line(self, spans: Sequence[dict[str, int]]) -> str:
        return f"第 {bisect_right(self.starts, spans[0]['start'])} 行" if spans else ""

    def _measures(self) -> tuple[Sequence[str], list[list[Any]]]:
        rows = [
            [one.text, "、".join(str(n + 1) for n in one.addresses), self.place(f"/measures/{i}/text")]
            for i, one in enumerate(self.report.measures)
        ]
        return ("内容", "对应问题", _PLACE), rows

    def _doubts(self) -> list[list[Any]]:
        rows: list[list[Any]] = [
            ["无出处", path_words(pointer), ""] for pointer in self.extraction.ungrounded
        ]
        rows += [["未能读取", words, ""] for words in lost_words(self.extraction.lost, self.starts)]
        for conflict in self.extraction.conflicts:
            told = "；".join(map(candidate_words, conflict.candidates))
            rows.append(["前后不一致", path_words(conflict.pointer), told])
        rows += [
            ["请人工核对", path_words(one.pointer), doubt_words(one)] for one in self.extraction.doubtful
        ]
        return rows


def _fill(sheet: Worksheet, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for column, title in enumerate(header, 1):
        sheet.cell(1, column, title).font = Font(bold=True)
    for n, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            _put(sheet, n, column, value)
    for column, title in enumerate(header, 1):
        letter = get_column_letter(column)
        longest = max((len(str(cell.value or "")) for cell in sheet[letter][1:]), default=0)
        sheet.column_dimensions[letter].width = max(len(title) * 2.2, min(60, longest * 1.9)) + 2
        for cell in sheet[letter]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value is None:
        return
    cell = sheet.cell(row, column)
    if isinstance(value, Decimal):
        places = max(0, -int(value.as_tuple().exponent))
        cell.value = value
        cell.number_format = "#,##0" + ("." + "0" * places if places else "")
        return
    if isinstance(value, int):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cell.value = text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + _CUT
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in "=+-@\t\r"
