"""Two runs side by side: the difference of each document, what it proves, and which values made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from extractor.evaluation.records import DocumentRecord, LeafRecord, RunRecord
from extractor.evaluation.scores import by_document, group_f1
from extractor.evaluation.shape import GROUPS
from extractor.evaluation.statistics import Decision, Paired, holm, paired

_SAME = 1e-9
Effect = Literal["better", "worse", "other"]
_WEIGHTS = {"wrong": 2.0, "missed": 1.0, "invented": 1.0, "right": 0.5}  # right, but in another place


@dataclass(frozen=True)
class Moved:
    """One document in both runs, and the means of its F1 over the repeats."""

    name: str
    base: float
    new: float

    @property
    def difference(self) -> float:
        """New minus base."""
        return self.new - self.base


@dataclass(frozen=True)
class Change:
    """A leaf that the two runs have not alike; `base` and `new` are None where it is right and in its place.

    `other` is one that is as wrong as before, in another way.
    """

    document: str
    field: str
    effect: Effect
    gold: str | None
    line: int | None
    base: LeafRecord | None
    new: LeafRecord | None


@dataclass(frozen=True)
class Group:
    """One group of fields: its paired differences, and their p adjusted for the number of groups."""

    name: str
    paired: Paired
    adjusted: float


@dataclass(frozen=True)
class Comparison:
    """What two runs show. `left_out` are documents that only one of them scored, or against other gold."""

    base: RunRecord
    new: RunRecord
    documents: tuple[Moved, ...]
    paired: Paired
    groups: tuple[Group, ...]
    changes: tuple[Change, ...]
    new_wrong_figures: tuple[tuple[str, LeafRecord], ...]
    new_failed: tuple[str, ...]
    left_out: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def deterministic(self) -> bool:
        """Whether neither run could have come out otherwise."""
        return self.base.deterministic and self.new.deterministic

    @property
    def decision(self) -> Decision:
        """What the difference of the means is: of runs that cannot vary there is nothing to decide."""
        if not self.deterministic:
            return self.paired.decision
        if abs(self.paired.mean) <= _SAME:
            return "same" if not self.paired.wins else "undecided"
        return "better" if self.paired.mean > 0 else "worse"


def compared(base: RunRecord, new: RunRecord) -> Comparison:
    """The comparison of two runs over the documents that both scored against the same gold."""
    ours, theirs = by_document(base), by_document(new)
    shared = [key for key in ours if key in theirs and ours[key][0].gold == theirs[key][0].gold]
    documents = tuple(Moved(key, _mean(ours[key]), _mean(theirs[key])) for key in shared)
    return Comparison(
        base=base,
        new=new,
        documents=documents,
        paired=paired([one.difference for one in documents] or [0.0]),
        groups=tuple(_groups({key: (ours[key], theirs[key]) for key in shared})),
        changes=tuple(change for key in shared for change in _changes(key, ours[key], theirs[key])),
        new_wrong_figures=tuple(one for key in shared for one in _new_wrong(key, ours[key], theirs[key])),
        new_failed=tuple(key for key in shared if any(one.error for one in theirs[key])),
        left_out=tuple(sorted({*ours, *theirs} - set(shared))),
        faults=tuple(_incomparable(base, new, ours, theirs)),
    )


Records = Sequence[DocumentRecord]


def _mean(records: Records) -> float:
    return fmean(one.f1 for one in records)


def _incomparable(
    base: RunRecord, new: RunRecord, ours: Mapping[str, Records], theirs: Mapping[str, Records]
) -> Iterator[str]:
    """Why a gate would compare what cannot be compared."""
    if base.scorer != new.scorer:
        yield f"scored by scorer {base.scorer} and scorer {new.scorer}"
    if base.guide != new.guide:
        yield f"labelled by guide {base.guide} and guide {new.guide}"
    if set(ours) != set(theirs):
        only = sorted(set(ours) ^ set(theirs))
        yield f"not the same documents: {', '.join(only[:3])}{' …' if len(only) > 3 else ''}"
    changed = [key for key in ours if key in theirs and ours[key][0].gold != theirs[key][0].gold]
    if changed:
        yield f"other gold: {', '.join(changed[:3])}{' …' if len(changed) > 3 else ''}"


def _groups(documents: Mapping[str, tuple[Records, Records]]) -> Iterator[Group]:
    found: dict[str, Paired] = {}
    for group in GROUPS:
        pairs = [(group_f1(one, group), group_f1(two, group)) for one, two in documents.values()]
        differences = [b - a for a, b in pairs if a is not None and b is not None]
        if differences:
            found[group] = paired(differences)
    adjusted = holm({name: one.p for name, one in found.items()})
    for name, one in found.items():
        yield Group(name, one, adjusted[name])


def _changes(document: str, base: Records, new: Records) -> Iterator[Change]:
    """The leaves that differ, by what they are in the gold or, invented, in the report."""
    ours, theirs = _faulty(base), _faulty(new)
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        one, two = ours.get(key), theirs.get(key)
        leaf = two or one
        if leaf is not None and _told(one) != _told(two):
            line = next((n for it in (two, one) if it for n in (it.line, it.got_line) if n), None)
            yield Change(document, leaf.field, _effect(one, two), leaf.gold, line, one, two)


def _told(leaf: LeafRecord | None) -> tuple[str | None, ...] | None:
    return (leaf.verdict, leaf.got, leaf.place) if leaf is not None else None


def _effect(base: LeafRecord | None, new: LeafRecord | None) -> Effect:
    """What a change does to the score; of the same weight, a wrong figure in evidence is the worse one."""
    before, after = ((_weight(one), bool(one and one.wrong_figure)) for one in (base, new))
    return "other" if before == after else "better" if after < before else "worse"


def _weight(leaf: LeafRecord | None) -> float:
    if leaf is None:
        return 0.0
    return _WEIGHTS.get(leaf.verdict, 1.0 + (leaf.gold is not None))


def _faulty(records: Records) -> dict[tuple[str, str], LeafRecord]:
    """What is not right, or not in its place, in any repeat, under a name that does not depend on the run."""
    return {
        (leaf.field, leaf.gold_at if leaf.gold is not None and leaf.gold_at else f"+{leaf.got}"): leaf
        for one in records
        for leaf in one.leaves
        if leaf.verdict != "unlabelled"
    }


def _new_wrong(document: str, base: Records, new: Records) -> Iterator[tuple[str, LeafRecord]]:
    """Wrong figures passed off as found that the base did not have, whatever else was wrong there."""
    known = {(leaf.field, leaf.gold_at, leaf.got) for one in base for leaf in one.wrong_figures}
    for one in new:
        for leaf in one.wrong_figures:
            if (leaf.field, leaf.gold_at, leaf.got) not in known:
                known.add((leaf.field, leaf.gold_at, leaf.got))
                yield document, leaf
