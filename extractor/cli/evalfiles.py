"""The files that the evals write: runs and comparisons in every format, and the history of a suite."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.cli.outputs import writable_folder, write
from extractor.document import Document
from extractor.errors import InputError
from extractor.evaluation.comparing import Comparison, compared
from extractor.evaluation.datasets import dataset
from extractor.evaluation.gating import gated
from extractor.evaluation.records import RunRecord, dumps
from extractor.evaluation.running import code
from extractor.evaluation.scores import as_dict, scores
from extractor.ingest.limits import Limits
from extractor.ingest.reading import document

if TYPE_CHECKING:
    from extractor.evaluation.reports.page import Point

RUN_FORMATS = ("json", "html", "md", "junit")
_HISTORY = "history.jsonl"
_MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Place:
    """Where the evals lie, where files go, and the name that a run was given."""

    root: Path
    output: Path
    name: str | None = None


def read(path: Path) -> Document:
    """A document of a dataset."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    return document(data, path.name, Limits(text_bytes=_MAX_BYTES))


def formats_of(asked: Sequence[str]) -> tuple[str, ...]:
    """JSON and what was asked for; raises `InputError` for a format that is not known."""
    unknown = [one for one in asked if one not in RUN_FORMATS]
    if unknown:
        raise InputError(f"--format takes any of {','.join(RUN_FORMATS)}, not {unknown[0]}")
    return tuple(dict.fromkeys(("json", *asked)))


def run_files(place: Place, record: RunRecord, base: RunRecord | None, formats: Sequence[str]) -> list[Path]:
    """Write the run in every format, and its line in the history; gives the paths."""
    writable_folder(place.output)
    name = place.name or _free(place.output, f"{record.suite}-{_digest(record)}", record)
    earlier = _kept_history(place.output, record)
    found = compared(base, record) if base else None
    made = {
        "json": lambda: dumps(record),
        "html": lambda: page_of(place.root, record, found, earlier),
        "md": lambda: markdown_of(record, found),
        "junit": lambda: junit_of(record, found),
    }
    paths = []
    for kind in formats:
        path = place.output / f"{name}.{'xml' if kind == 'junit' else kind}"
        write(path, made[kind]().encode())
        paths.append(path)
    return paths


def _free(folder: Path, name: str, record: RunRecord) -> str:
    """The name, or the next one where a model was asked anew: the run before stays to compare with."""
    if record.deterministic or all(one.usage.kept for one in record.documents):
        return name
    return next(
        own for n in count(1) if not (folder / f"{(own := name if n == 1 else f'{name}-{n}')}.json").exists()
    )


def _digest(record: RunRecord) -> str:
    """What tells a run from others of its suite: engine, prompts, split and code."""
    decides = json.dumps([dict(record.engine), record.split, code()], sort_keys=True, default=str)
    return hashlib.sha256(decides.encode()).hexdigest()[:6]


def page_of(root: Path, record: RunRecord, found: Comparison | None, earlier: Sequence[Point] = ()) -> str:
    """The page of a run, a comparison on it if there is one."""
    from extractor.evaluation.reports.page import Beside, page

    gate = gated(found) if found else None
    return page(record, Beside(found, gate, _sources(root, record), earlier))


def markdown_of(record: RunRecord, found: Comparison | None) -> str:
    """A run, or a comparison, as Markdown."""
    from extractor.evaluation.reports.markdown import comparison_markdown, run_markdown

    return comparison_markdown(found, gated(found)) if found else run_markdown(record, scores(record))


def junit_of(record: RunRecord, found: Comparison | None) -> str:
    """A run, or the gate over a comparison, as JUnit XML."""
    from extractor.evaluation.reports.junit import gate_junit, run_junit

    return gate_junit(found, gated(found)) if found else run_junit(record)


def _sources(root: Path, record: RunRecord) -> dict[str, list[str]]:
    """The lines of the run's documents, those that are here and unchanged, by hash."""
    wanted = {one.sha256 for one in record.documents}
    out: dict[str, list[str]] = {}
    for name in {one.dataset for one in record.documents}:
        try:
            golds = list(dataset(root, name).golds(read, "all"))
        except InputError:
            continue  # the page then shows the values without their source
        for gold in golds:
            if gold.document.sha256 in wanted:
                text = gold.document.text
                out[gold.document.sha256] = [text[line.start : line.end] for line in gold.document.lines]
    return out


def _kept_history(folder: Path, record: RunRecord) -> list[Point]:
    """The earlier runs of the suite and this one, which is added to the file if anything is new."""
    from extractor.evaluation.reports.page import Point

    own = scores(record)
    point = Point(record.at, f"{record.version} {code()}", record.title, own.mean, own.low, own.high)
    path, points = folder / _HISTORY, _history(folder, record)
    if not points or (points[-1].title, points[-1].version) != (point.title, point.version):
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        entry = json.dumps({"of": _history_key(record), "point": vars(point)}, ensure_ascii=False)
        write(path, "".join(f"{line}\n" for line in [*lines, entry]).encode())
        points.append(point)
    return points


def _history(folder: Path, record: RunRecord) -> list[Point]:
    """The runs of a suite against the same gold, by the same scorer, that a folder knows of."""
    from extractor.evaluation.reports.page import Point

    path, key = folder / _HISTORY, _history_key(record)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [Point(**one["point"]) for line in lines if (one := json.loads(line))["of"] == key]


def _history_key(record: RunRecord) -> list[Any]:
    """What two runs must share to be points of one line."""
    gold = sorted({f"{one.dataset}/{one.name} {one.gold}" for one in record.documents})
    return [
        record.suite,
        record.split,
        record.scorer,
        hashlib.sha256("\n".join(gold).encode()).hexdigest()[:12],
    ]


def comparison_files(
    root: Path, output: Path, found: Comparison, formats: Sequence[str], name: str
) -> Iterator[Path]:
    """Write a comparison in every format under a name; gives the paths."""
    writable_folder(output)
    made = {
        "json": lambda: json.dumps(_comparison_json(found), ensure_ascii=False, indent=1, default=str) + "\n",
        "html": lambda: page_of(root, found.new, found, _history(output, found.new)),
        "md": lambda: markdown_of(found.new, found),
        "junit": lambda: junit_of(found.new, found),
    }
    for kind in formats:
        path = output / f"{name}.{'xml' if kind == 'junit' else kind}"
        write(path, made[kind]().encode())
        yield path


def _comparison_json(found: Comparison) -> dict[str, Any]:
    return {
        "base": {"title": found.base.title, "scores": as_dict(scores(found.base))},
        "new": {"title": found.new.title, "scores": as_dict(scores(found.new))},
        "decision": found.decision,
        "paired": asdict(found.paired),
        "groups": {one.name: {**asdict(one.paired), "adjusted": one.adjusted} for one in found.groups},
        "documents": [{**asdict(one), "difference": one.difference} for one in found.documents],
        "changes": [
            {
                "document": one.document, "field": one.field, "effect": one.effect, "gold": one.gold,
                "line": one.line, "base": one.base and one.base.model_dump(),
                "new": one.new and one.new.model_dump(),
            }
            for one in found.changes
        ],
        "left_out": found.left_out,
        "not_comparable": found.faults,
    }  # fmt: skip
