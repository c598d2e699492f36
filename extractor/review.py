"""A review draft: sentences, and the numbered proofs that each of them rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from extractor.errors import InputError

SECTIONS = (
    "审核对象与材料",
    "主要数据",
    "部门自述的问题与改进措施",
    "审核发现",
    "未列入存在问题的事项",
    "需修改及补充的材料",
    "建议结论",
    "声明",
)
_COUNTING = "一二三四五六七八九十"
Side = Literal["department", "review", "fixed"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Proof(_Model):
    """Something that a sentence can rest on: words of the document, or a computed check.

    `text` is what it says, with its label; `spans` are places in the document's raw text, `start` and `end`
    in code points. `pointer` names the value of the report, `finding` the check, if it is one.
    """

    number: int
    text: str
    spans: tuple[tuple[int, int], ...] = ()
    pointer: str | None = None
    finding: str | None = None


class Sentence(_Model):
    """One sentence: whose word it is, its section (from 0), and the numbers of its proofs.

    `department` sentences report what the document says, `review` sentences what was found; `fixed` ones
    (the declaration) need no proof.
    """

    text: str
    side: Side
    section: int
    proofs: tuple[int, ...] = ()


class Review(_Model):
    """A draft over one document; `left_out` counts the sentences that could not be verified.

    `remarks` are what a reader must know of how it was made, such as a model that did not answer.
    """

    document: str
    sha256: str
    department: str
    sentences: tuple[Sentence, ...]
    proofs: tuple[Proof, ...]
    left_out: int = 0
    remarks: tuple[str, ...] = ()

    def cited(self, sentence: Sentence) -> list[Proof]:
        """The proofs of a sentence that there are."""
        known = {proof.number: proof for proof in self.proofs}
        return [known[number] for number in sentence.proofs if number in known]


def load(path: Path) -> Review:
    """A review's JSON file; raises `InputError`."""
    try:
        return Review.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except ValidationError as error:
        raise InputError(f"{path}: not a review of extractor ({error.error_count()} faults)") from error


def ordinal(index: int) -> str:
    """一, 二 … 十, 十一 … for a position from 0."""
    tens, ones = divmod(index + 1, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_COUNTING[tens - 1]}十"
    return head + (_COUNTING[ones - 1] if ones else "")
