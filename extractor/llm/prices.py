"""What a call costs: prices as data, in their own currency or the user's; unknown is not zero."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from extractor.errors import InputError

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Usage:
    """Tokens of one or more attempts; `cached` is the part of `prompt` that the endpoint had in its cache."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0

    @property
    def total(self) -> int:
        """All tokens, in and out."""
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt, self.completion + other.completion, self.cached + other.cached
        )


@dataclass(frozen=True)
class Price:
    """Per million tokens, in `currency`; `as_of` says when it was published."""

    currency: str
    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    as_of: str = ""

    def of(self, usage: Usage) -> Decimal:
        """The cost of a usage."""
        cached = self.cached if self.cached is not None else self.input
        fresh = usage.prompt - usage.cached
        return (fresh * self.input + usage.cached * cached + usage.completion * self.output) / _MILLION

    def converted(self, currency: str, rate: Decimal) -> Price:
        """The same price in another currency, of which one unit of this one is worth `rate`."""
        cached = None if self.cached is None else self.cached * rate
        return Price(currency, self.input * rate, self.output * rate, cached, self.as_of)


@cache
def listed() -> dict[str, Price]:
    """The prices that ship with the package."""
    return prices(tomllib.loads(Path(__file__).with_name("prices.toml").read_text("utf-8")))


def prices(data: Mapping[str, Any]) -> dict[str, Price]:
    """Prices of a settings file; raises `InputError` for one that cannot be read."""
    out: dict[str, Price] = {}
    for model, entry in data.items():
        try:
            cached = entry.get("cached")
            out[model] = Price(
                str(entry["currency"]),
                Decimal(str(entry["input"])),
                Decimal(str(entry["output"])),
                None if cached is None else Decimal(str(cached)),
                str(entry.get("as_of", "")),
            )
        except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
            raise InputError(f"the price of {model} needs currency, input and output") from error
    return out


def price_of(
    model: str,
    own: Mapping[str, Price],
    currency: str | None = None,
    rates: Mapping[str, Decimal] | None = None,
) -> Price | None:
    """The price of a model, the user's own before the listed, the longest name first; None if unknown.

    It is converted where the user's currency is another one and `rates` says what that one is worth.
    """
    for table in (own, listed()):
        names = [name for name in table if model.lower().startswith(name.lower())]
        if names:
            price = table[max(names, key=len)]
            rate = (rates or {}).get(price.currency)
            if currency and currency != price.currency and rate is not None:
                return price.converted(currency, rate)
            return price
    return None
