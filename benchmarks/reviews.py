"""All checks on one report, a draft of it, and a digest over many results: time and memory.

python -m benchmarks.reviews [RESULTS]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from extractor.checks.case import Case, case_of
from extractor.checks.matching import judged
from extractor.checks.registry import findings
from extractor.quantities import parse
from extractor.render.json import dumps
from extractor.reviewing.composing import Material, composed
from tests.conftest import CORPUS, SAMPLES, UNSEEN, labelled


def main() -> None:
    """The checks and the drafts one by one, then the digests, each in a process of its own."""
    extractions = [one.extraction() for folder in (SAMPLES, UNSEEN, CORPUS) for one in labelled(folder)]
    cases = [case_of(one) for one in extractions]
    for case in cases:
        findings(case)
    checked, drafted = [], []
    for case in cases:
        parse.cache_clear()
        judged.cache_clear()
        fresh = Case(case.report, case.text, case.places, conflicts=case.conflicts)
        began = time.perf_counter()
        found = findings(fresh)
        checked.append(time.perf_counter() - began)
        began = time.perf_counter()
        composed(Material(fresh, found, "x", ""))
        drafted.append(time.perf_counter() - began)
    print(f"all checks on one report: {_ms(checked)}; its draft: {_ms(drafted)} ({len(cases)} reports)")
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        paths = _copies(Path(folder), [dumps(one) for one in extractions], most)
        for number in (most // 10, most):
            seconds, peak = _digest(paths[:number], Path(folder) / "d.html")
            print(f"a digest over {number} results: {seconds:.1f} s, {peak} MB at most")


def _ms(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2] * 1000:.1f} ms in the middle, {ordered[-1] * 1000:.1f} at most"


def _copies(folder: Path, texts: list[str], most: int) -> list[Path]:
    """So many results under names of their own."""
    out = []
    for i in range(most):
        data = json.loads(texts[i % len(texts)])
        data["document"]["name"] = f"{i}.txt"
        out.append(folder / f"{i}.json")
        out[-1].write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return out


def _digest(paths: list[Path], output: Path) -> tuple[float, int]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "extractor.cli.main", "summarize", "--digest", "--engine", "rules"]
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    words = [sys.executable, "-c", code, *command, *map(str, paths), "-o", str(output)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return time.perf_counter() - began, int(done.stdout)


if __name__ == "__main__":
    main()
