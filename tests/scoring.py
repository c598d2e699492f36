"""F1 over the leaves of a report, for tests: lists are paired first, then every leaf is right or wrong.

Figures and names must be equal, texts alike at 0.90. What is paired with nothing is missed or invented whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein
from scipy.optimize import linear_sum_assignment

from extractor.folding import squeezed

EXACT = {"department", "money_unit", "source", "level", "grade"}
SKIPPED = {"partial", "addresses"}
KEYS = {
    "budget": "source",
    "tasks": "name",
    "indicators": "name",
    "projects": "name",
    "problems": "text",
    "measures": "text",
}


@dataclass
class Tally:
    """Leaves that are right, invented and missed; a wrong one is both."""

    right: int = 0
    invented: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        both = 2 * self.right + self.invented + self.missed
        return 2 * self.right / both if both else 1.0


def score(gold: dict[str, Any], got: dict[str, Any]) -> Tally:
    """The tally of one report against its gold."""
    tally = Tally()
    _compare(gold, got, "", tally)
    return tally


def wrong_leaves(gold: Any, got: Any, field: str = "", pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The pointer into the report, the gold and the value of every leaf that is wrong or invented."""
    if isinstance(gold, dict) or isinstance(got, dict):
        for key in {**(gold or {}), **(got or {})}:
            if key not in SKIPPED:
                yield from wrong_leaves((gold or {}).get(key), (got or {}).get(key), key, f"{pointer}/{key}")
    elif isinstance(gold, (list, tuple)) or isinstance(got, (list, tuple)):
        held = list(got or [])
        for one, two in _paired(gold or [], held, KEYS[field]):
            at = next((i for i, item in enumerate(held) if item is two), None)
            if at is not None:
                yield from wrong_leaves(one, two, field, f"{pointer}/{at}")
    elif got is not None and (gold is None or not _right(gold, got, field)):
        yield pointer, gold, got


def like(a: Any, b: Any) -> float:
    """Likeness of two texts, their closing punctuation apart."""
    one, two = (squeezed(str(x or "")).rstrip("。;,.") for x in (a, b))
    return Levenshtein.normalized_similarity(one, two)


def _compare(gold: Any, got: Any, field: str, tally: Tally) -> None:
    if isinstance(gold, dict) or isinstance(got, dict):
        for key in {**(gold or {}), **(got or {})}:
            if key not in SKIPPED:
                _compare((gold or {}).get(key), (got or {}).get(key), key, tally)
    elif isinstance(gold, (list, tuple)) or isinstance(got, (list, tuple)):
        for one, two in _paired(gold or [], got or [], KEYS[field]):
            _compare(one, two, field, tally)
    elif gold is None and got is None:
        return
    elif gold is None or got is None:
        tally.invented += gold is None
        tally.missed += got is None
    elif _right(gold, got, field):
        tally.right += 1
    else:
        tally.invented += 1
        tally.missed += 1


def _right(gold: Any, got: Any, field: str) -> bool:
    if isinstance(gold, (int, float)):
        return Decimal(str(gold)) == Decimal(str(got))
    if field in EXACT:
        return squeezed(gold) == squeezed(str(got))
    return like(gold, got) >= 0.90


def _paired(gold: Sequence[Any], got: Sequence[Any], key: str) -> list[tuple[Any, Any]]:
    matrix = np.array([[_alike(a, b, key) for b in got] for a in gold]).reshape(len(gold), len(got))
    pairs = [(i, j) for i, j in zip(*linear_sum_assignment(-matrix), strict=True) if matrix[i, j] >= 0.5]
    left = set(range(len(gold))) - {i for i, _ in pairs}
    right = set(range(len(got))) - {j for _, j in pairs}
    return (
        [(gold[i], got[j]) for i, j in pairs]
        + [(gold[i], None) for i in left]
        + [(None, got[j]) for j in right]
    )


def _alike(a: dict[str, Any], b: dict[str, Any], key: str) -> float:
    return 0.7 * like(a[key], b[key]) + 0.3 * like(_told(a), _told(b))


def _told(item: dict[str, Any]) -> str:
    return "".join(str(item.get(key) or "") for key in ("expected", "achieved", "target", "actual"))
