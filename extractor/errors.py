"""What can go wrong, and the exit code of each.

    ExtractorError
    ├── InputError            2   the user can mend it: a path, a setting, a file
    │   ├── UnreadableInput       missing, empty, binary, undecodable, too large
    │   ├── NotSelfEvaluation     readable, but no self-evaluation of spending
    │   └── UnwritableOutput      the result cannot be written where it was asked for
    ├── IncompleteRun         3   some document failed, the rest is written
    ├── NoEndpoint            4   a model was asked for and none is configured
    └── Refused               1   a gate or a check said no; 5 where the data cannot decide

The command line maps these once, in `extractor.cli.main`.
"""

from __future__ import annotations


class ExtractorError(Exception):
    """Any failure that the tool foresees; its text is one line for the user."""

    exit_code = 2


class InputError(ExtractorError):
    """What was given cannot be used as it is."""


class UnreadableInput(InputError):
    """A file that cannot be read as text."""


class NotSelfEvaluation(InputError):
    """A text that is not a self-evaluation of government spending."""


class UnwritableOutput(InputError):
    """A result that cannot be written."""


class IncompleteRun(ExtractorError):
    """Some documents failed; what was finished is kept."""

    exit_code = 3


class NoEndpoint(ExtractorError):
    """No usable model endpoint or setting."""

    exit_code = 4


class Refused(ExtractorError):
    """A gate or a check that said no, in its own words; `exit_code` 5 where the data cannot decide."""

    def __init__(self, words: str, exit_code: int = 1) -> None:
        super().__init__(words)
        self.exit_code = exit_code
