"""What every engine gives: a draft of the document's report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from extractor.document import Document
from extractor.drafts import Draft, Lost
from extractor.merging import Conflict


@dataclass(frozen=True)
class Reading:
    """A draft report, the values on which the document contradicts itself, and what could not be read."""

    draft: Draft
    conflicts: list[Conflict] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)


class Engine(Protocol):
    """Anything that reads a document into a draft."""

    name: str

    def read(self, document: Document) -> Reading:
        """The draft report of one document; raises `NotSelfEvaluation` where it is none."""
        ...
