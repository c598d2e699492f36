"""The figures of a run: the mean over documents at the head, everything that a mean can hide beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from statistics import fmean
from typing import Any

import numpy as np

from extractor.evaluation.records import INVENTING, MISSING, DocumentRecord, RunRecord, f1_of
from extractor.evaluation.shape import GROUPS
from extractor.evaluation.statistics import interval, noise

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Share:
    """Precision, recall and F1 of some leaves, and how many the gold holds."""

    precision: float
    recall: float
    f1: float
    gold: int


@dataclass(frozen=True)
class Scores:
    """Everything said of one run.

    `mean` is the mean over documents of F1 (of each document's mean over its repeats), `low` and `high` its
    interval over documents; `plain` the mean under the plain rules; `placed` the share of values that are
    right and at their place, None where no gold names places; times are in seconds.
    """

    documents: int
    mean: float
    low: float
    high: float
    micro: Share
    plain: float
    placed: float | None
    wrong_figures: int
    disputed: int
    missed_whole: int
    invented_whole: int
    failed: int
    chunks: int
    lost: int
    unlabelled: int
    groups: Mapping[str, Share]
    fields: Mapping[str, Share]
    tags: Mapping[str, int]
    noise: float | None
    calls: int
    from_ledger: int
    tokens: int
    cost: str
    kept: int
    p50: float
    p95: float


def scores(run: RunRecord) -> Scores:
    """The scores of a run."""
    own = by_document(run)
    means = [fmean(one.f1 for one in records) for records in own.values()]
    low, high = interval(means) if len(means) > 1 else (0.0, 1.0)
    everything = run.documents
    seconds = [one.usage.seconds for one in everything if one.error is None] or [0.0]
    fields = _pooled(everything)
    held = {group: [own for name, own in fields.items() if name.split(":")[0] == group] for group in GROUPS}
    return Scores(
        documents=len(own),
        mean=fmean(means),
        low=max(0.0, low),
        high=min(1.0, high),
        micro=share_of(fields.values()),
        plain=fmean(_plain(one) for one in everything),
        placed=_placed(everything),
        wrong_figures=sum(len(one.wrong_figures) for one in everything),
        disputed=sum(leaf.disputed for one in everything for leaf in one.wrong_figures),
        missed_whole=sum(len(one.missed_whole) for one in everything),
        invented_whole=sum(len(one.invented_whole) for one in everything),
        failed=sum(one.error is not None for one in everything),
        chunks=sum(one.chunks for one in everything),
        lost=sum(len(one.lost) for one in everything),
        unlabelled=sum(counts.get("unlabelled", 0) for counts in fields.values()),
        groups={group: share_of(own) for group, own in held.items() if own},
        fields={name: share_of([counts]) for name, counts in fields.items()},
        tags=dict(
            Counter(tag for one in everything for leaf in one.leaves for tag in leaf.tags).most_common()
        ),
        noise=noise({key: [one.f1 for one in records] for key, records in own.items()}),
        calls=sum(one.usage.calls for one in everything),
        from_ledger=sum(one.usage.from_ledger for one in everything),
        tokens=sum(one.usage.prompt_tokens + one.usage.completion_tokens for one in everything),
        cost=cost_words(everything),
        kept=sum(one.usage.kept for one in everything),
        p50=float(np.quantile(seconds, 0.5)),
        p95=float(np.quantile(seconds, 0.95)),
    )


def by_document(run: RunRecord) -> dict[str, list[DocumentRecord]]:
    """The records of each document, its repeats together, under dataset/name."""
    out: dict[str, list[DocumentRecord]] = {}
    for one in run.documents:
        out.setdefault(f"{one.dataset}/{one.name}", []).append(one)
    return out


def group_f1(records: Sequence[DocumentRecord], group: str) -> float | None:
    """The mean over repeats of one document's F1 within a group, None where it has no leaf of it."""
    return _part_f1(records, lambda name: name.split(":")[0] == group)


def field_f1(records: Sequence[DocumentRecord], name: str) -> float | None:
    """The same within one field, `group:field`."""
    return _part_f1(records, lambda other: other == name)


def _part_f1(records: Sequence[DocumentRecord], wanted: Callable[[str], bool]) -> float | None:
    found = []
    for one in records:
        own = [counts for name, counts in one.counts.items() if wanted(name)]
        if any(sum(counts.values()) for counts in own):
            found.append(0.0 if one.error else f1_of(own))
    return fmean(found) if found else None


def share_of(counts: Iterable[Counts]) -> Share:
    """Precision, recall and F1 of verdict counts; 1 where there was nothing to get wrong."""
    known = list(counts)
    right = sum(one.get("right", 0) for one in known)
    missing = sum(one.get(name, 0) for one in known for name in MISSING)
    inventing = sum(one.get(name, 0) for one in known for name in INVENTING)
    return Share(
        right / (right + inventing) if right + inventing else 1.0,
        right / (right + missing) if right + missing else 1.0,
        f1_of(known),
        right + missing,
    )


def _pooled(records: Iterable[DocumentRecord]) -> dict[str, dict[str, int]]:
    out: dict[str, Counter[str]] = {}
    for one in records:
        for name, counts in one.counts.items():
            out.setdefault(name, Counter()).update(counts)
    order = {group: i for i, group in enumerate(GROUPS)}
    return {name: dict(out[name]) for name in sorted(out, key=lambda one: order[one.split(":")[0]])}


def _plain(one: DocumentRecord) -> float:
    right, invented, missed = one.plain
    whole = 2 * right + invented + missed
    return 0.0 if one.error else 2 * right / whole if whole else 1.0


def _placed(records: Sequence[DocumentRecord]) -> float | None:
    known = sum(one.placed[1] for one in records)
    return sum(one.placed[0] for one in records) / known if known else None


def cost_words(records: Sequence[DocumentRecord]) -> str:
    """What the run cost, by currency; unknown where a price is, none where no token was used."""
    paid = [one for one in records if one.usage.prompt_tokens + one.usage.completion_tokens]
    if not paid:
        return "none"
    if any(one.usage.cost is None for one in paid):
        return "unknown"
    costs: dict[str, Decimal] = {}
    for one in records:
        if one.usage.cost is not None:
            currency = one.usage.currency or ""
            costs[currency] = costs.get(currency, Decimal(0)) + one.usage.cost
    return ", ".join(f"{amount:.4f} {currency}" for currency, amount in costs.items())


def as_dict(found: Scores) -> dict[str, Any]:
    """The scores in plain values, for JSON."""
    return asdict(found)
