"""`extractor eval`: suites run, runs compared, gated and shown, gold checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.cli.evalfiles import Place, comparison_files, formats_of, junit_of, read, run_files
from extractor.cli.outputs import writable_folder, write
from extractor.cli.settings import settings
from extractor.errors import IncompleteRun, InputError, Refused
from extractor.evaluation.comparing import compared
from extractor.evaluation.datasets import SEALED, Dataset, dataset, names
from extractor.evaluation.gating import Gate, gated
from extractor.evaluation.records import RunRecord, dumps, loads
from extractor.evaluation.running import Reader, Store, Task, scored
from extractor.evaluation.scores import scores
from extractor.evaluation.suites import Suite, datasets_of, suite
from extractor.version import VERSION

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Order:
    """What `eval run` was asked for; `flags` are those of the model engine by the setting's name."""

    suite: str
    root: Path
    output: Path
    formats: tuple[str, ...]
    name: str | None = None
    split: str | None = None
    sealed: bool = False
    repeats: int | None = None
    engine: str | None = None
    baseline: str | None = None
    fresh: bool = False
    quiet: bool = False
    flags: Mapping[str, Any] = field(default_factory=dict)
    wishes: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None


def run(order: Order) -> RunRecord:
    """Run a suite, write its files and print its table; raises `Refused` where a baseline's gate does.

    Raises `IncompleteRun` where a document failed or lost a part; it is scored with what was read.
    """
    formats = formats_of(order.formats)
    name, given, folder = suite(order.root, order.suite)
    record = _record(order, name, given, folder)
    base = _loaded(order.root, order.baseline) if order.baseline else None
    written = run_files(Place(order.root, order.output, order.name), record, base, formats)
    if not order.quiet:
        _show(record, written)
    if base is not None:
        _refuse(gated(compared(base, record)))
    _complete(record)
    return record


def _complete(record: RunRecord) -> None:
    failed = [one for one in record.documents if one.error]
    if failed:
        said = f"{len(failed)} of {len(record.documents)} documents failed and score 0"
        raise IncompleteRun(f"{said}; {failed[0].name}: {failed[0].error}")
    lost = [one for one in record.documents if one.lost]
    if lost:
        said = f"{len(lost)} of {len(record.documents)} documents were read in part"
        raise IncompleteRun(f"{said}; {lost[0].name}: {lost[0].lost[0]}")


def _record(order: Order, name: str, given: Suite, folder: Path) -> RunRecord:
    found = datasets_of(order.root, given)
    split = SEALED if order.sealed else order.split or given.split
    if order.sealed:
        print("scoring the sealed part: do not tune on what it shows", file=sys.stderr)
    repeats = order.repeats or given.repeats
    reader, engine = _reader(order, given, folder)
    tasks = list(_tasks(found, split, 1 if _fixed(engine) else repeats))
    if not tasks:
        raise InputError(f"suite {name}: no document in split {split}")
    store = Store(order.output / ".cache")
    documents = scored(tasks, engine, reader, store, order.fresh)
    return RunRecord(
        schema=1,
        suite=name,
        about=given.about,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=VERSION,
        split=split,
        sealed=split in (SEALED, "all") and any(SEALED in one.card.splits for one in found),
        deterministic=_fixed(engine),
        margin=given.margin,
        publish=all(one.card.publish for one in found),
        engine=engine,
        documents=tuple(documents),
    )


def _fixed(engine: Mapping[str, Any]) -> bool:
    """Whether a reading cannot come out otherwise: the rules, and replies that are replayed."""
    return engine["engine"] == "rules" or engine.get("replay") is not None


def _tasks(found: Sequence[Dataset], split: str, repeats: int) -> Iterator[Task]:
    for one in found:
        golds = list(one.golds(read, split))
        for repeat in range(repeats):
            yield from (Task(one.name, gold, repeat) for gold in golds)


def _reader(order: Order, given: Suite, folder: Path) -> tuple[Reader, Mapping[str, Any]]:
    """The engine of a suite, the command line's wishes first."""
    from extractor.cli.readers import RULES, ModelReader, RulesReader

    engine = order.engine or given.engine
    if engine == "rules":
        return RulesReader(), RULES
    if engine != "model":
        raise InputError(f"--engine takes rules or model, not {engine}")
    prompts = [f"{task}={version}" for task, version in given.prompts.items()]
    own = {"model": given.model, "temperature": given.temperature, "seed": given.seed}
    flags = {**own, **{name: value for name, value in order.flags.items() if value is not None}}
    flags["prompt"] = [*prompts, *(order.flags.get("prompt") or ())]
    wishes = dict(order.wishes)
    if given.replay and not wishes.get("replay") and not order.flags.get("model"):
        wishes["replay"] = folder / given.replay
    if (replay := wishes.get("replay")) and not Path(replay).is_dir():
        raise InputError(f"no recorded replies in {replay}")
    reader = ModelReader(settings(flags, order.config), wishes)
    return reader, reader.identity


def _show(record: RunRecord, paths: Sequence[Path]) -> None:
    from rich.console import Console

    from extractor.evaluation.reports.terminal import show_run

    show_run(Console(highlight=False), record, scores(record))
    for path in paths:
        print(path)


def _loaded(root: Path, name: str) -> RunRecord:
    """A run by its path, or a committed baseline by its name."""
    path = Path(name)
    known = root / "baselines" / f"{name}.json"
    if not path.is_file() and not known.is_file():
        there = ", ".join(sorted(one.stem for one in known.parent.glob("*.json"))) or "none"
        raise InputError(f"no run {name}; baselines that there are: {there}")
    return loads(path if path.is_file() else known)


def compare(
    base: str, new: str, root: Path, output: Path | None, formats: Sequence[str], name: str | None = None
) -> None:
    """Print what two runs show; write it where a folder is given."""
    from rich.console import Console

    from extractor.evaluation.reports.terminal import show_comparison

    wanted = formats_of(formats)
    found = compared(_loaded(root, base), _loaded(root, new))
    if not found.documents:
        raise InputError("the two runs share no document with the same gold")
    show_comparison(Console(highlight=False), found)
    if output is not None:
        stem = name or f"{Path(base).stem}-against-{Path(new).stem}"
        for path in comparison_files(root, output, found, wanted, stem):
            print(path)


def gate(base: str, new: str, root: Path, junit: Path | None) -> None:
    """Print a gate's outcome; raises `Refused` unless it passes."""
    found = compared(_loaded(root, base), _loaded(root, new))
    outcome = gated(found)
    if junit is not None:
        write(junit, junit_of(found.new, found).encode())
    if outcome.outcome == "pass":
        print(f"gate: pass: {'; '.join(outcome.reasons)}")
    _refuse(outcome)


def _refuse(outcome: Gate) -> None:
    if outcome.outcome != "pass":
        raise Refused(f"gate: {outcome.outcome}: {'; '.join(outcome.reasons)}", outcome.exit_code)


def baseline(path: Path, root: Path, name: str | None) -> None:
    """Keep a run as a baseline; what it says of private documents is refused."""
    record = loads(path)
    if not record.publish:
        raise InputError(f"{path}: its documents may not leave this machine, so neither may a baseline")
    target = root / "baselines" / f"{name or record.suite}.json"
    writable_folder(target.parent)
    quiet = tuple(
        one.model_copy(update={"usage": one.usage.model_copy(update={"seconds": 0.0})})
        for one in record.documents
    )
    write(target, dumps(record.model_copy(update={"documents": quiet})).encode())
    print(target)


def validate(asked: Sequence[str], root: Path) -> None:
    """Check the gold files of datasets; raises `Refused` where one has a fault."""
    from extractor.evaluation.validation import faults

    wrong = checked = 0
    for name in asked or names(root):
        found = dataset(root, name)
        if not found.there and not asked:
            print(f"{name}: not on this machine, left out")
            continue
        for path in found.paths():
            checked += 1
            for fault in faults(path, read):
                wrong += 1
                print(f"{path}: {fault}")
    if wrong:
        raise Refused(f"{wrong} faults in {checked} gold files")
    print(f"{checked} gold files, no fault")


def matrix(order: Order, prompts: Sequence[Sequence[str]], models: Sequence[str | None]) -> None:
    """Run a suite with every combination of prompts and models; print and write them side by side."""
    from rich.console import Console

    from extractor.evaluation.reports.matrix import Row, matrix_markdown, show_matrix

    rows = []
    for model in models:
        for prompt in prompts:
            flags = {**order.flags, "prompt": [*(order.flags.get("prompt") or ()), *prompt]}
            one = replace(order, flags=flags | ({"model": model} if model else {}), quiet=True)
            label = " ".join(filter(None, (model, *prompt))) or "as configured"
            print(f"matrix: {label}", file=sys.stderr)
            rows.append(Row(label, _kept(one)))
    show_matrix(Console(highlight=False), rows)
    path = order.output / f"{order.name or order.suite}-matrix.md"
    write(path, matrix_markdown(rows).encode())
    print(path)


def combinations(words: Sequence[str]) -> list[tuple[str, ...]]:
    """TASK=V1,V2 and others → every choice of one version a task; raises `InputError`."""
    if any("=" not in word for word in words):
        raise InputError("--prompts takes TASK=V1,V2")
    tasks = [(word.split("=", 1)[0], word.split("=", 1)[1].split(",")) for word in words]
    return list(product(*([f"{task}={version}" for version in versions] for task, versions in tasks)))


def _kept(order: Order) -> RunRecord:
    """A run of the matrix; one that is incomplete stays in it with what it scored."""
    name, given, folder = suite(order.root, order.suite)
    record = _record(order, name, given, folder)
    run_files(Place(order.root, order.output), record, None, formats_of(order.formats))
    return record
