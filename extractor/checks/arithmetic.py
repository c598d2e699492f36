"""Sums, differences and rates at the precision that was printed. `Decimal` throughout, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from extractor.checks.case import Grade

_HUNDRED = Decimal(100)


class Rate(NamedTuple):
    """How a printed rate compares: None where it holds, and whether only the inputs' rounding saves it."""

    grade: Grade | None
    rounded: bool
    exact: Decimal


def places(value: Decimal) -> int:
    """The decimals that a figure was printed with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def half(value: Decimal) -> Decimal:
    """Half a unit of the last place printed."""
    return Decimal(5).scaleb(-places(value) - 1)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up, as forms round."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def rate(printed: Decimal, part: Decimal, whole: Decimal, tolerance: Decimal) -> Rate:
    """A rate in percent against its inputs; `whole` is not zero, `tolerance` is in percentage points.

    Equal at the printed precision or inside what the inputs' rounding allows: it holds. Equal at one decimal
    less: I. Off by the tolerance at most: W. Else E.
    """
    exact = part / whole * _HUNDRED
    decimals = places(printed)
    if rounded(exact, decimals) == printed:
        return Rate(None, False, exact)
    low, high = _bounds(part, whole)
    if low - half(printed) <= printed <= high + half(printed):
        return Rate(None, True, exact)
    if decimals > 0 and rounded(exact, decimals - 1) == rounded(printed, decimals - 1):
        return Rate("I", False, exact)
    return Rate("W" if abs(exact - printed) <= tolerance else "E", False, exact)


def _bounds(part: Decimal, whole: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the greatest rate that the inputs' own rounding allows."""
    wholes = [whole - half(whole), whole + half(whole)]
    if wholes[0] * wholes[1] <= 0:
        exact = part / whole * _HUNDRED
        return exact, exact
    found = [(part + sign * half(part)) / one * _HUNDRED for sign in (-1, 1) for one in wholes]
    return min(found), max(found)


def total(stated: Decimal, terms: Sequence[Decimal], rounding: Decimal | None = None) -> Grade | None:
    """A sum of signed terms against the total stated: exact holds, off by rounding I, else E.

    `rounding` is half a unit of the coarsest place printed, where that is coarser than the figures show: of
    1.2亿元 in a report in 万元 it is 500.
    """
    off = abs(sum(terms, Decimal(0)) - stated)
    if off == 0:
        return None
    finest = min(half(one) for one in (stated, *terms))
    return "I" if off <= max(finest, rounding or finest) * (len(terms) + 1) else "E"


def percent(value: Decimal, decimals: int = 2) -> str:
    """A rate to read."""
    return f"{rounded(value, decimals)}%"


def plus(terms: Sequence[Decimal]) -> str:
    """The terms of a sum, negative ones in brackets: 3 + (-1)."""
    return " + ".join(f"({one})" if one < 0 else str(one) for one in terms)
