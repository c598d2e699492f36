"""What a row of labels in a grid opens: a table, a budget, the goal, projects, passages side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractor.amounts import amount
from extractor.drafts import Draft, Found
from extractor.engines.rules.gridlines import Range, Row, headed
from extractor.engines.rules.labels import COLUMN_KINDS
from extractor.engines.rules.vocabulary import FUNDING, vocabulary
from extractor.folding import squeezed
from extractor.fundlines import FIELDS, TOTALS
from extractor.quantities import number
from extractor.source import Source

Columns = dict[int, str]
_PASSAGES = ("problems", "measures")
_GOAL = ("expected", "achieved")
PROJECT_FIELDS = {
    "project_name": "",
    "budget_unspecified": "budget",
    "adjusted": "budget",
    "initial": "budget",
    "actual": "actual",
    "execution_rate": "execution_rate",
    "score": "score",
    "total": "score",
    "grade": "grade",
}


def heading(row: Row) -> tuple[str, Columns] | None:
    """What a row of labels opens, and the kinds of its columns; None for a row that opens nothing."""
    row = headed(row)
    has = {kind for kind in row.kinds if kind}
    if has - {"side"} == set(_PASSAGES) and all(row.kinds[i] for i in row.filled if i):
        return "passages", _only(row, _PASSAGES)
    if not any(number(text) is not None for text in row.texts if text):
        opened = _over_figures(row, has)
        if opened:
            return opened
    if has >= set(_GOAL) and not has - {*_GOAL, "side"}:
        return "goal", _goal(row)
    return None


def folded(rows: Sequence[Row]) -> list[Row]:
    """The rows, labels in two lines (资金情况 over 预算数, 支出数) as one row."""
    out: list[Row] = []
    skip = False
    for row, below in zip(rows, [*rows[1:], None], strict=True):
        if skip:
            skip = False
            continue
        both = _over(row, below) if below is not None else None
        skip = both is not None
        out.append(both or row)
    return out


def _over(row: Row, below: Row) -> Row | None:
    """Both rows as one row of labels, where that opens more than the upper alone does."""
    if sum(kind is not None for kind in below.kinds) < 2 or 0 in below.filled:
        return None
    if any(number(text) is not None for text in (*row.texts, *below.texts) if text):
        return None
    width = min(len(row.texts), len(below.texts))
    upper = [not below.texts[i] for i in range(width)]
    both = Row(
        tuple((row if up else below).cells[i] for i, up in enumerate(upper)),
        tuple((row if up else below).texts[i] for i, up in enumerate(upper)),
        tuple((row if up else below).kinds[i] for i, up in enumerate(upper)),
    )
    found, alone, other = heading(both), heading(row), heading(below)
    if found is None or found[0] not in ("projects", "table", "budget"):
        return None
    if other is not None and other[0] == found[0]:
        return None
    return both if alone is None or len(found[1]) > len(alone[1]) else None


def _over_figures(row: Row, has: set[str]) -> tuple[str, Columns] | None:
    """What a row of labels without figures opens."""
    if "project_name" in has and len(has & PROJECT_FIELDS.keys()) >= 2:
        return "projects", _only(row, tuple(PROJECT_FIELDS))
    named, compared = {"indicator", "level1", "task"} & has, {"target", "result", *_GOAL} & has
    if (named and compared and len(has.intersection(COLUMN_KINDS)) >= 3) or (
        "indicator" in has and {"target", "result"} & has
    ):
        return "table", _table(row)
    if sum(kind in FUNDING for kind in row.kinds if kind) >= 3:
        return "budget", _only(row, tuple(FIELDS))
    return None


def _only(row: Row, kinds: tuple[str, ...]) -> Columns:
    return {i: kind for i, kind in enumerate(row.kinds) if kind in kinds}


def _goal(row: Row) -> Columns:
    """The column of the goal next to that of its result, and that one."""
    columns = _only(row, _GOAL)
    last = max(i for i, kind in columns.items() if kind == "expected" and i < max(columns))
    return {i: kind for i, kind in columns.items() if kind == "achieved" or i == last}


def _table(row: Row) -> Columns:
    """The columns of a table of tasks or indicators, without those that only name its parts."""
    columns: Columns = {}
    kinds = list(row.kinds)
    for i, kind in enumerate(kinds):
        again = kind in kinds[i + 1 :]
        beside = (i == 0 and again) or (
            vocabulary().columns.get(row.texts[i]) == "side" and (again or i == 0)
        )
        if "indicator" in columns.values() and kind in columns.values():
            kind = {"expected": "target", "achieved": "result"}.get(kind or "", kind)
        if kind in COLUMN_KINDS and not beside and kind not in columns.values():
            columns[i] = kind
    first = next((i for i, kind in columns.items() if kind == "level1"), None)
    if first is not None and "level2" not in columns.values():  # 指标类别 over two columns
        behind = next((i for i in row.filled if i > first), first)
        columns.update(dict.fromkeys(range(first + 1, behind), "level2"))
    if "task" not in columns.values():
        if "target" in columns.values() and "result" not in columns.values():
            columns = {i: "result" if kind == "achieved" else kind for i, kind in columns.items()}
        columns = {i: kind for i, kind in columns.items() if kind not in ("expected", "achieved", "funds")}
    return columns


def project_of(source: Source, row: Row, columns: Columns, unit: str | None) -> tuple[bool, Draft | None]:
    """Whether a row belongs to a table of projects, and the project that it tells of, None for a total."""
    cells = {kind: row.cells[i] for i, kind in columns.items() if i < len(row.cells) and row.texts[i]}
    name = cells.pop("project_name", None)
    found = source.found([name]) if name else None
    if found is None or not cells:
        return False, None
    if squeezed(str(found.value)) in TOTALS:
        return True, None
    return True, draft_project(source, found, cells, unit)


def draft_project(source: Source, name: Found, cells: Mapping[str, Range], unit: str | None) -> Draft:
    """A project of its name and of the cells under the heads of such a table, by what they head."""
    project: Draft = {"name": name, **dict.fromkeys(filter(None, PROJECT_FIELDS.values()))}
    for kind, place in cells.items():
        project[PROJECT_FIELDS[kind]] = (
            source.found([place])
            if kind == "grade"
            else source.figure(*place)
            if kind in ("execution_rate", "score")
            else amount(source, [place], unit)
        )
    return project
