"""Which lines of a document each task needs to see; the vocabulary is data, in routing.toml.

A heading or a label at the head of a line opens a stretch for the tasks that it names, which goes on until
the next one; a heading that names no task goes with the section around it. To that come, task by task, the
lines whose words speak of it, with a few around them. What no task claims is not sent.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from extractor.document import Document, Line
from extractor.folding import squeezed
from extractor.outline import sections

_LABEL_START = (
    r"[#*|]{0,4}(?:序号)?"
    r"(?:第?[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[.、])?"
)
_LABEL_END = (
    r"(?:完成)?(?:数|情况|分析|综述|说明|措施|建议|计划|方向)?"
    r"(?:[及和与或][^,。；:\d]{2,14}?(?:措施|建议|计划|情况))?"
)
_CELL_END = re.compile(r"[\s:：(（|]|$")
_BOTH = re.compile(r"目标.*(?:完成|实现)")
_BEFORE = 3
_HEAD_LINES = 6
_SHORT_LINE = 60
_SHORT_LABEL = 8
_WRAPPED = 20
_PASSAGES = frozenset({"review", "budget"})


_Tasks = frozenset[str]
_Stretch = tuple[int, int, _Tasks, bool]


@dataclass(frozen=True)
class Route:
    """How the parts of a document that one task needs are known; see routing.toml."""

    table: re.Pattern[str]
    heads: re.Pattern[str]
    titles: re.Pattern[str] | None
    words: re.Pattern[str] | None
    strong: re.Pattern[str] | None
    beside: re.Pattern[str] | None
    around: int
    first_chars: int


@cache
def routes() -> dict[str, Route]:
    """The routes by task, as the data file has them; the order decides whose a table is."""
    text = Path(__file__).with_name("routing.toml").read_text("utf-8")
    return {
        task: Route(
            re.compile(data["table"]),
            re.compile("|".join(data["heads"])),
            _any(data["titles"]),
            _any(data["words"]),
            _any(data["strong"]),
            _any(data["beside"]),
            data["around"],
            data["first_chars"],
        )
        for task, data in tomllib.loads(text).items()
    }


def _any(expressions: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(expressions)) if expressions else None


@cache
def _labels() -> re.Pattern[str]:
    """Any label that opens a stretch, at the head of a line."""
    heads = "|".join(route.heads.pattern for route in routes().values())
    return re.compile(f"{_LABEL_START}(?P<label>{heads}){_LABEL_END}")


@dataclass(frozen=True)
class _Page:
    """The filled lines, their folded text in one, and where each line begins in it."""

    lines: tuple[Line, ...]
    text: str
    starts: tuple[int, ...]

    def size(self, i: int) -> int:
        """How many characters line i has."""
        return self.starts[i + 1] - self.starts[i]

    def begins(self, i: int) -> bool:
        """Whether line i does not go on with the sentence of the line before."""
        return i == 0 or self.size(i - 1) < _WRAPPED or self.text[self.starts[i] - 1] in "。；;：:"

    def near(self, i: int, k: int) -> bool:
        """Whether only a few short lines stand between lines i and k."""
        return k - i <= _HEAD_LINES and all(self.size(j) <= _SHORT_LABEL for j in range(i + 1, k))


def filled_lines(document: Document) -> tuple[Line, ...]:
    """The document's lines without blank ones and the page's furniture."""
    furniture = {span.start for span in document.furniture}
    text = document.text
    return tuple(
        line for line in document.lines if line.start not in furniture and text[line.start : line.end].strip()
    )


def routed(document: Document) -> dict[str, tuple[Line, ...]]:
    """The lines of each task that has any, in reading order."""
    lines = filled_lines(document)
    view = document.squeezed
    page = _Page(lines, view.text, (*(view.position(line.start) for line in lines), len(view.text)))
    claimed: list[_Tasks] = [frozenset()] * len(lines)
    chosen: dict[str, set[int]] = {task: set() for task in routes()}
    stretches = list(_stretches(document, page))
    told = _told_by_forms(page, stretches)
    for start, end, tasks, form in stretches:
        claimed[start:end] = [tasks] * (end - start)
        first = start
        while first > max(0, start - _BEFORE) and page.size(first - 1) < _SHORT_LINE:
            first -= 1
        for task in tasks if form else tasks - told:
            chosen[task].update(range(first, end))
    for task, route in routes().items():
        chosen[task].update(i for i in range(len(lines)) if page.starts[i + 1] <= route.first_chars)
        chosen[task].update(_spoken_of(page, route.strong, route.around))
        shared = {task, "projects", "budget"} if task in ("projects", "budget") else {task, "projects"}
        free = {i for i in range(len(lines)) if not claimed[i] - shared}
        chosen[task].update(i for i in _spoken_of(page, route.words, route.around) if i in free)
        if chosen[task]:
            chosen[task].update(_spoken_of(page, route.beside, 0))
    return {task: tuple(lines[i] for i in sorted(own)) for task, own in chosen.items() if own}


def _told_by_forms(page: _Page, stretches: list[_Stretch]) -> _Tasks:
    """Tasks that a form's table tells whole, so that the narrative's telling adds nothing."""
    return frozenset(
        task
        for start, end, tasks, form in stretches
        for task in tasks & {"tasks", "goal"}
        if form and _BOTH.search(page.text, page.starts[start], page.starts[min(end, start + _HEAD_LINES)])
    )


def _stretches(document: Document, page: _Page) -> Iterator[_Stretch]:
    """First line, line behind the last, the tasks of each stretch, and whether a form's label opened it."""
    opened = dict(_labelled(document, page))
    headed = dict(_headed(document, page))
    marks: list[tuple[int, _Tasks, bool]] = []
    under: Literal["nothing", "heading", "label"] = "nothing"
    for i in sorted({*opened, *headed}):
        level, own, above = headed.get(i, (0, frozenset(), frozenset()))
        if i in opened and (under != "heading" or i in headed or page.begins(i) or _heads_form(page, i)):
            under = "heading" if i in headed else "label"
            marks.append((i, opened[i] | own, under == "label"))
        elif i in headed and (under != "label" or (own and level <= _deepest(marks[-1][1]))):
            # inside a form, other headings are the text of a cell
            marks.append((i, own | above, False))
            under = "heading"
    ends = [*(mark[0] for mark in marks[1:]), len(page.lines)]
    for (start, tasks, form), end in zip(marks, ends, strict=True):
        yield start, end, tasks, form


def _heads_form(page: _Page, i: int) -> bool:
    """Whether the label at line i is one that only forms have."""
    match = _labels().match(page.text, page.starts[i])
    return bool(match and any(route.table.search(match["label"]) for route in routes().values()))


def _deepest(tasks: _Tasks) -> int:
    """The deepest level of a heading that ends a form's passage."""
    return 1 if "review" in tasks else 2


def _labelled(document: Document, page: _Page) -> Iterator[tuple[int, _Tasks]]:
    """Each label that opens a stretch: its line and tasks; labels close together are one head."""
    raw, starts = document.text, document.squeezed.starts
    group: list[tuple[int, int, str]] = []
    for i, start in enumerate(page.starts[:-1]):
        match = None if group and i <= group[-1][1] else _labels().match(page.text, start)
        if match is None or not _CELL_END.match(raw, starts[match.end() - 1] + 1):
            continue
        if group and not (page.near(group[-1][1], i) and _one_head(group[0][2], match["label"])):
            yield _opened(document, page, group)
            group = []
        group.append((i, bisect_left(page.starts, match.end()) - 1, match["label"]))
    if group:
        yield _opened(document, page, group)


def _opened(document: Document, page: _Page, group: list[tuple[int, int, str]]) -> tuple[int, _Tasks]:
    """The first line of a head and whose it is, by all the labels of its lines."""
    first, last, label = group[0][0], group[-1][1], group[0][2]
    own = _tasks_of_head(label)
    if own <= _PASSAGES:
        return first, own
    words = [label for _, _, label in group]
    for line in page.lines[first : last + 1]:
        for cell in document.text[line.start : line.end].split():
            match = _labels().fullmatch(squeezed(cell))
            if match:
                words.append(match["label"])
    return first, _tasks_of_head(" ".join(words))


def _one_head(first: str, label: str) -> bool:
    """Whether a label may belong to the head of the table that another one begins."""
    begun, own = _tasks_of_head(first), _tasks_of_head(label)
    tables = frozenset(task for task, route in routes().items() if route.table.search(label))
    if own == {"review"} != begun:
        return False
    return own == begun or not tables or (begun == {"tasks"} and tables <= {"tasks", "indicators"})


def _tasks_of_head(words: str) -> _Tasks:
    """Whose the table under a head is: the first task whose kind of table it names, else all it names."""
    whose = next((task for task, route in routes().items() if route.table.search(words)), None)
    return frozenset({whose}) if whose else _tasks_of(words)


def _headed(document: Document, page: _Page) -> Iterator[tuple[int, tuple[int, _Tasks, _Tasks]]]:
    """Each heading's line with its level, the tasks that it names, and those of the section around it.

    Those of the section around it count only where it names none, but what stands below a heading of problems
    and measures stays with them, whatever it speaks of.
    """
    view = document.table_view
    offsets = [line.start for line in page.lines]
    around: list[tuple[int, _Tasks]] = []
    for section in sections(view.text):
        while around and around[-1][0] >= section.level:
            around.pop()
        above = around[-1][1] if around else frozenset()
        own = _tasks_of_title(squeezed(section.title))
        above = above & {"review"} if own else above
        around.append((section.level, own | above))
        yield bisect_right(offsets, view.starts[section.start]) - 1, (section.level, own, above)


def _tasks_of_title(words: str) -> _Tasks:
    titled = (task for task, route in routes().items() if route.titles and route.titles.search(words))
    return _tasks_of(words) | frozenset(titled)


def _tasks_of(words: str) -> _Tasks:
    return frozenset(task for task, route in routes().items() if route.heads.search(words))


def _spoken_of(page: _Page, words: re.Pattern[str] | None, around: int) -> Iterator[int]:
    """Lines whose words, read over their ends, speak of the task, and the short ones around them."""
    for match in words.finditer(page.text) if words else ():
        first = bisect_right(page.starts, match.start()) - 1
        last = bisect_left(page.starts, match.end()) - 1
        yield from range(first, last + 1)
        behind = range(last + 1, min(len(page.lines), last + 1 + around))
        near = (*range(max(0, first - around), first), *behind)
        yield from (i for i in near if page.size(i) < _SHORT_LINE)
