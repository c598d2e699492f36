"""The regions of a linearised form: which stretch of the page belongs to which table or passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.engines.rules.labels import COLUMN_KINDS, PASSAGE_KINDS, Label, labels, runs
from extractor.engines.rules.vocabulary import FUNDING, vocabulary

RegionKind = Literal["budget", "goal", "table", "passage", "pair", "end"]
_ENDS = ("note", "person", "other")
_MONEY_COLUMNS = (*FUNDING, "weight", "score")


@dataclass(frozen=True)
class Region:
    """`columns` of the heading run, and the stretch from `start` to `end` that it heads."""

    kind: RegionKind
    columns: tuple[str, ...]
    labels: tuple[Label, ...]
    start: int
    end: int


def regions(text: str, start: int, end: int) -> list[Region]:
    """The regions of a form in reading order."""
    heads = [head for head in map(_head, runs(text, labels(text, start, end))) if head is not None]
    kept = _settled(text, heads)
    out: list[Region] = []
    for i, (kind, columns, run) in enumerate(kept):
        stop = kept[i + 1][2][0].start if i + 1 < len(kept) else end
        if kind == "table" and out and out[-1].kind == "passage" and _repeated(columns, out):
            # the head of a page stands again inside a passage, which goes on below it
            kind, columns = "passage", out[-1].columns[-1:]
        out.append(Region(kind, columns, tuple(run), run[-1].end, stop))
    return out


def _repeated(columns: tuple[str, ...], before: Sequence[Region]) -> bool:
    return any(region.kind == "table" and region.columns == columns for region in before)


_Head = tuple[RegionKind, tuple[str, ...], list[Label]]


def _head(run: list[Label]) -> _Head | None:
    kinds = [label.kind for label in run]
    has = set(kinds)
    if ("indicator" in has or "level1" in has) and ("result" in has or "target" in has):
        return "table", _columns(run), run
    if "task" in has and {"expected", "achieved"} & has and len(has) >= 2:
        return "table", _columns(run), run
    if sum(kind in FUNDING for kind in kinds) >= 3:
        return "budget", tuple(kind for kind in kinds if kind in _MONEY_COLUMNS), run
    if {"expected", "achieved"} <= has:
        return "goal", _goal_columns(run), run
    return _single_head(run)


def _single_head(run: list[Label]) -> _Head | None:
    """The last label of a run that heads a passage or a value; the labels before it had none."""
    last = run[-1]
    if run[0].kind == "conclusion" and last.kind in ("score", "grade", "total"):
        return "pair", ("total" if last.kind == "score" else last.kind,), run
    passages = [label for label in run if label.kind in PASSAGE_KINDS]
    if len({label.kind for label in passages}) >= 2 and len(passages) == len(run) and "及" not in run[0].word:
        return "passage", tuple(label.kind for label in passages), run
    if last.kind in PASSAGE_KINDS:
        return "passage", (last.kind,), run if len(passages) == len(run) else [last]
    if last.kind in _ENDS:
        return "end", (), [last]
    if last.kind in ("expected", "achieved"):
        return "goal", (last.kind,), [last]
    return "pair", (last.kind,), [last]


def _columns(run: Sequence[Label]) -> tuple[str, ...]:
    kinds = [label.kind for label in run]
    out: list[str] = []
    for i, label in enumerate(run):
        beside = vocabulary().columns.get(label.word) == "side" and (label.kind in kinds[i + 1 :] or i == 0)
        if label.kind in COLUMN_KINDS and not beside and label.kind not in out:
            out.append(label.kind)
    if "task" not in out:
        out = [kind for kind in out if kind not in ("expected", "achieved", "funds")]
    return tuple(out)


def _goal_columns(run: Sequence[Label]) -> tuple[str, ...]:
    """The last expected and the first achieved label: 年度目标 beside 预期目标 only names the row."""
    kinds = [label.kind for label in run if label.kind in ("expected", "achieved")]
    return ("expected", "achieved") if kinds.index("achieved") > 0 else ("achieved", "expected")


def _settled(text: str, heads: Sequence[_Head]) -> list[_Head]:
    """Heads without those that are only words inside a table or a passage."""
    out: list[_Head] = []
    for head in heads:
        previous = out[-1] if out else None
        if previous is None or not _inside(text, previous, head):
            out.append(head)
    return out


def _inside(text: str, previous: _Head, head: _Head) -> bool:
    kind, columns, run = head
    open_kind = previous[0]
    at_head = not text[text.rfind("\n", 0, run[0].start) + 1 : run[0].start].strip(" \t|*")
    if open_kind == "end":
        return kind in ("pair", "end")
    if open_kind == "table":
        if kind == "pair":
            return not (columns[0] in ("total", "grade") and at_head)
        if kind in ("passage", "end"):
            return not at_head
        return kind == "goal" and len(columns) == 1
    if open_kind in ("goal", "passage"):
        if kind == "pair":
            return not (at_head and columns[0] in ("side", "total", "grade", "task"))
        if kind in ("passage", "end", "goal"):
            return not at_head
        return False
    if open_kind == "budget":
        return kind == "pair" and columns[0] in ("source", "initial", "actual") and not at_head
    return False
