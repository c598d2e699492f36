"""A short table of what was found in one document, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.result import Extraction

_NAMES = {"json": "JSON", "html": "page", "xlsx": "workbook", "md": "Markdown"}


def table(extraction: Extraction, paths: Sequence[Path]) -> None:
    """Print the counts and where the files lie, to standard error."""
    report = extraction.report
    indicators = [*report.indicators, *(one for task in report.tasks for one in task.indicators)]
    rows = (
        ("budget lines", len(report.budget)),
        ("tasks", len(report.tasks)),
        ("indicators", len(indicators)),
        ("projects", len(report.projects)),
        ("problems", len(report.problems)),
        ("measures", len(report.measures)),
    )
    out = Table(
        title=Text(f"{report.department or extraction.document.name} {report.fiscal_year or ''}"),
        title_justify="left",
    )
    out.add_column("found")
    out.add_column("number", justify="right")
    for name, count in rows:
        out.add_row(name, str(count))
    total = len(extraction.evidence) + len(extraction.ungrounded)
    out.add_row("values grounded", f"{len(extraction.evidence)} of {total} ({extraction.grounded_share:.1%})")
    out.add_row("in conflict", str(len(extraction.conflicts)))
    if extraction.doubtful:
        out.add_row("to be looked at", str(len(extraction.doubtful)))
    console = Console(stderr=True, highlight=False)
    console.print(out)
    for path in paths:
        console.print(Text(f"{_NAMES[path.suffix.lstrip('.')]:9}{path}"), soft_wrap=True)
