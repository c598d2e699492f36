"""The checks: each with its id, what it means, and a function from a case to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from extractor.checks.case import Case, Finding

Family = Literal["A", "B", "C", "D"]
Function = Callable[[Case], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """One check. `title` and `formula` are in Chinese; `thresholds` names the settings that it uses.

    `judgement` checks have a part by rules, which runs always, and one by a model.
    """

    id: str
    grades: str
    title: str
    formula: str
    function: Function
    thresholds: tuple[str, ...] = ()
    judgement: bool = False


_CHECKS: dict[str, Check] = {}


def check(
    id: str, grades: str, title: str, formula: str, thresholds: Iterable[str] = (), judgement: bool = False
) -> Callable[[Function], Function]:
    """Registers a function as the check of that id."""

    def registered(function: Function) -> Function:
        assert id not in _CHECKS, id
        _CHECKS[id] = Check(id, grades, title, formula, function, tuple(thresholds), judgement)
        return function

    return registered


def checks() -> list[Check]:
    """All checks, A1 to D4."""
    from extractor.checks import (  # noqa: F401
        amounts,
        consistency,
        form,
        indicators,
        parts,
        problems,
        projects,
        results,
        scoring,
    )

    return [_CHECKS[id] for id in sorted(_CHECKS, key=lambda id: (id[0], int(id[1:])))]


def findings(case: Case) -> list[Finding]:
    """What all checks find, in the order of their ids; a check without what it needs is silent."""
    return [finding for one in checks() for finding in one.function(case)]
