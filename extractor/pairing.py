"""Which measure answers which problem, by the subjects that they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import log

from extractor.drafts import Draft
from extractor.folding import squeezed

_STOP = frozenset("的了和与及在对将是为等有不中上下一并其各个进行加强进一步提高完善存在工作问题方面部门单位")
_LEAST = 0.055
_NEAR_BEST = 0.7


def paired(draft: Draft) -> None:
    """Fills each measure's `addresses`: the problems whose subjects it takes up."""
    problems, measures = (
        [str(one["text"].value) for one in draft[name]] for name in ("problems", "measures")
    )
    for measure, own in zip(draft["measures"], links(problems, measures), strict=True):
        measure["addresses"] = own


def links(problems: Sequence[str], measures: Sequence[str]) -> list[list[int]]:
    """For each measure the problems that it answers; a problem that none takes up goes to the nearest one.

    Measures that stand in the order of the problems answer them one by one.
    """
    ours, theirs = ([subjects(text) for text in side] for side in (problems, measures))
    weights = _weights([*ours, *theirs])
    scores = [[_shared(own, problem, weights) for problem in ours] for own in theirs]
    out = [set(_answered(row, i, len(measures))) for i, row in enumerate(scores)]
    for j in set(range(len(problems))) - set().union(*out):
        best = max(range(len(scores)), key=lambda i: scores[i][j], default=None)
        if best is not None and scores[best][j] >= _LEAST:
            out[best].add(j)
    return [sorted(own) for own in out]


def _answered(row: Sequence[float], at: int, measures: int) -> Iterator[int]:
    best = max(row, default=0.0)
    if len(row) == 1:
        yield 0
    elif len(row) == measures and best and row[at] >= 0.5 * best:
        yield at
    else:
        yield from (j for j, score in enumerate(row) if score >= max(_LEAST, _NEAR_BEST * best))


def _weights(texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """What a pair of characters tells: the more, the fewer of the texts have it."""
    counts = Counter(pair for own in texts for pair in own)
    return {pair: log(1 + len(texts) / count) for pair, count in counts.items()}


def _shared(a: frozenset[str], b: frozenset[str], weights: Mapping[str, float]) -> float:
    """The weighted share of the smaller set that the larger one holds, 0 to 1."""
    one, two, both = (sum(weights[pair] for pair in own) for own in (a, b, a & b))
    return both / min(one, two) if one and two else 0.0


@lru_cache(maxsize=20_000)
def subjects(text: str) -> frozenset[str]:
    """The pairs of characters that a text is about, the words of every problem apart."""
    plain = re.sub(r"[^\u3400-\u9fff]", " ", squeezed(text))
    pairs = {plain[i : i + 2] for i in range(len(plain) - 1)}
    return frozenset(pair for pair in pairs if " " not in pair and not (set(pair) & _STOP))


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """The share of the smaller set that the larger one holds, 0 to 1."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
