"""One line for every document of a run, as CSV and JSON, and the journal by which a killed run goes on.

The journal is a file of JSON lines beside the results: what the run was asked for, then one line for each
document as it is finished. It is there while a run is unfinished, and behind one in which documents failed,
so that the same command reads only those again.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from extractor.cli.inputs import Source, readable
from extractor.cli.outputs import write
from extractor.errors import UnwritableOutput
from extractor.result import Extraction

Status = Literal["done", "in part", "duplicate", "skipped", "failed"]
JOURNAL = ".extractor-journal.jsonl"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Row:
    """What became of one document; `result` is its JSON's path below the output folder."""

    input: str
    sha256: str | None = None
    status: Status = "done"
    error: str | None = None
    media_type: str | None = None
    pages: int | None = None
    engine: str | None = None
    department: str | None = None
    fiscal_year: int | None = None
    complete: bool | None = None
    values: int | None = None
    grounded: float | None = None
    conflicts: int | None = None
    doubtful: int | None = None
    errors: int | None = None
    warnings: int | None = None
    notes: int | None = None
    same_as: str | None = None
    result: str | None = None


def row_of(source: Source, extraction: Extraction) -> Row:
    """The line of a document that was read."""
    grades = [one["grade"] for one in extraction.findings]
    document, layout, lost = extraction.document, extraction.document.layout, extraction.lost
    return Row(
        input=source.label,
        sha256=document.sha256,
        status="in part" if lost else "done",
        error=lost[0][2] if lost else None,
        media_type=document.media_type,
        pages=len(layout.pages) or None if layout else None,
        engine=extraction.run["engine"],
        department=extraction.report.department,
        fiscal_year=extraction.report.fiscal_year,
        complete=extraction.coverage["complete"],
        values=len(extraction.evidence) + len(extraction.ungrounded),
        grounded=round(extraction.grounded_share, 4),
        conflicts=len(extraction.conflicts),
        doubtful=len(extraction.doubtful),
        errors=grades.count("E"),
        warnings=grades.count("W"),
        notes=grades.count("I"),
        result=f"{readable(source.stem.as_posix())}.json",
    )


def as_csv(rows: Sequence[Row]) -> bytes:
    """The manifest as CSV in UTF-8 with a mark, as spreadsheet programs want it; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(field.name for field in fields(Row))
    for row in rows:
        writer.writerow(_cell(value) for value in asdict(row).values())
    return out.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Any) -> str:
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_json(rows: Sequence[Row]) -> bytes:
    """The manifest as JSON, with the counts of each status."""
    counts = {status: sum(row.status == status for row in rows) for status in Status.__args__}  # type: ignore[attr-defined]
    held = {"documents": len(rows), "counts": counts, "rows": [asdict(row) for row in rows]}
    return (json.dumps(held, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def write_manifest(folder: Path, rows: Sequence[Row]) -> None:
    """Write both; raises `UnwritableOutput`."""
    write(folder / "manifest.csv", as_csv(rows))
    write(folder / "manifest.json", as_json(rows))


class Journal:
    """The lines of an unfinished run in its output folder; a run that was asked for otherwise starts anew."""

    def __init__(self, folder: Path, asked: Mapping[str, Any], fresh: bool = False) -> None:
        self.path = folder / JOURNAL
        self._head = json.dumps(asked, ensure_ascii=True, sort_keys=True)
        lines = [] if fresh else list(_lines(self.path))
        self.rows: dict[str, Row] = dict(_rows(lines[1:])) if lines and lines[0] == self._head else {}
        try:
            write(
                self.path,
                "".join(f"{line}\n" for line in (self._head, *map(_line, self.rows.values()))).encode(),
            )
            self._file = self.path.open("ab")
        except OSError as error:
            raise UnwritableOutput(f"{self.path}: cannot be written ({error.strerror or error})") from error

    def add(self, row: Row) -> None:
        """Keep a finished document's line, on the disk before this returns; raises `UnwritableOutput`."""
        self.rows[row.input] = row
        try:
            self._file.write(f"{_line(row)}\n".encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise UnwritableOutput(f"{self.path}: cannot be written ({error.strerror or error})") from error

    def close(self, finished: bool) -> None:
        """Close it, and remove it where the run is finished."""
        with suppress(OSError):
            self._file.close()
        if finished:
            self.path.unlink(missing_ok=True)


def kept(row: Row, source: Source, sha256: str, output: Path, formats: Iterable[str]) -> Row | None:
    """A line of an earlier run, None where the document or its results are not what they were."""
    if row.sha256 != sha256:
        return None
    if row.result is not None and not all((output / f"{source.stem}.{kind}").is_file() for kind in formats):
        return None
    return replace(row, input=source.label)


def _line(row: Row) -> str:
    return json.dumps(asdict(row), ensure_ascii=True)


def _lines(path: Path) -> Iterator[str]:
    """The whole lines of a journal; one that was cut off while it was written is not among them."""
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return
    yield from text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]


def _rows(lines: Iterable[str]) -> Iterator[tuple[str, Row]]:
    for line in lines:
        with suppress(ValueError, TypeError):
            row = Row(**json.loads(line))
            yield row.input, row
