"""Rows of a table of tasks and indicators, from whatever layout, into draft tasks and indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractor.amounts import amount
from extractor.drafts import Draft, Found
from extractor.engines.rules.vocabulary import vocabulary
from extractor.folding import folded, squeezed
from extractor.source import Source, joined_lines

Ranges = Sequence[tuple[int, int]]
Row = Mapping[str, Ranges]

_SHORTEST_GOAL, _LONGEST_NAME = 8, 40
_TASK_NUMBER = re.compile(r"任务\s*[\d一二三四五六七八九十]+\s*[.、:：]?\s*")
_TARGET_NOTE = re.compile(
    r"[（(]\s*(?:年度)?(?:预期值|预期实现值|目标值|指标值|年初目标|预期)\s*[:：]?\s*([^（）()]+?)\s*[）)]"
)
_LEVEL_NOTE = re.compile(r"[（(]?\d+(?:\.\d+)?分?[）)]?$")
_TOTALS = frozenset({"合计", "总分", "总计", "小计", "合计得分"})
_EMPTY = frozenset({"", "-", "--", "/", "无数据", "———", "——"})
_FIELDS = {
    "indicator": "name",
    "definition": "definition",
    "target": "target",
    "result": "actual",
    "reason": "deviation_reason",
}


def is_blank(text: str) -> bool:
    """Whether a cell holds nothing but a dash or white space."""
    return squeezed(text) in _EMPTY


def joined_found(first: Found, second: Found, between: str = "\n") -> Found:
    """Two texts of one value, in order."""
    return Found(f"{first.value}{between}{second.value}", first.spans + second.spans)


@dataclass
class TableReader:
    """Collects rows; merged class cells and merged task cells carry on to the rows below."""

    source: Source
    money_unit: str | None = None
    tasks: list[Draft] = field(default_factory=list)
    indicators: list[Draft] = field(default_factory=list)
    total: Found | None = None
    _levels: dict[str, Found] = field(default_factory=dict)

    def add(self, row: Row, cut: bool = False) -> None:
        """One row: role → where its cell stands; `cut` where it is the first below a page's end."""
        cells = {
            role: self._text(ranges)
            for role, ranges in row.items()
            if role not in ("weight", "score", "funds")
        }
        funds = self._funds(row.get("funds"))
        if not (cut and self._continues_over_page(cells, funds)):
            self._open_task(cells, funds)
        indicator = self._indicator(cells, row)
        if indicator and squeezed(str(indicator["name"].value)) in _TOTALS:
            own = indicator["score"] or self._number(row.get("result")) or self._number(row.get("weight"))
            self.total = own if own is not None and self._sums(own) else None
        elif indicator:
            (self.tasks[-1]["indicators"] if self.tasks else self.indicators).append(indicator)

    def _sums(self, total: Found) -> bool:
        """Whether a total is no less than any score above it: a figure that the page broke in two is."""
        rows = [*self.indicators, *(one for task in self.tasks for one in task["indicators"])]
        scores = [Decimal(str(one["score"].value)) for one in rows if one["score"] is not None]
        return Decimal(str(total.value)) >= max(scores, default=Decimal(0))

    def _text(self, ranges: Ranges) -> Found | None:
        found = self.source.found(list(ranges))
        return None if found is None or is_blank(str(found.value)) else found

    def _funds(self, ranges: Ranges | None) -> Found | None:
        return amount(self.source, ranges, self.money_unit) if ranges else None

    def _open_task(self, cells: Mapping[str, Found | None], funds: Found | None) -> None:
        name, expected, achieved = cells.get("task"), cells.get("expected"), cells.get("achieved")
        if name is not None:
            self.tasks.append(new_task(name, expected, achieved, funds))
        elif (
            self.tasks
            and funds is not None
            and self.tasks[-1]["funds"] is not None
            and (expected or achieved)
        ):
            self.tasks.append(new_task(self.tasks[-1]["name"], expected, achieved, funds))
        elif self.tasks:
            self._continue_task(expected, achieved, funds)

    def _continues_over_page(self, cells: Mapping[str, Found | None], funds: Found | None) -> bool:
        """Whether a page's end cut the last task's cells in two; then this row completes them."""
        if not self.tasks or not cells.get("task"):
            return False
        task, name = self.tasks[-1], cells["task"]
        if task["funds"] is not None and funds is not None:
            return False
        open_cells = [task[key] for key in ("expected", "achieved") if task[key] is not None]
        if task["indicators"] and not any(str(found.value)[-1] not in "。；！;" for found in open_cells):
            return False
        if name is not None:
            task["name"] = joined_found(task["name"], name, "")
        self._continue_task(cells.get("expected"), cells.get("achieved"), funds)
        return True

    def _continue_task(self, expected: Found | None, achieved: Found | None, funds: Found | None) -> None:
        task = self.tasks[-1]
        for key, found in (("expected", expected), ("achieved", achieved)):
            if found is not None:
                task[key] = found if task[key] is None else _appended(task[key], found)
        if funds is not None and task["funds"] is None:
            task["funds"] = funds

    def _indicator(self, cells: Mapping[str, Found | None], row: Row) -> Draft | None:
        self._note_levels(cells)
        name = cells.get("indicator")
        if name is None or is_blank(str(name.value)):
            return None
        draft: Draft = {key: cells.get(role) for role, key in _FIELDS.items()}
        draft["level"] = self._level()
        for role in ("weight", "score"):
            draft[role] = self._number(row.get(role))
        return named_target(draft)

    def _number(self, ranges: Ranges | None) -> Found | None:
        return self.source.figure(ranges[0][0], ranges[-1][1]) if ranges else None

    def _note_levels(self, cells: Mapping[str, Found | None]) -> None:
        for role in ("level1", "level2"):
            found = cells.get(role)
            if found is None:
                continue
            self._levels[role] = Found(_LEVEL_NOTE.sub("", str(found.value)).replace("\n", ""), found.spans)
            if role == "level1":
                self._levels.pop("level2", None)

    def _level(self) -> Found | None:
        parts = [self._levels[role] for role in ("level1", "level2") if role in self._levels]
        if not parts:
            return None
        spans = tuple(span for part in parts for span in part.spans)
        return Found("/".join(str(part.value) for part in parts), spans)


def _appended(before: Found, found: Found) -> Found:
    """A continuation: of an unfinished sentence, or as a paragraph of its own."""
    return joined_found(before, found, "\n" if str(before.value)[-1] in "。；！;）)" else "")


def new_task(
    name: Found, expected: Found | None, achieved: Found | None, funds: Found | None = None
) -> Draft:
    """A draft task; 任务1 is a number, and then the name is the expected cell's first sentence.

    A name with sentences behind it is a cell that holds the goal too: then that is the whole cell.
    """
    own = task_name(name, expected)
    head, stop, rest = str(own.value).partition("。")
    if expected is None and stop and len(rest) >= _SHORTEST_GOAL and 2 <= len(head) <= _LONGEST_NAME:
        own, expected = Found(head, own.spans), name
    return {
        "name": own,
        "expected": expected,
        "achieved": achieved,
        "funds": funds,
        "indicators": [],
    }


def task_name(name: Found, expected: Found | None) -> Found:
    """The task's name without its number."""
    text = str(name.value).replace("\n", "")
    match = _TASK_NUMBER.match(text)
    if match is None:
        return Found(text, name.spans)
    rest = text[match.end() :]
    if rest:
        return Found(rest, name.spans)
    if expected is not None:
        first = re.split(r"[。：:；\n]", str(expected.value), maxsplit=1)[0]
        if 2 <= len(first) <= 40:
            return Found(first, expected.spans)
    return Found(text, name.spans)


def named_target(draft: Draft) -> Draft:
    """A target named in the name or result, （预期值：24个）, is the target and leaves the name."""
    if draft["target"] is not None:
        return draft
    for key in ("name", "actual"):
        found = draft[key]
        match = _TARGET_NOTE.search(str(found.value)) if found else None
        if found is None or match is None:
            continue
        draft["target"] = Found(match[1], found.spans)
        if key == "name":
            text = str(found.value)
            draft[key] = Found(text[: match.start()] + text[match.end() :], found.spans)
        break
    return draft


def level_words(text: str) -> list[str]:
    """The class words of a text such as 产出指标中的数量指标, in order."""
    known = vocabulary()
    words = sorted(known.first_levels | known.second_levels, key=len, reverse=True)
    pattern = "|".join(re.escape(word) for word in words)
    return re.findall(pattern, folded(text))


__all__ = [
    "TableReader",
    "is_blank",
    "joined_found",
    "joined_lines",
    "level_words",
    "named_target",
    "new_task",
    "task_name",
]
