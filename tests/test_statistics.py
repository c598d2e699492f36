"""The statistics: against scipy's own tests, and by simulation."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isinf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from extractor.evaluation.statistics import (
    detectable,
    holm,
    interval,
    noise,
    paired,
    reach,
    sign_flip,
    t_interval,
)

DIFFERENCES = st.lists(st.floats(-0.5, 0.5).map(lambda x: round(x, 3)), min_size=2, max_size=12)


@given(DIFFERENCES)
@settings(max_examples=60, deadline=None)
def test_the_sign_flip_p_is_scipys_exact_permutation_p(differences: list[float]) -> None:
    def total(sample: np.ndarray, axis: int) -> np.ndarray:
        return np.abs(np.sum(sample, axis=axis)).round(9)

    theirs = stats.permutation_test(
        (np.array(differences),), total, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert sign_flip(differences) == pytest.approx(theirs.pvalue, abs=1e-12)


@given(st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_t_interval_is_scipys(differences: list[float]) -> None:
    theirs = stats.ttest_1samp(differences, 0).confidence_interval(0.95) if np.ptp(differences) else None
    if theirs is not None:
        assert t_interval(differences) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_above_twenty_documents_the_sampled_p_is_near_the_exact_one() -> None:
    differences = np.random.default_rng(3).normal(0.01, 0.03, 40)
    theirs = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=200_000, rng=1
    ).pvalue
    assert sign_flip(list(differences)) == pytest.approx(theirs, abs=0.005)


def test_holm_is_as_published() -> None:
    """The example of Holm's procedure: each p times the number of those not yet rejected."""
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )


def test_five_documents_can_show_nothing_and_say_so() -> None:
    found = paired([0.02, 0.03, 0.01, 0.04, 0.02])
    assert (found.decision, found.p, found.floor) == ("undecided", 0.0625, 0.0625)
    assert isinf(found.least)


@pytest.mark.parametrize("n", [6, 7, 8, 9, 12, 16])
def test_a_difference_as_large_as_said_to_be_seen_is_seen_four_times_in_five(n: int) -> None:
    """By the rule that decides, not by a t test of its own; the bounds leave three standard errors."""
    draws = np.random.default_rng(n).normal(reach(n), 1.0, (800, n)) * 0.01
    seen = [paired(list(row)).decision == "better" for row in draws]
    assert np.mean(seen) == pytest.approx(0.80, abs=0.045)


def test_what_can_be_seen_scales_with_the_scatter() -> None:
    differences = [0.01, -0.02, 0.03, 0.0, 0.01, 0.02]
    assert detectable(differences) == pytest.approx(reach(6) * np.std(differences, ddof=1))
    assert isinf(reach(5))


def test_an_interval_is_never_the_whole_range_because_most_documents_are_alike() -> None:
    """Seven perfect documents of nine, as a good engine has them."""
    low, high = interval([1.0] * 7 + [0.995, 0.998])
    assert 0.98 < low < 0.9993 <= high <= 1.0
    low, high = interval([0.0] * 7 + [-0.008, 0.0])
    assert -0.02 < low <= 0 <= high < 0.02


def test_what_does_not_differ_is_the_same() -> None:
    assert paired([0.0] * 8).decision == "same"
    assert interval([0.0] * 8) == (0.0, 0.0)
    assert t_interval([0.1]) == (-inf, inf)


def test_the_noise_of_repeats_is_their_pooled_standard_deviation() -> None:
    assert noise({"a": [0.9, 0.92], "b": [0.8, 0.84]}) == pytest.approx(np.sqrt((0.0002 + 0.0008) / 2))
    assert noise({"a": [0.9], "b": [0.8]}) is None


def _normal(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return rng.normal(0, 0.03, shape)


def _skewed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return 0.03 * (rng.exponential(1, shape) - 1)


def _mostly_unchanged(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Most documents do not change, some do, on one side by more."""
    return 0.03 * ((rng.random(shape) < 0.6) * rng.exponential(1, shape) - 0.6)


@pytest.mark.parametrize("n", [5, 6, 8, 12, 16, 20, 30, 50])
@pytest.mark.parametrize("draw", [_normal, _skewed, _mostly_unchanged])
def test_the_interval_covers_and_nothing_is_found_where_nothing_is(
    draw: Callable[[np.random.Generator, tuple[int, int]], np.ndarray], n: int
) -> None:
    """Coverage 95% and at most 5% false positives; the bounds leave three standard errors of 1,200 draws."""
    runs = 1200
    samples = [list(row) for row in draw(np.random.default_rng(n), (runs, n))]
    ends = [interval(row) for row in samples]
    covered = sum(low <= 0 <= high for low, high in ends)
    suspects = [row for row, (low, high) in zip(samples, ends, strict=True) if not low <= 0 <= high]
    found = sum(paired(row).decision in ("better", "worse") for row in suspects)
    error = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert covered / runs >= 0.95 - error
    assert found / runs <= 0.05 + error
    assert found <= runs - covered


def test_pooled_leaves_would_find_differences_that_are_not_there() -> None:
    """Why the document is the unit: leaves of one document go wrong together."""
    rng = np.random.default_rng(7)
    wrong_by_leaves = wrong_by_documents = 0
    for _ in range(300):
        rates = rng.beta(9, 1, (2, 8))
        leaves = (rng.random((2, 8, 60)) < rates[:, :, None]).astype(float)
        wrong_by_leaves += stats.ttest_rel(leaves[0].ravel(), leaves[1].ravel()).pvalue <= 0.05
        means = leaves.mean(axis=2)
        wrong_by_documents += paired(list(means[1] - means[0])).decision != "undecided"
    assert wrong_by_leaves / 300 > 0.30
    assert wrong_by_documents / 300 <= 0.07
