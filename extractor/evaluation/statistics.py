"""What can be said of paired differences, one a document: whether there is one, how large, what would show.

The document is the unit: values of one document go wrong together, and pooling them finds differences where
there are none. A difference is called one only where the sign-flip test and the interval agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, stdev
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import nctdtr, stdtrit

ALPHA = 0.05
POWER = 0.80
ENUMERATED = 20
SAMPLES = 99_999
RESAMPLES = 1_999
_SEED = 20_240_601  # any: fixed so that a comparison printed twice says the same twice
_SAME = 1e-9
_FEWEST = 5
# A resampled t reaches too short where there are few documents: its tails are cut further out there.
_STRICTER = ((20, 1.06), (16, 1.11), (11, 1.14), (10, 1.15), (9, 1.21), (8, 1.27), (7, 1.43), (6, 1.73))
_BEYOND = 2.5  # how far out a resample without scatter stands, against the furthest ratio: by simulation
_TAILS = ((6, 0.0125), (8, 0.015), (20, 0.02))
Decision = Literal["better", "worse", "undecided", "same"]


@dataclass(frozen=True)
class Paired:
    """Paired differences, new minus base: their mean, its 95% interval, the test, and the count of each sign.

    `least` is the smallest mean difference that these documents would show four times in five, infinite where
    no difference could be shown; `floor` is the least p value that so many documents can reach.
    """

    n: int
    mean: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    ties: int
    least: float
    floor: float

    @property
    def decision(self) -> Decision:
        """What these documents show."""
        if not self.wins and not self.losses:
            return "same"
        if self.p <= ALPHA and (self.low > 0 or self.high < 0):
            return "better" if self.mean > 0 else "worse"
        return "undecided"


def paired(differences: Sequence[float]) -> Paired:
    """Everything said of paired differences; at least one is needed."""
    low, high = interval(differences)
    wins = sum(one > _SAME for one in differences)
    losses = sum(one < -_SAME for one in differences)
    n = len(differences)
    return Paired(
        n=n,
        mean=fmean(differences),
        low=low,
        high=high,
        p=sign_flip(differences),
        wins=wins,
        losses=losses,
        ties=n - wins - losses,
        least=detectable(differences),
        floor=2.0 ** (1 - n),
    )


def sign_flip(differences: Sequence[float]) -> float:
    """Two-sided p of the sign-flip permutation test: exact up to 20 differing documents, sampled above.

    Where two engines are interchangeable, each difference is as likely to have the other sign.
    """
    moved = np.array([one for one in differences if abs(one) > _SAME])
    if not moved.size:
        return 1.0
    reach = abs(float(moved.sum())) - _SAME
    if moved.size <= ENUMERATED:
        return float(np.mean(np.abs(_all_sums(moved)) >= reach))
    rng = np.random.default_rng(_SEED)
    hits = sum(
        int((np.abs(rng.choice((-1.0, 1.0), (rows, moved.size)) @ moved) >= reach).sum())
        for rows in _batches(SAMPLES, 10_000)
    )
    return (1 + hits) / (1 + SAMPLES)


def _all_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.zeros(1)
    for value in values[1:]:  # the first sign may stay: the sums are symmetric about zero
        sums = np.concatenate((sums - value, sums + value))
    total: NDArray[np.float64] = sums + values[0]
    return total


def _batches(total: int, size: int) -> list[int]:
    return [min(size, total - start) for start in range(0, total, size)]


def t_interval(differences: Sequence[float]) -> tuple[float, float]:
    """The paired t interval of the mean at 95%; unbounded for a single difference."""
    n = len(differences)
    if n < 2:
        return -inf, inf
    reach = float(stdtrit(n - 1, 1 - ALPHA / 2)) * stdev(differences) / sqrt(n)
    mean = fmean(differences)
    return mean - reach, mean + reach


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """The paired t interval, an end moved out where the skew of the differences asks for it (bootstrap-t).

    The t interval alone covers 83 to 93% where differences are skewed, as they are when most documents do not
    change and a few change much. Fewer than five are too few to resample. No difference of two F1 leaves −1
    to 1.
    """
    low, high = t_interval(differences)
    n = len(differences)
    if n >= _FEWEST and stdev(differences) > _SAME:
        below, above = _resampled(np.array(differences, dtype=np.float64))
        low, high = min(low, below), max(high, above)
    return max(low, -1.0), min(high, 1.0)


def _resampled(values: NDArray[np.float64]) -> tuple[float, float]:
    """The bootstrap-t interval (Efron and Tibshirani, 1993, 12.5)."""
    n = len(values)
    rows = values[np.random.default_rng(_SEED).integers(0, n, (RESAMPLES, n))]
    mean, spread = values.mean(), values.std(ddof=1)
    shift, spreads = rows.mean(axis=1) - mean, rows.std(axis=1, ddof=1)
    known = spreads > _SAME * spread
    ratios = np.divide(shift, spreads, out=np.zeros(RESAMPLES), where=known)
    # a resample without scatter has no ratio: it stands for the furthest of those that have one
    ratios = np.where(known, ratios, np.sign(shift) * np.abs(ratios).max() * _BEYOND)
    ratios.sort()
    tail = next((tail for most, tail in _TAILS if n < most), ALPHA / 2)
    cut = int(tail * (RESAMPLES + 1))
    return float(mean - ratios[-cut] * spread), float(mean - ratios[cut - 1] * spread)


def detectable(differences: Sequence[float]) -> float:
    """The least mean difference that so many documents, this scattered, show four times in five.

    Infinite where even the strongest sign-flip p is above 0.05.
    """
    return reach(len(differences)) * stdev(differences) if len(differences) > 1 else inf


def reach(n: int) -> float:
    """What `n` documents can show four times in five, in standard deviations of their differences.

    That of a t test by the noncentral t distribution, times what the rule here asks for beyond it: by
    simulation of normal differences (`python -m benchmarks.evaluation power`).
    """
    if n < 2 or 2.0 ** (1 - n) > ALPHA:
        return inf
    limit = float(stdtrit(n - 1, 1 - ALPHA / 2))
    low, high = 0.0, 10.0  # further out the distribution is not computed reliably
    for _ in range(60):
        middle = (low + high) / 2
        missed = float(nctdtr(n - 1, middle, limit))
        low, high = (low, middle) if missed <= 1 - POWER else (middle, high)
    beyond = next(factor for least, factor in _STRICTER if n >= least)
    return beyond * high / sqrt(n)


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """The p values adjusted for their number (Holm, 1979), in the order given."""
    out: dict[str, float] = {}
    least = 0.0
    for rank, name in enumerate(sorted(ps, key=lambda one: ps[one])):
        least = max(least, min(1.0, (len(ps) - rank) * ps[name]))
        out[name] = least
    return {name: out[name] for name in ps}


def noise(repeats: Mapping[str, Sequence[float]]) -> float | None:
    """The standard deviation between repeats of one document, pooled; None where nothing was repeated."""
    known = [own for own in repeats.values() if len(own) > 1]
    if not known:
        return None
    freedom = sum(len(own) - 1 for own in known)
    return sqrt(sum(stdev(own) ** 2 * (len(own) - 1) for own in known) / freedom)
