"""Whether one value is right, and what sort of error a wrong one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from extractor.evaluation.shape import FIGURES, Kind
from extractor.fundlines import plain_source
from extractor.quantities import Op, Quantity, parse
from extractor.wording import differences, plain, same_text

_POWERS: Mapping[str, int] = {"元": 0, "百元": 2, "千元": 3, "万元": 4, "百万元": 6, "亿元": 8}
_LONGEST_CELL = 60


@dataclass(frozen=True)
class Units:
    """The money units of the gold report and of the other one, as printed."""

    gold: object = None
    got: object = None

    @property
    def shift(self) -> int | None:
        """The power of ten from the other report's amounts to the gold's; None where there is none.

        An amount without its unit is no amount: where only one of the two names a unit there is none either.
        """
        gold, got = plain(str(self.gold or "")), plain(str(self.got or ""))
        if gold == got:
            return 0
        return _POWERS[got] - _POWERS[gold] if gold in _POWERS and got in _POWERS else None


def blank(value: Any) -> bool:
    """Whether a leaf holds nothing."""
    return value is None or value == "" or value == [] or value is False


def figure(value: Any) -> Decimal | None:
    """A figure of a report, None where the value is none; a figure written as a text counts."""
    if type(value) is Decimal and value.is_finite():
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    try:
        found = Decimal(str(value).replace(",", "").replace("，", "").rstrip("%％").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def valid(kind: Kind, value: Any) -> bool:
    """Whether a value is of its kind at all."""
    if kind in FIGURES:
        return figure(value) is not None
    return isinstance(value, bool) if kind == "flag" else isinstance(value, str)


def right(kind: Kind, gold: Any, got: Any, units: Units) -> bool:
    """Whether a value that is of its kind says what the gold says."""
    if kind in FIGURES:
        return _same_figure(figure(gold), figure(got), units.shift if kind == "amount" else 0)
    if kind == "flag":
        return bool(gold) == bool(got)
    one, two = str(gold), str(got)
    if kind == "source":
        return plain_source(one) == plain_source(two)
    if kind == "name":
        return plain(one) == plain(two)
    return same_text(one, two) and (kind != "cell" or operator(one) == operator(two))


def _same_figure(gold: Decimal | None, got: Decimal | None, shift: int | None) -> bool:
    if gold is None or got is None or shift is None:
        return False
    return gold == (got.scaleb(shift) if shift else got)


@lru_cache(maxsize=50_000)
def operator(text: str) -> Op | None:
    """How a cell's value bounds: 不少于85家 → ge; None for prose."""
    parsed: Quantity | None = parse(text) if len(text) <= _LONGEST_CELL else None
    return parsed.op if parsed is not None else None


def tags(kind: Kind, gold: Any, got: Any, units: Units) -> tuple[str, ...]:
    """What sort of error a wrong value is: scale, unit, sign, rounding, year, operator, negation, figure."""
    if kind in FIGURES:
        a, b = figure(gold), figure(got)
        return tuple(_figure_tags(kind, a, b, units)) if a is not None and b is not None else ()
    if kind not in ("text", "cell"):
        return ()
    found = dict.fromkeys(differences(str(gold), str(got)))
    if kind == "cell":
        one, two = operator(str(gold)), operator(str(got))
        if one != two:
            found["operator"] = None
        elif one is not None:
            found = dict.fromkeys(tag for tag in found if tag not in ("operator", "negation"))  # ≥, 不少于
    return tuple(found)


def _figure_tags(kind: Kind, gold: Decimal, got: Decimal, units: Units) -> Iterator[str]:
    if kind == "year":
        yield "year"
        return
    if kind == "amount" and units.shift != 0:
        yield "unit"
        if units.shift is None or gold == got:
            return
    if gold and got and _digits(gold) == _digits(got):
        if gold.is_signed() != got.is_signed():
            yield "sign"
        if abs(gold) != abs(got):
            yield "scale"
    elif _rounds(gold, got) or _rounds(got, gold):
        yield "rounding"


def _digits(value: Decimal) -> tuple[int, ...]:
    return value.normalize().as_tuple().digits


def _rounds(precise: Decimal, coarse: Decimal) -> bool:
    places = coarse.as_tuple().exponent
    exact = precise.as_tuple().exponent
    if not isinstance(places, int) or not isinstance(exact, int) or exact >= places:
        return False
    return precise.quantize(Decimal(1).scaleb(places)) == coarse or abs(precise - coarse) < Decimal(1).scaleb(
        places
    )
