"""What every engine gives: a draft of the document's report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from extractor.document import Document, Span
from extractor.drafts import Draft, Lost
from extractor.merging import Conflict

Status = Literal["done", "empty", "failed", "skipped"]


@dataclass(frozen=True)
class Asked:
    """One thing that was asked of a part of the document, what came of it, and the call that answered."""

    task: str
    spans: tuple[Span, ...]
    status: Status
    error: str | None = None
    call: str | None = None


@dataclass(frozen=True)
class Reading:
    """A draft report, the values on which readings contradict each other, and what could not be read.

    `asked` says what became of each part where the document was read in parts, `calls` which call gave the
    value of a pointer, and `run` what the reading took.
    """

    draft: Draft
    conflicts: list[Conflict] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    calls: dict[str, str] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    """Anything that reads a document into a draft."""

    name: str

    def read(self, document: Document) -> Reading:
        """The draft report of one document; raises `NotSelfEvaluation` where it is none."""
        ...


class AsyncEngine(Protocol):
    """An engine that waits for others while it reads."""

    name: str

    async def read(self, document: Document) -> Reading:
        """The draft report of one document; raises `NotSelfEvaluation` where it is none."""
        ...
