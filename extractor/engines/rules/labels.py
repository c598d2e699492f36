"""Labels of a form: where they stand, and the runs of them that head a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractor.engines.rules.vocabulary import label_pattern, vocabulary

_WHITE = re.compile(r"\s")
_BEFORE = re.compile(r"[\s:|%\d)\]*>]")
_AFTER = re.compile(r"[\s:|\d(\[*<≥≤-]")
COLUMN_KINDS = (
    "task",
    "expected",
    "achieved",
    "indicator",
    "definition",
    "target",
    "result",
    "weight",
    "score",
    "reason",
    "funds",
    "level1",
    "level2",
)
CONTENT = "content"
PASSAGE_KINDS = ("key_project", "overall", "conclusion", "problems", "measures")
_HEAD_COLUMNS = 3
_UNKNOWN = re.compile(r"[\u3400-\u9fff()/]{1,6}")
_STRONG = ("problems", "measures", "key_project", "overall", "conclusion", "note", "person", "other")


@dataclass(frozen=True)
class Label:
    """A label as found: `kind` is what it names, `start` to `end` its place, a note in brackets included."""

    kind: str
    word: str
    start: int
    end: int


def labels(text: str, start: int, end: int) -> list[Label]:
    """The labels that stand on their own in a range: bounded by white space, colons or figures."""
    out: list[Label] = []
    for label in _labels(text, start, end):
        if label.kind == CONTENT:
            if not out or out[-1].kind != "task" or text[out[-1].end : label.start].strip(" \t\n|*"):
                continue
            label = replace(label, kind="expected")
        if _bounded(text, label, start, end):
            out.append(label)
    return out


def told_beside(kinds: Sequence[str | None]) -> tuple[str | None, ...]:
    """The kinds of a row's cells, where what a task is about is its goal, and nothing without a task."""
    known = [kind for kind in kinds if kind]
    goal = "expected" if "task" in known and "expected" not in known else None
    return tuple(goal if kind == CONTENT else kind for kind in kinds)


def _labels(text: str, start: int, end: int) -> Iterator[Label]:
    kinds = vocabulary().kinds
    position = start
    while match := label_pattern().search(text, position, end):
        word = _WHITE.sub("", match["label"])
        yield Label(kinds[word], word, match.start(), match.end())
        position = match.start() + 1 if not _free(text, match, start, end) else match.end()


def _free(text: str, match: re.Match[str], start: int, end: int) -> bool:
    before = match.start() == start or bool(_BEFORE.match(text[match.start() - 1]))
    after = match.end() == end or bool(_AFTER.match(text[match.end()]))
    return before and after


def _bounded(text: str, label: Label, start: int, end: int) -> bool:
    before = label.start == start or bool(_BEFORE.match(text[label.start - 1]))
    after = label.end == end or bool(_AFTER.match(text[label.end]))
    if text[max(start, label.start - 4) : label.start].rstrip(" \t")[-1:] in (",", ";", "。", "、"):
        return False
    if label.kind == "note" and not re.match(r"\s*[:\d]", text[label.end : label.end + 4]):
        return False
    if label.word == "任务" and re.match(r"\s*[\d一二三四五六七八九十]", text[label.end : label.end + 6]):
        return False
    if not (before and after):
        return False
    if label.kind in _STRONG or len(label.word) <= 2:
        return (
            _line_head(text, label.start)
            or text[label.end : label.end + 1] == ":"
            or label.kind not in _STRONG
        )
    return True


def _line_head(text: str, position: int) -> bool:
    line = text.rfind("\n", 0, position) + 1
    return not text[line:position].strip(" |*\t")


def runs(text: str, found: Sequence[Label]) -> list[list[Label]]:
    """Labels grouped so that only white space stands inside a group.

    In a table's head an unknown word between two columns counts as part of the label before it.
    """
    groups: list[list[Label]] = []
    for label in found:
        if groups and not _starts_anew(groups[-1], label) and _joins(text, groups[-1], label):
            groups[-1].append(label)
        else:
            groups.append([label])
    return groups


def _starts_anew(group: Sequence[Label], label: Label) -> bool:
    """Whether a passage's label follows on a table's head, as it does below a repeated one."""
    return label.kind in _STRONG and any(other.kind == "indicator" for other in group)


def _joins(text: str, group: Sequence[Label], label: Label) -> bool:
    between = text[group[-1].end : label.start].strip(" \t\n|*:")
    if not between:
        return True
    kinds = {other.kind for other in group}.intersection(COLUMN_KINDS)
    head = label.kind in COLUMN_KINDS and label.kind not in kinds and len(kinds) >= _HEAD_COLUMNS
    return head and bool(_UNKNOWN.fullmatch(between))
