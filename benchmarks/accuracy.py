"""Plain F1 (texts by likeness alone) of the rules on every labelled document, and how much is grounded.

python -m benchmarks.accuracy
"""

from __future__ import annotations

from benchmarks.values import folders
from extractor.evaluation.likeness import Count
from tests.conftest import labelled, plain_count


def main() -> None:
    """One line a document, then the pooled figure of each folder."""
    for folder in folders():
        total = Count()
        for one in labelled(folder):
            extraction = one.extraction()
            tally = plain_count(one.report, extraction.report.model_dump())
            total += tally
            print(f"{one.path.stem:16} F1 {tally.f1:.3f}  grounded {extraction.grounded_share:.3f}")
        print(f"{folder.name}: micro F1 {total.f1:.4f}, {total.right + total.missed} leaves in the gold\n")


if __name__ == "__main__":
    main()
