"""Prices are data, in their own currency or the user's; what is unknown is not zero."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractor.errors import InputError
from extractor.llm.endpoint import presets
from extractor.llm.prices import Price, Usage, listed, price_of, prices


def test_the_longest_name_that_a_model_begins_with_has_its_price() -> None:
    assert price_of("gpt-4o-mini-2024-07-18", {}) == listed()["gpt-4o-mini"]
    assert price_of("gpt-4o-2024-08-06", {}) == listed()["gpt-4o"]
    assert price_of("a-model-nobody-knows", {}) is None


def test_the_users_own_price_and_currency_come_first() -> None:
    own = prices({"gpt-4o": {"currency": "CNY", "input": 1, "output": "2.5"}})
    assert price_of("gpt-4o", own) == Price("CNY", Decimal(1), Decimal("2.5"))
    converted = price_of("gpt-4o", {}, "CNY", {"USD": Decimal("7.1")})
    assert converted is not None
    assert (converted.currency, converted.output) == ("CNY", Decimal("71.0"))
    unconverted = price_of("gpt-4o", {}, "CNY", {})
    assert unconverted is not None
    assert unconverted.currency == "USD"


def test_cached_input_has_its_own_price() -> None:
    price = Price("CNY", Decimal(2), Decimal(8), Decimal("0.5"))
    assert price.of(Usage(1_000_000, 500_000, 400_000)) == Decimal("1.2") + Decimal("0.2") + Decimal(4)


def test_a_price_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputError, match="needs currency"):
        prices({"m": {"currency": "CNY", "input": "cheap", "output": 1}})


def test_every_endpoint_that_users_name_has_a_preset() -> None:
    names = {"openai", "azure", "deepseek", "qwen", "zhipu", "moonshot", "ollama", "vllm", "llama.cpp"}
    assert names <= set(presets())
    assert all(one.base_url.startswith("http") and one.modes for one in presets().values())
