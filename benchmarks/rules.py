"""The rules engine: documents a second on one core, and whether memory grows with their number.

    python -m benchmarks.rules

Each measurement runs in a process of its own; the documents are the real corpus where it is beside the
project and the samples, over and over. The ratio of the two peaks is the figure to look at.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from benchmarks.values import folders


def read(count: int) -> None:
    """Read `count` documents to JSON; print seconds of CPU and the peak of resident memory in kB."""
    from extractor.engines.rules.engine import RulesEngine
    from extractor.extraction import extract
    from extractor.ingest.text import document
    from extractor.render.json import dumps

    paths = [path for folder in folders() for path in sorted(folder.glob("*.txt"))]
    engine = RulesEngine()
    began = time.process_time()
    for i in range(count):
        path = paths[i % len(paths)]
        dumps(extract(document(path.read_bytes(), path.name), engine))
    print(count, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main() -> None:
    """Read 100 and 1,000 documents, each in its own process, and print the ratios."""
    if len(sys.argv) > 1:
        read(int(sys.argv[1]))
        return
    peaks: dict[int, float] = {}
    for count in (100, 1000):
        command = [sys.executable, "-m", "benchmarks.rules", str(count)]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        seconds, peaks[count] = float(words[1]), float(words[2])
        print(
            f"{count:5} documents: {count / seconds:6.1f} a second of CPU, peak {peaks[count] / 1024:6.1f} MB"
        )
    print(f"peak at 1,000 ÷ peak at 100: {peaks[1000] / peaks[100]:.3f}")


if __name__ == "__main__":
    main()
