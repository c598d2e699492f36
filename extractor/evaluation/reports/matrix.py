"""Many runs of one suite side by side: each against the first, and each document under each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.evaluation.comparing import compared
from extractor.evaluation.records import RunRecord
from extractor.evaluation.reports.words import wrong_words
from extractor.evaluation.scores import by_document, scores
from extractor.evaluation.statistics import holm

_HEADS = (
    "run", "mean F1", "95%", "micro F1", "against the first", "p by Holm", "wrong and grounded", "failed",
    "chunks lost", "calls / tokens", "cost", "p50 s",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One run under its label."""

    label: str
    run: RunRecord


def show_matrix(console: Console, rows: Sequence[Row]) -> None:
    """Print the runs, then the documents."""
    for heads, lines in _tables(rows):
        out = Table()
        for head in heads:
            out.add_column(head, overflow="fold")
        for line in lines:
            out.add_row(*map(Text, line))
        console.print(out)


def matrix_markdown(rows: Sequence[Row]) -> str:
    """The same as Markdown."""
    parts = []
    for heads, lines in _tables(rows):
        table = [heads, ["---"] * len(heads), *lines]
        parts.append("\n".join("| " + " | ".join(line) + " |" for line in table))
    return "\n\n".join(parts) + "\n"


def _tables(rows: Sequence[Row]) -> list[tuple[Sequence[str], list[list[str]]]]:
    return [(_HEADS, _runs(rows)), (("document", *(row.label for row in rows)), _documents(rows))]


def _runs(rows: Sequence[Row]) -> list[list[str]]:
    against = {row.label: compared(rows[0].run, row.run) for row in rows[1:]}
    ps = holm({label: one.paired.p for label, one in against.items()})
    out = []
    for row in rows:
        own = scores(row.run)
        found = against.get(row.label)
        out.append(
            [
                row.label,
                f"{own.mean:.4f}",
                f"{own.low:.4f} to {own.high:.4f}",
                f"{own.micro.f1:.4f}",
                f"{found.paired.mean:+.4f} ({found.decision})" if found else "",
                f"{ps[row.label]:.4f}" if found else "",
                wrong_words(own),
                str(own.failed),
                f"{own.lost} of {own.chunks}",
                f"{own.calls} / {own.tokens}",
                own.cost,
                f"{own.p50:.2f}",
            ]
        )
    return out


def _documents(rows: Sequence[Row]) -> list[list[str]]:
    known = [by_document(row.run) for row in rows]
    return [
        [key, *(f"{fmean(one.f1 for one in own[key]):.4f}" if key in own else "" for own in known)]
        for key in known[0]
    ]
