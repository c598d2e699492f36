"""A report against its gold: a verdict for every leaf.

right       both say the same
wrong       both say something, not the same
missed      the gold says something, the report nothing
invented    the report says something, the gold nothing
invalid     what the report says is no value of its kind
unlabelled  the gold does not say whether there is anything: counted and shown, not scored
(outside)   neither says anything: no leaf at all
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extractor.evaluation import values
from extractor.evaluation.alignment import Gains, Item, Spans, gains, items_of, nearness
from extractor.evaluation.leaves import Comparison, Leaf, Place, Verdict, Whole
from extractor.evaluation.placing import tagged
from extractor.evaluation.shape import GOAL, HEADER, LINKS, LISTS, PASSAGES, VERDICT, Kind, Shape
from extractor.evaluation.values import Units, blank
from extractor.report import TOTAL


@dataclass(frozen=True)
class _Side:
    """One item of one report, None where there is no such item, and its pointer."""

    item: Item | None
    at: str = ""

    def to(self, name: str) -> str | None:
        return None if self.item is None else f"{self.at}/{name}"

    def get(self, name: str) -> Any:
        return None if self.item is None else self.item.get(name)

    def lacks(self, name: str) -> bool:
        return self.item is not None and name not in self.item

    def inner(self, name: str) -> _Side:
        """The item under a name; one that was left open lacks every field."""
        held = {} if self.lacks(name) else self.get(name)
        return _Side(held if isinstance(held, Mapping) else None, f"{self.at}/{name}")

    def items(self, name: str) -> list[_Side]:
        found = [] if self.item is None else items_of(self.item, name)
        return [_Side(one, f"{self.at}/{name}/{i}") for i, one in enumerate(found)]


_NOTHING = _Side(None)
_NONE = -1  # stands for an item that has no partner


def compare(
    gold: Item,
    got: Item,
    gold_places: Mapping[str, Spans] | None = None,
    got_places: Mapping[str, Spans] | None = None,
) -> Comparison:
    """The verdicts of a report; places lead from a pointer to the spans of the source behind its value."""
    units = Units(gold.get("money_unit"), got.get("money_unit"))
    work = _Comparing(units, gold_places or {}, got_places)
    ours, theirs = _Side(gold), _Side(got)
    for name, shape in (("", HEADER), ("goal", GOAL), ("", PASSAGES), ("self_evaluation", VERDICT)):
        if name:
            work.item(shape, name, ours.inner(name), work.only_item(shape, theirs, name))
        else:
            work.item(shape, "", ours, theirs)
    paired = {name: work.list(shape, name, ours, theirs) for name, shape in LISTS.items()}
    work.links(ours, theirs, dict(paired["problems"]), dict(paired["measures"]))
    work.out.leaves = tagged(work.out.leaves)
    return work.out


class _Comparing:
    def __init__(
        self, units: Units, gold_places: Mapping[str, Spans], got_places: Mapping[str, Spans] | None
    ) -> None:
        self.units = units
        self.gold_places = gold_places
        self.got_places = got_places
        self.out = Comparison()

    def item(self, shape: Shape, where: str, gold: _Side, got: _Side) -> None:
        """The leaves of one item."""
        for name, kind in shape.fields.items():
            ours, theirs = gold.get(name), got.get(name)
            if blank(ours) and blank(theirs):
                self.out.outside += 1
                continue
            path = f"{where}.{name}" if where else name
            at = gold.to(name), got.to(name)
            if gold.lacks(name):
                self._add(Leaf(shape.group, path, kind, "unlabelled", None, theirs, *at))
                continue
            verdict = self._verdict(kind, ours, theirs)
            tags = values.tags(kind, ours, theirs, self.units) if verdict == "wrong" else ()
            place = "unknown" if verdict == "missed" else self._place(kind, theirs, *at)
            self._add(Leaf(shape.group, path, kind, verdict, ours, theirs, *at, tags, place))

    def _verdict(self, kind: Kind, gold: Any, got: Any) -> Verdict:
        if blank(got):
            return "missed"
        if not values.valid(kind, got):
            return "invalid"
        if blank(gold):
            return "invented"
        return "right" if values.right(kind, gold, got, self.units) else "wrong"

    def _add(self, leaf: Leaf) -> None:
        self.out.leaves.append(leaf)

    def _place(self, kind: Kind, got: Any, gold_at: str | None, got_at: str | None) -> Place:
        """Whether a value rests on the place that the gold names; a total need not be printed."""
        if self.got_places is None or got_at is None or kind == "flag" or (kind == "source" and got == TOTAL):
            return "unknown"
        theirs = self.got_places.get(got_at)
        if not theirs:
            return "ungrounded"
        ours = self.gold_places.get(gold_at or "")
        if not ours:
            return "unknown"
        one, two = (sum(end - start for start, end in own) for own in (ours, theirs))
        shared = sum(max(0, min(b, d) - max(a, c)) for a, b in ours for c, d in theirs)
        return "right" if shared and shared * 2 >= min(one, two) else "elsewhere"

    def list(
        self, shape: Shape, where: str, gold: _Side, got: _Side, known: Gains | None = None
    ) -> list[tuple[int, int]]:
        """The leaves of a list and of the lists inside it; gives the pairs of its items."""
        name = where.rsplit(".", 1)[-1]
        ones, twos = gold.items(name), got.items(name)
        self._no_items(shape, where, got, name)
        if gold.lacks(name):
            for two in twos:
                self._pair(shape, where, _Side({}), two, {})
            return []
        worth = known or self._gains(shape, ones, twos)
        found = worth.pairs()
        for i, j in found:
            inside = {inner: one.of(i, j) for inner, one in worth.inside.items()}
            self._pair(shape, where, ones[i], twos[j], inside)
        for i in sorted(set(range(len(ones))) - {i for i, _ in found}):
            self.out.whole.append(Whole("missed", where, ones[i].at))
            self._pair(shape, where, ones[i], _NOTHING, {})
        for j in sorted(set(range(len(twos))) - {j for _, j in found}):
            self.out.whole.append(Whole("invented", where, twos[j].at))
            self._pair(shape, where, _NOTHING, twos[j], {})
        return found

    def _pair(self, shape: Shape, where: str, gold: _Side, got: _Side, inside: Mapping[str, Gains]) -> None:
        before = len(self.out.leaves)
        self.item(shape, where, gold, got)
        for name, inner in shape.lists.items():
            self.list(inner, f"{where}.{name}", gold, got, inside.get(name))
        if gold.item is None and len(self.out.leaves) == before:  # an item that says nothing is one too many
            self._add(Leaf(shape.group, where, "text", "invalid", None, None, None, got.at))

    def _gains(self, shape: Shape, golds: Sequence[_Side], gots: Sequence[_Side]) -> Gains:
        """The gains between two lists; of problems and measures the places count too, if known."""
        near = None
        if tuple(shape.fields) == ("text",) and self.gold_places and self.got_places:
            ours = [self.gold_places.get(f"{one.at}/text", ()) for one in golds]
            near = nearness(ours, [self.got_places.get(f"{one.at}/text", ()) for one in gots])
        return gains(
            shape, [one.item or {} for one in golds], [one.item or {} for one in gots], self.units, near
        )

    def _no_items(self, shape: Shape, where: str, side: _Side, name: str) -> None:
        """What stands in a list and is no item is an invalid leaf."""
        held = side.get(name)
        for i, one in enumerate(held if isinstance(held, (list, tuple)) else () if held is None else (held,)):
            if not isinstance(one, Mapping):
                self._add(
                    Leaf(shape.group, where, "text", "invalid", None, one, None, f"{side.at}/{name}/{i}")
                )

    def only_item(self, shape: Shape, side: _Side, name: str) -> _Side:
        """The item under a name; what is no item is an invalid leaf."""
        held = side.get(name)
        if held is not None and not isinstance(held, Mapping):
            self._add(Leaf(shape.group, name, "text", "invalid", None, held, None, side.to(name)))
        return _Side(held if isinstance(held, Mapping) else None, f"{side.at}/{name}")

    def links(self, gold: _Side, got: _Side, problems: dict[int, int], measures: dict[int, int]) -> None:
        """Which measure answers which problem, as pairs of items; what is told again is told too often."""
        wanted, held = _by_link(gold), _by_link(got)
        lacking = gold.lacks("measures") or gold.lacks("problems")
        met: set[tuple[int, int]] = set()
        for (measure, problem), (at, *_) in wanted.items():
            twin = measures.get(measure, _NONE), problems.get(problem, _NONE)
            own = held.get(twin, []) if _NONE not in twin else []
            met.update([twin] if own else ())
            verdict: Verdict = "right" if own else "unlabelled" if lacking else "missed"
            words = _named(gold, measure, problem), _named(got, *twin) if own else None
            self._add(Leaf(LINKS, f"measures.{LINKS}", "link", verdict, *words, at, own[0] if own else None))
        for link, places in held.items():
            for at in places[1:] if link in met else places:
                verdict = "unlabelled" if lacking else "invented"
                self._add(
                    Leaf(LINKS, f"measures.{LINKS}", "link", verdict, None, _named(got, *link), None, at)
                )


def _by_link(side: _Side) -> dict[tuple[int, int], list[str]]:
    """The pointers of each pair of a measure and a problem."""
    out: dict[tuple[int, int], list[str]] = {}
    for j, measure in enumerate(items_of(side.item or {}, "measures")):
        held = measure.get("addresses")
        for k, problem in enumerate(held if isinstance(held, (list, tuple)) else ()):
            if isinstance(problem, int):
                out.setdefault((j, problem), []).append(f"/measures/{j}/addresses/{k}")
    return out


def _named(side: _Side, measure: int, problem: int) -> str:
    """A link in words: the measure's text, and that of the problem which it answers."""
    return " → ".join(_text(side, name, i) for name, i in (("measures", measure), ("problems", problem)))


def _text(side: _Side, name: str, index: int) -> str:
    items = items_of(side.item or {}, name)
    known = items[index].get("text") if 0 <= index < len(items) else None
    return str(known) if known else f"{name}[{index}]"
