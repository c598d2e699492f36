"""A task's reply as a part of the draft report: references resolved, figures read, nothing added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from extractor.amounts import amount
from extractor.document import Span
from extractor.drafts import Draft, Found
from extractor.engines.model.references import BadReference, Resolver
from extractor.engines.model.replies import (
    BudgetReply,
    GoalReply,
    IndicatorsReply,
    ProjectsReply,
    Reply,
    ReviewReply,
    TaskReply,
    TasksReply,
)
from extractor.engines.model.sheet import Range
from extractor.folding import squeezed
from extractor.fundlines import empty_line, is_part, plain_source, settled
from extractor.quantities import NUMBER, money, number
from extractor.report import TOTAL

_RATES = frozenset({"execution_rate", "adjustment_rate"})
_MONEY = frozenset({"initial", "adjustment", "adjusted", "budget_unspecified", "actual"})
_POINTS = frozenset({"weight", "score"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_LOOSE_YEAR = re.compile(r"(?:1\s*9|2\s*0)\s*\d\s*\d|[一二三四五六七八九〇零]{4}")
_FIGURE = re.compile(rf"[-+]?{NUMBER}%?")
_CHINESE_YEAR = re.compile(r"[一二三四五六七八九〇零]{4}")
_UNITS = re.compile(r"亿元|万元|元")
_NUMBERED = re.compile(
    r"^(?:\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[).、．)）]|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]"
    r"|[①-⑳]|[一二三四五六七八九十]{1,2}是|第[一二三四五六七八九十][,，、]|(?:首先|其次|再次|最后)[,，])\s*"
)
_GRADES = re.compile(r"优秀|良好|优|良|中|差|合格|不合格")


class Drafter:
    """Reads replies of one call; what could not be resolved is kept in `problems`."""

    def __init__(self, resolver: Resolver, unit: str | None) -> None:
        self.resolver = resolver
        self.source = resolver.source
        self.unit = unit
        self.problems: list[str] = []

    def read(self, reply: Reply) -> Draft:
        """The part of a draft that a reply fills."""
        readers: Mapping[type[Reply], Callable[[Any], Draft]] = {
            BudgetReply: self.budget,
            GoalReply: self.goal,
            TasksReply: self.tasks,
            IndicatorsReply: self.indicators,
            ProjectsReply: self.projects,
            ReviewReply: self.review,
        }
        reader = next(read for kind, read in readers.items() if isinstance(reply, kind))
        return reader(reply)

    def budget(self, reply: BudgetReply) -> Draft:
        """The head and the funding lines; `project` is the name of a project that the form is about."""
        department = self._text(reply.department)
        year = self._year(reply.fiscal_year)
        unit = self._unit(reply.money_unit) or self._printed_unit(reply)
        self.unit = str(unit.value) if unit else self.unit
        project = self._text(reply.project)
        lines = [line for row in reply.rows if (line := self._funding(_cells(reply.columns, row)))]
        return {
            "department": department,
            "fiscal_year": year,
            "money_unit": unit,
            "project": project,
            "budget": settled(lines),
        }

    def goal(self, reply: GoalReply) -> Draft:
        """The year's goal."""
        return {"goal": {"expected": self._text(reply.expected), "achieved": self._text(reply.achieved)}}

    def tasks(self, reply: TasksReply) -> Draft:
        """The tasks with their indicators."""
        tasks = [task for one in reply.tasks if (task := self._task(one, reply.columns))]
        return {"tasks": tasks}

    def indicators(self, reply: IndicatorsReply) -> Draft:
        """The department's own indicators."""
        return {"indicators": self._indicators(reply.columns, reply.rows)}

    def projects(self, reply: ProjectsReply) -> Draft:
        """The projects that have a name."""
        rows = [self._project(_cells(reply.columns, row)) for row in reply.rows]
        return {"projects": [row for row in rows if row["name"] is not None]}

    def review(self, reply: ReviewReply) -> Draft:
        """The verdict, the problems and the measures."""
        problems = [self._point(ref) for ref in reply.problems]
        kept = [i for i, point in enumerate(problems) if point is not None]
        measures = [
            {"text": text, "addresses": [kept.index(i) for i in one.addresses if i in kept]}
            for one in reply.measures
            if (text := self._point(one.text)) is not None
        ]
        return {
            "self_evaluation": {
                "conclusion": self._text(reply.conclusion),
                "grade": self._grade(reply.grade),
                "score": self._figure(reply.score, "score"),
            },
            "key_project_performance": self._text(reply.key_project),
            "overall_performance": self._text(reply.overall),
            "problems": [{"text": problems[i]} for i in kept],
            "measures": measures,
        }

    def _funding(self, cells: Mapping[str, str]) -> Draft | None:
        name = self._text(cells.get("source", ""))
        words = str(name.value) if name else TOTAL
        plain = plain_source(words)
        source: Found | str = Found(plain, name.spans) if name and name.spans else plain
        line = empty_line(source, partial=bool(cells.get("partial", "").strip("|0 ")) or is_part(words))
        for field in line:
            if field not in ("source", "partial"):
                line[field] = self._figure(cells.get(field, ""), field)
        return line if any(isinstance(line[field], Found) for field in line if field != "source") else None

    def _task(self, reply: TaskReply, columns: Sequence[str]) -> Draft | None:
        name = self._text(reply.name)
        expected, achieved = self._text(reply.expected), self._text(reply.achieved)
        funds = self._figure(reply.funds, "funds")
        indicators = self._indicators(columns, reply.rows)
        if name is None:
            return None
        return {
            "name": name,
            "expected": expected,
            "achieved": achieved,
            "funds": funds,
            "indicators": indicators,
        }

    def _indicators(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Draft]:
        out: list[Draft] = []
        levels: dict[str, Found | None] = {"level1": None, "level2": None}
        for row in rows:
            cells = _cells(columns, row)
            self._levels(levels, cells)
            name = self._text(cells.get("name", ""))
            if name is not None:
                out.append({"name": name, "level": _path(levels), **self._indicator(cells)})
        return out

    def _levels(self, levels: dict[str, Found | None], cells: Mapping[str, str]) -> None:
        """A blank level is that of the row above; a new first level begins without a second."""
        for key in ("level1", "level2"):
            found = self._text(cells.get(key, ""))
            if found is not None:
                levels[key] = found
                if key == "level1":
                    levels["level2"] = None

    def _indicator(self, cells: Mapping[str, str]) -> Draft:
        return {
            "definition": self._text(cells.get("definition", "")),
            "target": self._text(cells.get("target", "")),
            "actual": self._text(cells.get("actual", "")),
            "weight": self._figure(cells.get("weight", ""), "weight"),
            "score": self._figure(cells.get("score", ""), "score"),
            "deviation_reason": self._text(cells.get("reason", "")),
        }

    def _project(self, cells: Mapping[str, str]) -> Draft:
        figures = ("budget", "actual", "execution_rate", "score")
        return {
            "name": self._text(cells.get("name", "")),
            **{key: self._figure(cells.get(key, ""), key) for key in figures},
            "grade": self._grade(cells.get("grade", "")),
        }

    def _text(self, written: str) -> Found | None:
        try:
            return self.resolver.text(written)
        except BadReference as error:
            self.problems.append(str(error))
            return None

    def _point(self, written: str) -> Found | None:
        """A problem or a measure, without the numbering at its head."""
        found = self._text(written)
        if found is None:
            return None
        words = str(found.value)
        number_mark = _NUMBERED.match(words)
        return Found(words[number_mark.end() :], found.spans) if number_mark else found

    def _value(self, written: str) -> tuple[str, tuple[Range, ...]] | None:
        try:
            return self.resolver.value(written, "figure")
        except BadReference as error:
            self.problems.append(str(error))
            return None

    def _figure(self, written: str, field: str) -> Found | None:
        """A figure as printed; money in the report's unit, whatever unit stands behind it."""
        value = self._value(written)
        if value is None:
            return None
        words, ranges = value
        if not ranges:
            return self._unplaced(words, field)
        if field not in _RATES | _POINTS:
            found = amount(self.source, self._with_unit(ranges), self.unit)
            return found or self._unplaced(words, field, ranges)
        only = self._narrowed(ranges, _FIGURE) if number(words) is None else ranges
        figure = number(words) if only == ranges else number(self.source.text[only[0][0] : only[0][1]])
        if figure is None:
            return self._unplaced(words, field, ranges)
        return Found(figure, self.source.spans(only))

    def _narrowed(self, ranges: tuple[Range, ...], shape: re.Pattern[str]) -> tuple[Range, ...]:
        """The one place in the ranges that has a shape; the ranges where there is none or are several."""
        found = [match.span() for a, b in ranges for match in shape.finditer(self.source.text, a, b)]
        return (found[0],) if len(found) == 1 else ranges

    def _with_unit(self, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
        """The ranges with a unit of money that is printed right behind them."""
        end = ranges[-1][1]
        behind = re.match(r"\s*(?:亿|万|千|百)?元", self.source.text[end : end + 6])
        return (*ranges[:-1], (ranges[-1][0], end + behind.end())) if behind else ranges

    def _unplaced(self, words: str, field: str, ranges: tuple[Range, ...] = ()) -> Found | None:
        """A figure that is not where it was said to be, or that is no figure: kept without a place."""
        figure = number(re.sub(r"(?:亿|万|千|百)?元$|分$", "", squeezed(words)))
        if figure is None:
            return None
        spans: tuple[Span, ...] = self.source.spans(ranges) if ranges else ()
        printed = money(words)
        if printed and self.unit and printed.unit in ("元", "万元", "亿元") and field not in _RATES | _POINTS:
            figure = Decimal(format(printed.converted(self.unit).amount, "f"))
        return Found(figure, spans)

    def _year(self, written: str) -> Found | None:
        value = self._value(written)
        if value is None:
            return None
        words, ranges = value
        match = _YEAR.search(squeezed(words)) or _CHINESE_YEAR.search(squeezed(words))
        year = number(match[0]) if match else None
        if year is None:
            return None
        return Found(int(year), self.source.spans(self._narrowed(ranges, _LOOSE_YEAR)) if ranges else ())

    def _unit(self, written: str) -> Found | None:
        """The unit of money; a longer phrase around it is narrowed to it when it is grounded."""
        found = self._text(written)
        match = _UNITS.search(squeezed(str(found.value))) if found else None
        return Found(match[0], found.spans) if found and match else None

    def _printed_unit(self, reply: BudgetReply) -> Found | None:
        """The unit that most of the figures of money carry themselves, where no line names one for all."""
        found: list[Found] = []
        for row in reply.rows:
            for field, written in _cells(reply.columns, row).items():
                place = self._value(written) if field in _MONEY else None
                if place and place[1]:
                    ranges = self._with_unit(place[1])
                    unit = re.search(r"(?:亿|万)?元$", self.source.text[slice(*ranges[-1])])
                    if unit:
                        end = ranges[-1][1]
                        found.append(Found(unit[0], self.source.spans([(end - len(unit[0]), end)])))
        counts = Counter(str(one.value) for one in found)
        return next((one for one in found if one.value == counts.most_common(1)[0][0]), None)

    def _grade(self, written: str) -> Found | None:
        found = self._text(written)
        match = _GRADES.search(squeezed(str(found.value))) if found else None
        return Found(match[0], found.spans) if found and match else None


def _cells(columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    return dict(zip(columns, row, strict=False))


def _path(levels: Mapping[str, Found | None]) -> Found | None:
    """The class path of an indicator, joined by /."""
    parts = [part for part in (levels["level1"], levels["level2"]) if part is not None]
    if not parts:
        return None
    value = "/".join(str(part.value).strip("：:") for part in parts)
    return Found(value, tuple(span for part in parts for span in part.spans))
