"""F1 of the rules engine over the leaves of every labelled document, and the share of values at their place.

python -m benchmarks.accuracy
"""

from __future__ import annotations

from benchmarks.values import folders
from tests.conftest import labelled
from tests.scoring import Tally, score


def main() -> None:
    """One line a document, then the pooled figure of each folder."""
    for folder in folders():
        total = Tally()
        for one in labelled(folder):
            extraction = one.extraction()
            tally = score(one.report, extraction.report.model_dump())
            total.right += tally.right
            total.invented += tally.invented
            total.missed += tally.missed
            print(f"{one.path.stem:16} F1 {tally.f1:.3f}  grounded {extraction.grounded_share:.3f}")
        print(f"{folder.name}: micro F1 {total.f1:.4f}, {total.right + total.missed} leaves in the gold\n")


if __name__ == "__main__":
    main()
