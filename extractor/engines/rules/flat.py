"""A range of the view without white space, for patterns that the page's line ends must not break."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.drafts import Found, Value
from extractor.source import Source


@dataclass(frozen=True)
class Flat:
    """A range of the view without white space, and where each of its characters stands in the view."""

    source: Source
    text: str
    at: tuple[int, ...]

    def found(self, start: int, end: int, value: Value | None = None) -> Found | None:
        """What stands at a range of the flat text."""
        if start >= end:
            return None
        return self.source.found([(self.at[start], self.at[end - 1] + 1)], value)

    def range(self, start: int, end: int) -> tuple[int, int]:
        """The range of the view behind a range of the flat text."""
        return self.at[start], self.at[end - 1] + 1


def flat(source: Source, start: int, end: int) -> Flat:
    """The range without white space."""
    text = source.text
    at = tuple(i for i in range(start, end) if not text[i].isspace())
    return Flat(source, "".join(text[i] for i in at), at)
