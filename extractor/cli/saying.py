"""What a command says beside its results: lines on standard error."""

from __future__ import annotations

import sys


def say(words: str) -> None:
    """One line on standard error; characters that would steer a terminal are shown as marks."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(words.split()))
    print(shown, file=sys.stderr)
