"""Whether a run may stand in the place of another: pass, regression, undecided, or not comparable at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from extractor.evaluation.comparing import Comparison

_SAME = 1e-9
Outcome = Literal["pass", "regression", "undecided", "incomparable"]
EXIT_CODES: dict[Outcome, int] = {"pass": 0, "regression": 1, "incomparable": 2, "undecided": 5}


@dataclass(frozen=True)
class Gate:
    """The outcome of a gate and every reason for it."""

    outcome: Outcome
    reasons: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 pass, 1 regression, 2 not comparable, 5 undecided."""
        return EXIT_CODES[self.outcome]


def gated(found: Comparison) -> Gate:
    """The gate over a comparison.

    What cannot vary passes unless some document drops. Sampled runs pass where the interval of the mean
    difference lies above minus the margin of the suite, and fail where it lies below zero.
    """
    if found.faults:
        return Gate("incomparable", found.faults)
    broken = tuple(_broken(found))
    if broken:
        return Gate("regression", broken)
    return _fixed(found) if found.deterministic else _sampled(found)


def _broken(found: Comparison) -> Iterator[str]:
    """The hard rules."""
    for document, leaf in found.new_wrong_figures:
        yield f"{document}: {leaf.field} {leaf.got} is wrong and in evidence (gold {leaf.gold})"
    for document in found.new_failed:
        yield f"{document}: failed"


def _fixed(found: Comparison) -> Gate:
    dropped = [one for one in found.documents if one.difference < -_SAME]
    if dropped:
        words = (f"{one.name}: {one.base:.4f} → {one.new:.4f}" for one in dropped)
        return Gate("regression", tuple(words))
    better = sum(one.difference > _SAME for one in found.documents)
    return Gate("pass", (f"no document of {len(found.documents)} dropped, {better} are better",))


def _sampled(found: Comparison) -> Gate:
    own, margin = found.paired, found.new.margin
    said = f"mean difference {own.mean:+.4f}, 95% {own.low:+.4f} to {own.high:+.4f}, p {own.p:.4f}"
    if found.decision == "worse":
        return Gate("regression", (said,))
    if found.decision == "same" or own.low > -margin:
        return Gate("pass", (f"{said}, margin {margin}",))
    return Gate("undecided", (f"{said}: a drop of more than {margin} cannot be ruled out",))
