"""What `extractor --help` costs beside importing typer alone.

python -m benchmarks.startup
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15


def seconds(*words: str) -> float:
    """Wall time of one interpreter run."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Both in turn, so that whatever else the machine does weighs on both; the medians' ratio."""
    pairs = [
        (seconds("-m", "extractor.cli.main", "--help"), seconds("-c", "import typer")) for _ in range(ROUNDS)
    ]
    ours, typer = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"extractor --help {ours * 1000:.0f} ms, import typer {typer * 1000:.0f} ms: {ours / typer:.2f} times"
    )


if __name__ == "__main__":
    main()
