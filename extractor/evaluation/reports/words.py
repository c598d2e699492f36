"""What every report says of a run or a comparison, as rows of plain words."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf

from extractor.evaluation.comparing import Change, Comparison, Group
from extractor.evaluation.gating import Gate
from extractor.evaluation.records import LeafRecord, RunRecord
from extractor.evaluation.scores import Scores, scores
from extractor.evaluation.statistics import ALPHA, Paired, reach

Row = tuple[str, ...]
_LONGEST = 60


def headline(run: RunRecord, found: Scores) -> list[Row]:
    """The head of a run's report: name and value."""
    placed = "no places in the gold" if found.placed is None else f"{found.placed:.4f}"
    rows: list[Row] = [
        ("engine", run.title),
        ("documents", f"{found.documents}{f' × {_repeats(run)} repeats' if _repeats(run) > 1 else ''}"),
        ("mean F1", f"{found.mean:.4f} (95% {found.low:.4f} to {found.high:.4f})"),
        ("micro F1", f"{found.micro.f1:.4f} (P {found.micro.precision:.4f}, R {found.micro.recall:.4f})"),
        ("plain F1", f"{found.plain:.4f} (texts by likeness alone)"),
        ("right and grounded", placed),
        ("wrong and grounded figures", wrong_words(found)),
        ("items missed / invented whole", f"{found.missed_whole} / {found.invented_whole}"),
        ("documents failed", str(found.failed)),
        ("chunks lost", f"{found.lost} of {found.chunks}"),
        (
            "calls / tokens / cost",
            f"{found.calls} ({found.from_ledger} held) / {found.tokens} / {found.cost}",
        ),
        ("seconds a document", f"p50 {found.p50:.2f}, p95 {found.p95:.2f}"),
    ]
    rows.insert(3, ("could be seen next", reach_words(found.documents)))
    if found.kept:
        rows.append(
            ("read before", f"{found.kept} readings kept from an earlier run: no call was made for them")
        )
    if found.noise is not None:
        rows.insert(3, ("repeat noise", f"{found.noise:.4f} (standard deviation of a document's F1)"))
    if found.unlabelled:
        rows.append(("unlabelled, not scored", str(found.unlabelled)))
    if found.tags:
        rows.append(("errors by kind", ", ".join(f"{name} {n}" for name, n in found.tags.items())))
    if run.sealed:
        rows.append(("sealed", "this run scored sealed documents: do not tune on what it shows"))
    return rows


def wrong_words(found: Scores) -> str:
    """Wrong figures in evidence, and how many of them the results call disputed."""
    return f"{found.wrong_figures}{f' ({found.disputed} of them disputed)' if found.disputed else ''}"


def reach_words(documents: int) -> str:
    """What a comparison over so many documents could show, told before it is made."""
    least = reach(documents)
    if isinf(least):
        return f"no difference: {documents} documents are too few for a sampled model"
    return f"a mean difference of {least:.2f} standard deviations of the documents' differences"


def sides(found: Comparison) -> list[Row]:
    """What a mean can hide, and what it cost: name, base, new."""
    one, two = scores(found.base), scores(found.new)
    rows: list[Row] = [("mean F1", f"{one.mean:.4f}", f"{two.mean:.4f}")]
    rows.append(("micro F1", f"{one.micro.f1:.4f}", f"{two.micro.f1:.4f}"))
    rows.append(("right and grounded", *("—" if x.placed is None else f"{x.placed:.4f}" for x in (one, two))))
    rows.append(("wrong and grounded figures", wrong_words(one), wrong_words(two)))
    rows.append(
        ("items missed / invented whole", *(f"{x.missed_whole} / {x.invented_whole}" for x in (one, two)))
    )
    rows.append(("documents failed", str(one.failed), str(two.failed)))
    rows.append(("chunks lost", *(f"{x.lost} of {x.chunks}" for x in (one, two))))
    rows.append(("calls / tokens", *(f"{x.calls} / {x.tokens}" for x in (one, two))))
    rows.append(("cost", one.cost, two.cost))
    rows.append(("seconds a document, p50 / p95", *(f"{x.p50:.2f} / {x.p95:.2f}" for x in (one, two))))
    if one.noise is not None or two.noise is not None:
        rows.append(("repeat noise", *("—" if x.noise is None else f"{x.noise:.4f}" for x in (one, two))))
    return rows


def warnings(found: Comparison) -> list[str]:
    """What must be known before a difference is believed."""
    out = []
    for name, run in (("base", found.base), ("new", found.new)):
        own = scores(run)
        if own.failed or own.lost:
            out.append(f"{name}: {own.failed} documents failed, {own.lost} of {own.chunks} chunks were lost")
        if run.sealed:
            out.append(f"{name}: scored sealed documents: do not tune on what it shows")
    if found.new_wrong_figures:
        out.append(f"new: {len(found.new_wrong_figures)} wrong figures in evidence that the base had not")
    return out


def _repeats(run: RunRecord) -> int:
    return 1 + max((one.repeat for one in run.documents), default=0)


def shares(found: Scores, fields: bool) -> list[Row]:
    """By group or by field: name, P, R, F1 and the number in the gold."""
    own = found.fields if fields else found.groups
    return [
        (name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", str(one.gold))
        for name, one in own.items()
    ]


def leaf_row(document: str, leaf: LeafRecord) -> Row:
    """One leaf: document, line, field, verdict with its tags, gold, got."""
    verdict = leaf.verdict if leaf.verdict != "right" else "right, at another place"
    told = f"{verdict} ({', '.join(leaf.tags)})" if leaf.tags else verdict
    line = leaf.line or leaf.got_line
    return document, str(line or ""), leaf.field, told, short(leaf.gold), short(leaf.got)


def change_row(change: Change) -> Row:
    """One change: mark, document, line, field, gold, what base and new had."""
    return (
        {"better": "+", "worse": "−", "other": "≠"}[change.effect],
        change.document,
        str(change.line or ""),
        change.field,
        short(change.gold),
        held(change.base, change.gold),
        held(change.new, change.gold),
    )


def held(leaf: LeafRecord | None, gold: str | None) -> str:
    """What a run had where it is not right; `right` where it is, a dash where it rightly had nothing."""
    if leaf is None:
        return "—" if gold is None else "right"
    if leaf.verdict == "right":
        return "right, at another place"
    return f"{leaf.verdict}: {short(leaf.got)}" if leaf.got else leaf.verdict


def short(text: str | None) -> str:
    """The beginning of a text on one line."""
    words = "—" if text is None else " ".join(text.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def verdict(found: Comparison) -> str:
    """What a comparison shows, in a sentence."""
    own = found.paired
    size = f"{own.mean:+.4f} mean F1 over {own.n} documents"
    if not found.documents:
        return "no document was scored by both runs against the same gold"
    if found.deterministic:
        words = {"better": "Better", "worse": "Worse", "same": "The same", "undecided": "Mixed"}
        said = f"{words[found.decision]} on these documents: {size}; neither run can come out otherwise."
        return said if own.decision == "same" else f"{said} For documents like these: {_in_general(own)}"
    if found.decision == "same":
        return f"The same: every document scores as before ({own.n} documents)."
    return f"{_in_general(own).capitalize()} ({size})"


def _in_general(own: Paired) -> str:
    """What the documents say of others of their kind."""
    if own.decision != "undecided":
        return f"{own.decision}, p {own.p:.4f}."
    both = " (both the test and the interval must show it)" if own.p <= ALPHA else ""
    return f"cannot be decided, p {own.p:.4f}, 95% {own.low:+.4f} to {own.high:+.4f}{both}. {_could_see(own)}"


def _could_see(own: Paired) -> str:
    if isinf(own.least):
        return (
            f"With {own.n} documents no difference could be shown (the least p is {own.floor:.4f}): "
            "look at the documents below, or label more."
        )
    return f"A difference of {own.least:.4f} or more would have been seen four times in five."


def difference(own: Paired) -> list[Row]:
    """The statistics of a comparison: name and value."""
    least = "none" if isinf(own.least) else f"{own.least:.4f}"
    return [
        ("mean difference", f"{own.mean:+.4f}"),
        ("95% interval", f"{own.low:+.4f} to {own.high:+.4f}"),
        ("sign-flip p", f"{own.p:.4f}"),
        ("documents better / worse / same", f"{own.wins} / {own.losses} / {own.ties}"),
        ("smallest difference that would show", least),
    ]


def group_row(group: Group) -> Row:
    """One group: name, mean difference, interval, p by Holm, wins and losses."""
    own = group.paired
    return (
        group.name,
        f"{own.mean:+.4f}",
        f"{own.low:+.4f} to {own.high:+.4f}",
        f"{group.adjusted:.4f}",
        f"{own.wins} / {own.losses}",
    )


def gate_words(gate: Gate) -> Iterator[str]:
    """The outcome of a gate and its reasons, a line each."""
    yield f"gate: {gate.outcome}"
    yield from gate.reasons
