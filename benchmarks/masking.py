"""How much of what is private --mask blacks out, in the samples and the unseen documents.

    python -m benchmarks.masking

Their persons are called 某 and their telephones begin with 0000, so every one of them can be counted. What is
masked beside them is counted too.
"""

from __future__ import annotations

import re

from extractor.folding import folded
from extractor.masking import MASK, masked, private_spans
from tests.conftest import SAMPLES, UNSEEN, labelled

PRIVATE = re.compile(r"[\u4e00-\u9fff]某某?|0000-\d{7}|8000000\d")


def main() -> None:
    """Print recall, and what was masked without being private."""
    found = total = beside = 0
    for one in labelled(SAMPLES) + labelled(UNSEEN):
        document = one.document()
        plain = "".join(same if len(same := folded(c)) == 1 else c for c in document.text)
        hidden = masked(document).text
        places = [match.span() for match in PRIVATE.finditer(plain)]
        total += len(places)
        missed = [plain[a:b] for a, b in places if set(hidden[a:b]) != {MASK}]
        found += len(places) - len(missed)
        extra = [plain[a:b] for a, b in private_spans(document.text) if not PRIVATE.search(plain, a, b)]
        beside += len(extra)
        if missed or extra:
            print(f"{one.path.stem}: missed {missed}, masked beside {extra}")
    print(f"{found} of {total} private strings masked ({found / total:.1%}), {beside} others masked")


if __name__ == "__main__":
    main()
