"""The second opinion: figures on which the model and the rules differ, for a person to decide.

Things are paired by their place in the document, else by name. A figure that only one of the two has is a
disagreement as well: the other candidate is then None. What only the rules have found has no place in the
report; it is told under the pointer of the element that would follow the last one (`/projects/-`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from extractor.drafts import Draft, Found
from extractor.folding import squeezed
from extractor.merging import Conflict, differ

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FUNDING = (
    "initial", "adjustment", "adjusted", "budget_unspecified", "actual", "execution_rate", "adjustment_rate",
    "weight", "score",
)  # fmt: skip
_PROJECT = ("budget", "actual", "execution_rate", "score")
_INDICATOR = ("target", "actual", "weight", "score")


def disagreements(model: Draft, rules: Draft) -> list[Conflict]:
    """The leaves of the model's draft on which the rules read another figure, or none, or the only one."""
    return [
        Conflict(pointer, (("model", ours), ("rules", theirs)), chosen=_chosen(ours, theirs))
        for pointer, ours, theirs in _compared(model, rules)
        if _disagree(ours, theirs)
    ]


def _chosen(ours: Found | None, theirs: Found | None) -> int:
    """The model's grounded value; a value that stands nowhere gives way to one that does."""
    stands_nowhere = ours is not None and not ours.spans
    return 1 if stands_nowhere and theirs is not None and theirs.spans else 0


_Compared = tuple[str, Found | None, Found | None]


def _compared(model: Draft, rules: Draft) -> Iterator[_Compared]:
    yield "/fiscal_year", _found(model["fiscal_year"]), _found(rules["fiscal_year"])
    ours, theirs = model["self_evaluation"]["score"], rules["self_evaluation"]["score"]
    yield "/self_evaluation/score", _found(ours), _found(theirs)
    yield from _lists(model, rules, "budget", "source", _FUNDING)
    yield from _lists(model, rules, "projects", "name", _PROJECT)
    yield from _lists(model, rules, "tasks", "name", ("funds",))
    yield from _indicators(model, rules)


def _lists(model: Draft, rules: Draft, key: str, identity: str, fields: Sequence[str]) -> Iterator[_Compared]:
    left = list(rules[key])
    for i, ours, theirs in _paired(model[key], left, identity):
        for field in fields:
            yield f"/{key}/{i}/{field}", _found(ours[field]), _found(theirs.get(field))
    yield from _unmatched(f"/{key}/-", left, fields)


def _indicators(model: Draft, rules: Draft) -> Iterator[_Compared]:
    left = [one for holder in (rules, *rules["tasks"]) for one in holder["indicators"]]
    holders = [("", model), *((f"/tasks/{i}", task) for i, task in enumerate(model["tasks"]))]
    for path, holder in holders:
        for i, ours, other in _paired(holder["indicators"], left, "name"):
            for field in _INDICATOR:
                yield f"{path}/indicators/{i}/{field}", _found(ours[field]), _found(other.get(field))
    yield from _unmatched("/indicators/-", left, _INDICATOR)


def _unmatched(pointer: str, left: Sequence[Draft], fields: Sequence[str]) -> Iterator[_Compared]:
    """The first figure of each thing that only the rules have found."""
    for item in left:
        found = next((one for field in fields if _holds_figure(one := _found(item[field]))), None)
        if found is not None:
            yield pointer, None, found


def _paired(ours: Sequence[Draft], left: list[Draft], identity: str) -> Iterator[tuple[int, Draft, Draft]]:
    """Each of ours with its twin, which is taken out of `left`, or with nothing."""
    for i, item in enumerate(ours):
        twin = next((other for other in left if _one_place(item[identity], other[identity])), None)
        twin = twin or next((other for other in left if _one_name(item[identity], other[identity])), None)
        if twin is not None:
            left.remove(twin)
        yield i, item, twin or {}


def _one_place(a: Any, b: Any) -> bool:
    if not (isinstance(a, Found) and isinstance(b, Found)):
        return False
    return any(x.start < y.end and y.start < x.end for x in a.spans for y in b.spans)


def _one_name(a: Any, b: Any) -> bool:
    return _words(a) == _words(b)


def _words(value: Any) -> str:
    return squeezed(str(value.value if isinstance(value, Found) else value))


def _found(value: Any) -> Found | None:
    return value if isinstance(value, Found) else None


def _disagree(ours: Found | None, theirs: Found | None) -> bool:
    if ours is None and theirs is None:
        return False
    if ours is None or theirs is None:
        return _holds_figure(ours or theirs)
    if isinstance(ours.value, str) or isinstance(theirs.value, str):
        return _figures(ours) != _figures(theirs)
    return differ(ours, theirs) or Decimal(ours.value) != Decimal(theirs.value)


def _holds_figure(found: Found | None) -> bool:
    return found is not None and (not isinstance(found.value, str) or bool(_figures(found)))


def _figures(found: Found) -> list[str]:
    return _NUMBER.findall(squeezed(str(found.value)).replace(",", ""))
