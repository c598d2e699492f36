"""A run or a comparison as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from extractor.evaluation.comparing import Comparison
from extractor.evaluation.gating import Gate
from extractor.evaluation.records import RunRecord
from extractor.evaluation.reports.words import (
    Row,
    change_row,
    difference,
    gate_words,
    group_row,
    headline,
    leaf_row,
    shares,
    sides,
    verdict,
    warnings,
)
from extractor.evaluation.scores import Scores

_MOST = 200
_LEAVES = ("document", "line", "field", "verdict", "gold", "got")


def run_markdown(run: RunRecord, found: Scores) -> str:
    """A run."""
    rows = [(one.name, f"{one.f1:.4f}", one.error or "") for one in run.documents]
    wrong = [leaf_row(one.name, leaf) for one in run.documents for leaf in one.leaves]
    return _joined(
        f"# {run.suite}",
        run.about,
        _table(("", ""), headline(run, found)),
        "## By group",
        _table(("group", "P", "R", "F1", "gold"), shares(found, fields=False)),
        "## By field",
        _table(("field", "P", "R", "F1", "gold"), shares(found, fields=True)),
        "## Documents",
        _table(("document", "F1", "error"), rows),
        "## Not right",
        *_some(_LEAVES, wrong),
    )


def comparison_markdown(found: Comparison, gate: Gate | None = None) -> str:
    """A comparison, and the gate over it if there is one."""
    moved = sorted(found.documents, key=lambda one: one.difference)
    rows = [(one.name, f"{one.base:.4f}", f"{one.new:.4f}", f"{one.difference:+.4f}") for one in moved]
    heads = ("", "document", "line", "field", "gold", "base", "new")
    return _joined(
        f"# {found.new.suite}: {verdict(found)}",
        "\n".join(f"- {name}: {_cell(run.title)} ({run.at})" for name, run in _runs(found)),
        *(["\n".join(f"- {_cell(line)}" for line in gate_words(gate))] if gate else []),
        *(["\n".join(f"- {_cell(line)}" for line in warnings(found))] if warnings(found) else []),
        _table(("", "base", "new"), sides(found)),
        _table(("", ""), difference(found.paired)),
        "## By group",
        _table(("group", "difference", "95%", "p by Holm", "+ / −"), map(group_row, found.groups)),
        "## Documents",
        _table(("document", "base", "new", "difference"), rows),
        "## What got better (+), worse (−), or wrong in another way (≠)",
        *_some(heads, [change_row(one) for one in found.changes]),
        *(["Left out: " + ", ".join(map(_cell, found.left_out))] if found.left_out else []),
    )


def _runs(found: Comparison) -> tuple[tuple[str, RunRecord], ...]:
    return ("base", found.base), ("new", found.new)


def _some(heads: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    yield _table(heads, rows[:_MOST]) if rows else "Nothing."
    if len(rows) > _MOST:
        yield f"And {len(rows) - _MOST} more."


def _table(heads: Sequence[str], rows: Iterable[Row]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    """A text that stays what it is inside a table: what a document says is never markup."""
    safe = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join("\\" + c if c in "\\|`*_[]~" else c for c in safe)


def _joined(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
