"""Which measure answers which problem, by the subjects that they share."""

from __future__ import annotations

import re

from extractor.drafts import Draft
from extractor.folding import squeezed

_STOP = frozenset("的了和与及在对将是为等有不中上下一并其各个进行加强进一步提高完善存在工作问题方面部门单位")
_LEAST = 0.12


def paired(draft: Draft) -> None:
    """Fills each measure's `addresses`: the problems whose subjects it takes up."""
    problems = [subjects(str(p["text"].value)) for p in draft["problems"]]
    for i, measure in enumerate(draft["measures"]):
        words = subjects(str(measure["text"].value))
        scores = [overlap(words, problem) for problem in problems]
        if len(problems) == 1:
            measure["addresses"] = [0]
        elif len(problems) == len(draft["measures"]) and scores and scores[i] >= 0.5 * max(scores):
            measure["addresses"] = [i]
        else:
            best = max(scores, default=0.0)
            measure["addresses"] = [j for j, score in enumerate(scores) if score >= max(_LEAST, 0.7 * best)]


def subjects(text: str) -> set[str]:
    """The pairs of characters that a text is about, the words of every problem apart."""
    plain = re.sub(r"[^\u3400-\u9fff]", " ", squeezed(text))
    pairs = {plain[i : i + 2] for i in range(len(plain) - 1)}
    return {pair for pair in pairs if " " not in pair and not (set(pair) & _STOP)}


def overlap(a: set[str], b: set[str]) -> float:
    """The share of the smaller set that the larger one holds, 0 to 1."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
