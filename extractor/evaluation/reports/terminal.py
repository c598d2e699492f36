"""A run or a comparison as tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.evaluation.comparing import Comparison
from extractor.evaluation.records import RunRecord
from extractor.evaluation.reports.words import (
    Row,
    change_row,
    difference,
    group_row,
    headline,
    leaf_row,
    shares,
    sides,
    verdict,
    warnings,
)
from extractor.evaluation.scores import Scores

_MOST = 40


def show_run(console: Console, run: RunRecord, found: Scores, most: int = _MOST) -> None:
    """Print the headline, the groups, the documents and what is wrong."""
    console.print(_table(f"{run.suite}: {run.about}", ("", ""), headline(run, found)))
    console.print(_table("by group", ("group", "P", "R", "F1", "gold"), shares(found, fields=False)))
    fields = [row for row in shares(found, fields=True) if row[3] != "1.000"]
    _some(console, "by field, those that are not perfect", ("field", "P", "R", "F1", "gold"), fields, most)
    rows = [(one.name, f"{one.f1:.4f}", one.error or "") for one in run.documents]
    worst = sorted(rows, key=lambda row: row[1])[:most]
    console.print(_table("documents, the lowest first", ("document", "F1", "error"), worst))
    wrong = [leaf_row(one.name, leaf) for one in run.documents for leaf in one.leaves]
    _some(console, "not right", ("document", "line", "field", "verdict", "gold", "got"), wrong, most)


def show_comparison(console: Console, found: Comparison, most: int = _MOST) -> None:
    """Print what two runs show, by document, by group and leaf by leaf."""
    console.print(Text(f"base: {found.base.title} ({found.base.at})"))
    console.print(Text(f"new:  {found.new.title} ({found.new.at})"))
    console.print(Text(verdict(found)))
    for line in warnings(found):
        console.print(Text(f"note: {line}"), soft_wrap=True)
    console.print(_table("both runs", ("", "base", "new"), sides(found)))
    console.print(_table("difference of the means", ("", ""), difference(found.paired)))
    groups = [group_row(one) for one in found.groups if one.paired.wins or one.paired.losses]
    if groups:
        console.print(
            _table("groups that moved", ("group", "difference", "95%", "p by Holm", "+ / −"), groups)
        )
    moved = sorted((one for one in found.documents if one.difference), key=lambda one: one.difference)
    rows = [(one.name, f"{one.base:.4f}", f"{one.new:.4f}", f"{one.difference:+.4f}") for one in moved]
    _some(console, "documents that moved", ("document", "base", "new", "difference"), rows, most)
    changes = [change_row(one) for one in found.changes]
    _some(console, "leaves", ("", "document", "line", "field", "gold", "base", "new"), changes, most)
    for line in found.faults:
        console.print(Text(f"not comparable as a gate: {line}"), soft_wrap=True)
    for name in found.left_out:
        console.print(Text(f"left out: {name}"), soft_wrap=True)


def _some(console: Console, title: str, heads: Sequence[str], rows: Sequence[Row], most: int) -> None:
    if rows:
        console.print(_table(title, heads, rows[:most]))
    if len(rows) > most:
        console.print(Text(f"and {len(rows) - most} more: the page and the JSON have all of them"))


def _table(title: str, heads: Iterable[str], rows: Iterable[Row]) -> Table:
    out = Table(title=Text(title), title_justify="left")
    for i, head in enumerate(heads):
        out.add_column(head, justify="left" if i == 0 else "default", overflow="fold")
    for row in rows:
        out.add_row(*map(Text, row))
    return out
