"""What a problem or a measure is about: a small vocabulary, as data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from extractor.folding import squeezed

OTHER = "其他"


@cache
def vocabulary() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The themes with their words, in order."""
    data = tomllib.loads(files(__package__).joinpath("themes.toml").read_text("utf-8"))
    return tuple((one["name"], tuple(map(squeezed, one["words"]))) for one in data["theme"])


def theme_of(text: str) -> str:
    """The theme of a sentence; 其他 where it holds no word of any."""
    plain = squeezed(text)
    counts = [(sum(word in plain for word in words), name) for name, words in vocabulary()]
    best = max(count for count, _ in counts)
    return next(name for count, name in counts if count == best) if best else OTHER


def themes() -> list[str]:
    """The names of all themes, the rest last."""
    return [*(name for name, _ in vocabulary()), OTHER]
