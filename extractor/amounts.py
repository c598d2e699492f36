"""Figures of money and rates as forms print them, in the report's unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from extractor.document import Span
from extractor.drafts import Found
from extractor.quantities import NUMBER, Money, money, number
from extractor.source import Source

_AMOUNT = re.compile(rf"(?P<figure>\([-+]?{NUMBER}\)|[-+]?\s*{NUMBER})\s*(?P<unit>(?:亿|万|千|百)?元)?")
_POWERS_OF_TEN = ("元", "百元", "千元", "万元", "亿元")


def amount(source: Source, ranges: Sequence[tuple[int, int]], unit: str | None) -> Found | None:
    """The one amount that a cell holds, in `unit`; None where the cell is prose or holds none."""
    start, end = ranges[0][0], ranges[-1][1]
    text = source.text[start:end]
    plain = re.sub(r"\s+", "", text)
    match = _AMOUNT.search(text)
    if match is None or len(plain) > len(match[0]) + 4:
        spelled = money(plain) if len(plain) <= 16 else None
        return _spelled(source, ranges, spelled, unit)
    value = number(match["figure"])
    if value is None:
        return None
    return in_unit(source, start, match, value, unit)


def in_unit(source: Source, offset: int, match: re.Match[str], value: Decimal, unit: str | None) -> Found:
    """The matched figure converted to `unit`; a converted amount stands on its figure and its unit."""
    figure = source.spans([(offset + match.start("figure"), offset + match.end("figure"))])
    printed_unit = match["unit"]
    if not printed_unit or not unit or printed_unit == unit or printed_unit not in _POWERS_OF_TEN:
        return Found(value, figure)
    converted = Money(value, printed_unit).converted(unit).amount
    return Found(
        _plain(converted), figure + source.spans([(offset + match.start("unit"), offset + match.end("unit"))])
    )


def _spelled(
    source: Source, ranges: Sequence[tuple[int, int]], spelled: Money | None, unit: str | None
) -> Found | None:
    if spelled is None or spelled.unit not in _POWERS_OF_TEN:
        return None
    value = spelled.converted(unit).amount if unit else spelled.amount
    spans: tuple[Span, ...] = source.spans(ranges)
    return Found(_plain(value), spans)


def _plain(value: Decimal) -> Decimal:
    """The same number without an exponent."""
    return Decimal(format(value, "f"))
