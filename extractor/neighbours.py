"""Which of its places a repeated value stands at, told by the values before and behind it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import log1p

Range = tuple[int, int]
_BACKWARDS = 12.0


def in_order(found: Sequence[Sequence[Range]], values: Sequence[str]) -> list[Range | None]:
    """One place for each value so that they come in reading order, the unambiguous ones as anchors.

    A value may lie inside the one before it, but the same value asked for again stands further on.
    """
    out: list[Range | None] = [own[0] if len(own) == 1 else None for own in found]
    anchors = _rising([(i, own[0][0]) for i, own in enumerate(found) if len(own) == 1])
    bounds = [(-1, 0), *anchors, (len(found), -1)]
    for (before, low), (after, high) in pairwise(bounds):
        run = [i for i in range(before + 1, after) if len(found[i]) > 1]
        if run:
            for i, place in zip(
                run, _settled([found[i] for i in run], [values[i] for i in run], low, high), strict=True
            ):
                out[i] = place
    return out


def _settled(found: Sequence[Sequence[Range]], values: Sequence[str], low: int, high: int) -> list[Range]:
    """Places of ambiguous values between two anchors (`high` is −1 behind the last one).

    The first of them follow on the anchor before, the others lead up to the anchor behind; where the one
    passes into the other is where the jumps between neighbours are least in all.
    """
    forward = _swept(found, values, low, high)
    if high < 0:
        return forward
    turned = [[(-b, -a) for a, b in reversed(own)] for own in reversed(found)]
    swept = _swept(turned, values[::-1], -high, -low)
    backward = [(-b, -a) for a, b in reversed(swept)]
    ahead = [low, *(place[0] for place in forward)]
    behind = [*(place[0] for place in backward), high]
    costs = [0.0]
    for a, b in pairwise(ahead):
        costs.append(costs[-1] + _jump(a, b))
    rest = [0.0]
    for a, b in pairwise(reversed(behind)):
        rest.append(rest[-1] + _jump(b, a))
    n = len(found)
    split = min(range(n + 1), key=lambda k: costs[k] + _jump(ahead[k], behind[k]) + rest[n - k])
    return forward[:split] + backward[split:]


def _jump(a: int, b: int) -> float:
    return log1p(b - a) if b >= a else log1p(a - b) + _BACKWARDS


def _swept(found: Sequence[Sequence[Range]], values: Sequence[str], low: int, high: int) -> list[Range]:
    """For each value the first place behind the one before; beyond the next anchor, the nearest."""
    used: dict[str, int] = {}
    out: list[Range] = []
    position = low
    for own, value in zip(found, values, strict=True):
        least = max(position, used[value] + 1) if value in used else position
        at = bisect_left(own, (least,))
        if at < len(own) and (high == -1 or own[at][0] <= high):
            place = own[at]
        else:
            place = min(own[max(0, at - 1) : at + 1], key=lambda near: abs(near[0] - least))
        used[value] = position = place[0]
        out.append(place)
    return out


def _rising(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of anchors whose places rise: those that do not contradict each other."""
    tails: list[int] = []
    back: list[int] = []
    ends: list[int] = []
    for n, (_, place) in enumerate(points):
        k = bisect_left(tails, place)
        if k == len(tails):
            tails.append(place)
            ends.append(n)
        else:
            tails[k] = place
            ends[k] = n
        back.append(ends[k - 1] if k else -1)
    out: list[tuple[int, int]] = []
    n = ends[-1] if ends else -1
    while n >= 0:
        out.append(points[n])
        n = back[n]
    return out[::-1]
