"""The scorer beside its peers on the same pairs of reports, and what running a suite again takes.

python -m benchmarks.evaluation [peers|rerun|statistics]

Every report has all fields; in the one that is scored, items stand in another order, three results in ten are
wrong and some names are altered. Ours is timed with its caches empty, verdicts, tags and pairs included. The
peers get the same reports and a schema of their own kind; what they compute is in evals/README.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import simplejson

from extractor import wording as texts
from extractor.evaluation import values
from extractor.evaluation.comparison import compare
from extractor.evaluation.statistics import interval, paired, reach, t_interval
from tests import reports
from tests.reports import Report

SIZES = ((10, 10), (100, 20))
_ROOT = Path(__file__).resolve().parent.parent


def pair(tasks: int, inside: int) -> tuple[Report, Report]:
    """A report of so many tasks with so many indicators each, and a reading of it with faults."""
    random = Random(7)
    gold = reports.report(random)
    gold["tasks"] = [reports.task(random, inside) for _ in range(tasks)]
    got = reports.altered(gold, random, 0)
    random.shuffle(got["tasks"])
    for task in got["tasks"]:
        random.shuffle(task["indicators"])
        for one in task["indicators"]:
            if random.random() < 0.3:
                one["actual"] = reports.cell(random)
            if random.random() < 0.1:
                one["name"] = one["name"][:-1] + "处"
    return gold, got


def timed(work: Callable[[], Any], times: int) -> float:
    """The best of so many runs, in seconds."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def ours(gold: Report, got: Report) -> Any:
    """One comparison from scratch."""
    for cached in (texts.plain, texts.figures, values.operator):
        cached.cache_clear()
    return compare(gold, got)


def peers() -> None:
    """Each pair by each scorer; stickler is left out where it takes a quarter of an hour."""
    for tasks, inside in SIZES:
        gold, got = pair(tasks, inside)
        own = timed(lambda gold=gold, got=got: ours(gold, got), 7)
        print(f"{tasks} × {inside} indicators, {len(compare(gold, got).leaves)} leaves: {own * 1000:.1f} ms")
        held = [json.loads(simplejson.dumps(one, use_decimal=True)) for one in (gold, got)]
        known = {"omni-extract-bench": _omni, "stickler-eval": _stickler if tasks <= 10 else None}
        for name, scorer in known.items():
            if scorer is None:
                print(f"  {name}: not run at this size")
                continue
            try:
                seconds = timed(lambda scorer=scorer, held=held: scorer(*held), 1)
            except ImportError:
                print(f"  {name} is not installed here: make bench")
                continue
            print(f"  {name} {seconds * 1000:.0f} ms: {seconds / own:.0f} times ours")


def _omni(gold: Report, got: Report) -> Any:
    from omni_extract_bench import score

    return score(got, gold, {"type": "object"})


def _stickler(gold: Report, got: Report) -> Any:
    from benchmarks.stickler_report import Report as Model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Model.from_json(gold).compare_with(Model.from_json(got), include_confusion_matrix=True)


def rerun() -> None:
    """A suite run again where nothing changed: seconds and calls."""
    with tempfile.TemporaryDirectory() as folder:
        for suite in ("samples-rules", "samples-recorded"):
            command = [sys.executable, "-m", "extractor.cli.main", "eval", "run", suite, "-o", folder]
            times = []
            for _ in range(4):
                began = time.perf_counter()
                done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
                times.append(time.perf_counter() - began)
            said = "made calls" if "calls" in done.stderr else "no call"
            print(f"{suite}: first {times[0]:.2f} s, again {min(times[1:]):.2f} s, {said}")


def statistics(runs: int = 4000) -> None:
    """Coverage of the intervals and false positives where nothing differs, by the number of documents."""
    rng = np.random.default_rng(1)
    draws: dict[str, Callable[[tuple[int, int]], Any]] = {
        "normal": lambda shape: rng.normal(0, 0.03, shape),
        "exponential": lambda shape: 0.03 * (rng.exponential(1, shape) - 1),
        "most unchanged": lambda shape: 0.03 * ((rng.random(shape) < 0.6) * rng.exponential(1, shape) - 0.6),
    }
    print(f"{'differences':16}{'n':>4}{'t interval':>12}{'ours':>8}{'false positives':>17}  ({runs} draws)")
    for name, draw in draws.items():
        for n in (5, 6, 8, 12, 20, 30, 50):
            rows = [list(row) for row in draw((runs, n))]
            plain = sum(low <= 0 <= high for low, high in map(t_interval, rows)) / runs
            ends = [interval(row) for row in rows]
            own = sum(low <= 0 <= high for low, high in ends) / runs
            suspects = [row for row, (low, high) in zip(rows, ends, strict=True) if not low <= 0 <= high]
            found = sum(paired(row).decision != "undecided" for row in suspects) / runs
            print(f"{name:16}{n:>4}{plain:>12.3f}{own:>8.3f}{found:>17.3f}")


def power(runs: int = 1000) -> None:
    """How often a difference as large as said to be seen is seen, by the rule that decides."""
    rng = np.random.default_rng(2)
    print(f"{'n':>4}{'in standard deviations':>24}{'seen':>8}  ({runs} draws)")
    for n in (6, 7, 8, 9, 10, 12, 14, 16):
        rows = rng.normal(reach(n), 1.0, (runs, n)) * 0.01
        seen = sum(paired(list(row)).decision == "better" for row in rows) / runs
        print(f"{n:>4}{reach(n):>24.3f}{seen:>8.3f}")


PARTS = {"peers": peers, "rerun": rerun, "statistics": statistics, "power": power}


def main() -> None:
    """The parts asked for, else all of them."""
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()


if __name__ == "__main__":
    main()
