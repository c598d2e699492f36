"""What a run leaves behind: one file that scores, comparisons, gates and pages are made from.

Only leaves that are not simply right are kept one by one; the right ones are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractor.errors import InputError
from extractor.evaluation.datasets import first_fault
from extractor.evaluation.gold import GUIDE

SCHEMA = 1
SCORER = 2  # raised whenever the same report against the same gold could score otherwise
MISSING = ("wrong", "missed", "invalid_missed")
INVENTING = ("wrong", "invented", "invalid")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LeafRecord(_Record):
    """One leaf that is not right, or right and not at its place; `line` counts from 1 in the source."""

    field: str
    verdict: str
    tags: tuple[str, ...] = ()
    gold: str | None = None
    got: str | None = None
    gold_at: str | None = None
    got_at: str | None = None
    place: str = "unknown"
    line: int | None = None
    got_line: int | None = None
    wrong_figure: bool = Field(False, description="a wrong figure that stands in evidence")
    disputed: bool = Field(False, description="the readings differ on it, and the result says so")


class Usage(_Record):
    """What one document took. `cost` is None where a price is unknown, and nothing was to pay by rules.

    A reading `kept` from an earlier run took it then, and nothing in this run.
    """

    calls: int = 0
    from_ledger: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal | None = None
    currency: str | None = None
    seconds: float = 0.0
    kept: bool = False


class DocumentRecord(_Record):
    """One reading of one document: the count of each verdict by field, and what is not right.

    `plain` is the plain count (right, invented, missed) under its own rules; `placed` how many values are
    right and rest on the place that the gold names, of how many whose place it names.
    """

    name: str
    dataset: str
    sha256: str
    gold: str
    repeat: int = 0
    error: str | None = None
    counts: Mapping[str, Mapping[str, int]]
    plain: tuple[int, int, int]
    placed: tuple[int, int]
    missed_whole: tuple[str, ...] = ()
    invented_whole: tuple[str, ...] = ()
    chunks: int = 0
    lost: tuple[str, ...] = ()
    leaves: tuple[LeafRecord, ...] = ()
    usage: Usage = Usage()

    @property
    def right(self) -> int:
        """Leaves that are right."""
        return sum(own.get("right", 0) for own in self.counts.values())

    @property
    def f1(self) -> float:
        """F1 over the leaves, 0 for a document that failed, 1 where there is no leaf at all."""
        return 0.0 if self.error else f1_of(self.counts.values())

    @property
    def wrong_figures(self) -> tuple[LeafRecord, ...]:
        """Wrong figures that stand in evidence, disputed or not."""
        return tuple(leaf for leaf in self.leaves if leaf.wrong_figure)


class RunRecord(_Record):
    """A run of a suite. `engine` holds what decides a reading; a `deterministic` one cannot vary."""

    schema_: int = Field(SCHEMA, alias="schema")
    suite: str
    about: str
    at: str
    version: str
    guide: int = GUIDE
    scorer: int = SCORER
    split: str
    sealed: bool = False
    deterministic: bool
    margin: float
    publish: bool = True
    engine: Mapping[str, Any]
    documents: tuple[DocumentRecord, ...]

    @property
    def title(self) -> str:
        """The engine in a few words."""
        return engine_words(self.engine)


def f1_of(counts: Any) -> float:
    """F1 of verdict counts; 1 where there is nothing."""
    right = missing = inventing = 0
    for own in counts:
        right += own.get("right", 0)
        missing += sum(own.get(one, 0) for one in MISSING)
        inventing += sum(own.get(one, 0) for one in INVENTING)
    whole = 2 * right + missing + inventing
    return 2 * right / whole if whole else 1.0


def engine_words(engine: Mapping[str, Any]) -> str:
    """An engine's name, with the model, the temperature, the seed and prompts not the newest."""
    if engine.get("engine") == "rules":
        return "rules"
    words = [f"model {engine.get('model')}"]
    if engine.get("replay"):
        words.append("(recorded)")
    for name in ("temperature", "seed"):
        if engine.get(name) is not None:
            words.append(f"{name} {engine[name]}")
    words += [f"{task}={one['version']}" for task, one in engine.get("prompts", {}).items()]
    return " ".join(words)


def dumps(run: RunRecord) -> str:
    """The run as JSON: a line a document and a line a leaf would be too long to read, so indented."""
    return run.model_dump_json(by_alias=True, indent=1, exclude_defaults=False) + "\n"


def loads(path: Path) -> RunRecord:
    """A run's file; raises `InputError`."""
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except ValidationError as error:
        raise InputError(f"{path}: not a run of extractor eval ({first_fault(error)})") from error
