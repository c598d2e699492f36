"""Scoring readings: extractions against their gold, and suites that go on where they stopped."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from extractor.document import Document
from extractor.evaluation.comparison import compare
from extractor.evaluation.gold import Gold, Spans
from extractor.evaluation.leaves import Comparison, Leaf
from extractor.evaluation.likeness import Count, counts
from extractor.evaluation.records import SCORER, DocumentRecord, LeafRecord, Usage
from extractor.evaluation.values import blank
from extractor.result import Extraction

_FIGURES = frozenset(
    {"figure", "unit", "year", "operator", "scale", "sign", "rounding", "swapped", "misplaced"}
)
Outcome = Extraction | Exception
Done = Callable[[int, Outcome], None]


class Reader(Protocol):
    """Reads documents and hands over each with its number, in any order, as soon as it is read."""

    def read(self, documents: Sequence[Document], repeat: int, done: Done) -> None:
        """Read them all; a document that fails is handed over as its exception."""


@dataclass(frozen=True)
class Task:
    """One labelled document of a dataset, to be read once."""

    dataset: str
    gold: Gold
    repeat: int

    def key(self, engine: Mapping[str, Any]) -> str:
        """What decides the record of this reading."""
        decides = [
            self.gold.fingerprint,
            self.dataset,
            self.gold.name,
            self.repeat,
            SCORER,
            code(),
            dict(engine),
        ]
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:32]


class Store:
    """Records of readings that were finished, a file each; a broken one counts as none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> DocumentRecord | None:
        """The record under a key."""
        with suppress(OSError, ValidationError):
            return DocumentRecord.model_validate_json((self.folder / f"{key}.json").read_bytes())
        return None

    def put(self, key: str, record: DocumentRecord) -> None:
        """Keep a record that reading again would not change: nothing failed in it."""
        if record.error is None and not record.lost:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / f"{key}.part"
            part.write_text(record.model_dump_json(), "utf-8")
            part.replace(self.folder / f"{key}.json")


def scored(
    tasks: Sequence[Task], engine: Mapping[str, Any], reader: Reader, store: Store, fresh: bool = False
) -> list[DocumentRecord]:
    """The record of every task, in order; what the store holds is not read again unless `fresh`."""
    keys = [task.key(engine) for task in tasks]
    kept = {} if fresh else {i: held for i, key in enumerate(keys) if (held := store.get(key)) is not None}
    found = {
        i: one.model_copy(update={"usage": one.usage.model_copy(update={"kept": True})})
        for i, one in kept.items()
    }
    for repeat in sorted({task.repeat for task in tasks}):
        left = [i for i, task in enumerate(tasks) if task.repeat == repeat and i not in found]

        def done(number: int, outcome: Outcome, left: Sequence[int] = left) -> None:
            at = left[number]
            found[at] = record_of(tasks[at], outcome)
            store.put(keys[at], found[at])

        if left:
            reader.read([tasks[i].gold.document for i in left], repeat, done)
    return [found[i] for i in range(len(tasks))]


def record_of(task: Task, outcome: Outcome) -> DocumentRecord:
    """The record of one reading."""
    gold = task.gold
    failed = isinstance(outcome, Exception)
    extraction = None if isinstance(outcome, Exception) else outcome
    report = extraction.report.model_dump() if extraction else {}
    places = _places(extraction) if extraction else {}
    result = compare(gold.report, report, gold.known_places, places)
    disputed = {one.pointer for one in extraction.conflicts} if extraction else set[str]()
    return DocumentRecord(
        name=gold.name,
        dataset=task.dataset,
        sha256=gold.document.sha256,
        gold=gold.fingerprint,
        repeat=task.repeat,
        error=f"{type(outcome).__name__}: {outcome}" if failed else None,
        counts=counts_of(result),
        plain=_plain(gold.report, report),
        placed=_placed(result, gold),
        missed_whole=tuple(one.at for one in result.whole if one.kind == "missed"),
        invented_whole=tuple(one.at for one in result.whole if one.kind == "invented"),
        chunks=len(extraction.coverage["chunks"]) if extraction else 0,
        lost=tuple(reason for _, _, reason in extraction.lost) if extraction else (),
        leaves=tuple(_kept(result, gold, places, disputed)),
        usage=_usage(extraction) if extraction else Usage(),
    )


def _places(extraction: Extraction) -> dict[str, Spans]:
    return {at: tuple((e.start, e.end) for e in own) for at, own in extraction.evidence.items()}


def counts_of(result: Comparison) -> dict[str, dict[str, int]]:
    """The verdicts by field; an invalid value that stands for something labelled is also `invalid_missed`."""
    out: dict[str, dict[str, int]] = {}
    for leaf in result.leaves:
        own = out.setdefault(f"{leaf.group}:{leaf.field}", {})
        own[leaf.verdict] = own.get(leaf.verdict, 0) + 1
        if leaf.verdict == "invalid" and leaf.misses:
            own["invalid_missed"] = own.get("invalid_missed", 0) + 1
    return out


def _plain(gold: Mapping[str, Any], report: Mapping[str, Any]) -> tuple[int, int, int]:
    total = Count()
    for one in counts(gold, report).values():
        total += one
    return total.right, total.invented, total.missed


def _placed(result: Comparison, gold: Gold) -> tuple[int, int]:
    places = gold.known_places
    known = [leaf for leaf in result.leaves if leaf.gold_at in places and not blank(leaf.gold)]
    return sum(leaf.verdict == "right" and leaf.place == "right" for leaf in known), len(known)


def _kept(
    result: Comparison, gold: Gold, places: Mapping[str, Spans], disputed: set[str]
) -> Iterator[LeafRecord]:
    starts = [line.start for line in gold.document.lines]
    for leaf in result.leaves:
        if leaf.verdict != "right" or leaf.place == "elsewhere":
            yield LeafRecord(
                field=leaf.field,
                verdict=leaf.verdict,
                tags=leaf.tags,
                gold=_text(leaf.gold),
                got=_text(leaf.got),
                gold_at=leaf.gold_at,
                got_at=leaf.got_at,
                place=leaf.place,
                line=_line(starts, gold.known_places.get(_printed(leaf.gold_at))),
                got_line=_line(starts, places.get(_printed(leaf.got_at))),
                wrong_figure=_in_evidence(leaf, places),
                disputed=leaf.got_at in disputed,
            )


def _printed(pointer: str | None) -> str:
    """The pointer of the text by which a leaf is found in the source: of a link that of its measure."""
    return re.sub(r"/addresses/\d+$", "/text", pointer or "")


def _in_evidence(leaf: Leaf, places: Mapping[str, Spans]) -> bool:
    """Whether a wrong figure stands in evidence; a cell of the right figures in other words is none."""
    worded = leaf.kind == "cell" and leaf.verdict == "wrong" and not _FIGURES & set(leaf.tags)
    return leaf.invents and leaf.figure and leaf.got_at in places and not worded


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _line(starts: Sequence[int], spans: Spans | None) -> int | None:
    return bisect_right(starts, spans[0][0]) if spans else None


def _usage(extraction: Extraction) -> Usage:
    run = extraction.run
    usage, cost = run.get("usage") or {}, run.get("cost") or {}
    return Usage(
        calls=usage.get("calls", 0),
        from_ledger=usage.get("from_ledger", 0),
        prompt_tokens=usage.get("prompt_tokens", 0),
        completion_tokens=usage.get("completion_tokens", 0),
        cost=cost.get("amount"),
        currency=cost.get("currency"),
        seconds=run["seconds"],
    )


_SCORING = (
    *("wording.py", "folding.py", "fundlines.py", "quantities.py"),
    *(
        f"evaluation/{name}.py"
        for name in ("alignment", "comparison", "leaves", "placing", "shape", "values")
    ),
)


@cache
def scoring_code() -> str:
    """A hash of the code that decides what a report scores."""
    root = Path(str(files("extractor")))
    return hashlib.sha256(b"\0".join((root / name).read_bytes() for name in _SCORING)).hexdigest()[:16]


@cache
def code() -> str:
    """A hash of everything in the package that decides a reading or its score."""
    digest = hashlib.sha256()
    root = Path(str(files("extractor")))
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".toml") and path.parent.name not in ("cli", "render"):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
