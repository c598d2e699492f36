"""The vocabulary as data: what forms call the fields, and patterns made from it.

Labels are matched in folded text with any white space between their characters, since columns break them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FUNDING = (
    "initial",
    "adjusted",
    "adjustment",
    "budget_unspecified",
    "actual",
    "execution_rate",
    "adjustment_rate",
)
RATES = ("execution_rate", "adjustment_rate")


@dataclass(frozen=True)
class Vocabulary:
    """`kinds` maps a label to what it names; `columns` where a table gives the label another meaning;
    `heads` are patterns of what the heads of columns say in other words."""

    kinds: dict[str, str]
    columns: dict[str, str]
    first_levels: frozenset[str]
    second_levels: frozenset[str]
    units: tuple[str, ...]
    running: dict[str, str]
    heads: dict[str, re.Pattern[str]]

    def labels(self, *kinds: str) -> list[str]:
        """All labels of these kinds, the longest first."""
        return longest(label for label, kind in self.kinds.items() if kind in kinds)


def longest(words: Iterable[str]) -> list[str]:
    """The words, the longest first, so that an alternation prefers them."""
    return sorted(set(words), key=lambda word: (-len(word), word))


def spaced(word: str) -> str:
    """A pattern for the word with any white space between its characters."""
    return r"\s*".join(re.escape(c) for c in word)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in longest(words)) + ")"


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with the package."""
    data: dict[str, Any] = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))
    named = {label: kind for kind, labels in data["labels"].items() for label in labels}
    goals = {label: kind for label, kind in named.items() if kind in ("expected", "achieved")}
    prefixed = {prefix + label: kind for prefix in data["prefixes"]["words"] for label, kind in goals.items()}
    kinds = {**prefixed, **named}
    return Vocabulary(
        kinds=kinds,
        columns=dict(data["columns"]),
        first_levels=frozenset(data["levels"]["first"]),
        second_levels=frozenset(data["levels"]["second"]),
        units=tuple(longest(data["units"]["measure"])),
        running=dict(data["running"]),
        heads={kind: re.compile(pattern) for kind, pattern in data["heads"].items()},
    )


@cache
def label_pattern() -> re.Pattern[str]:
    """Any label, as broken as it may be, with an optional note in brackets behind it."""
    words = longest(vocabulary().kinds)
    alternatives = "|".join(spaced(word) for word in words)
    return re.compile(
        rf"(?P<label>{alternatives})(?P<note>\s*\((?![-+\d.,\s]+\)|[一二三四五六七八九十]+\))[^()]{{1,14}}\))?"
    )


@cache
def unit_pattern() -> str:
    """Any measure word, the longest first."""
    return "(?:[十百千万亿]{0,2}" + any_of(vocabulary().units) + ")"
