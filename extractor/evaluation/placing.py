"""Values that the document does hold, but that stand in the wrong field or item of the report."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from extractor.evaluation.leaves import Leaf
from extractor.evaluation.shape import FIGURES, Kind
from extractor.evaluation.values import blank, figure
from extractor.wording import plain

_NEVER = frozenset({"flag", "link"})


def tagged(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves, those that hold what another one should hold marked.

    `swapped`: a neighbour's value (another field of the item, or that field of another item), and the
    neighbour has a wrong one. `misplaced`: the value of a leaf that is told nowhere else.
    """
    wanted = _wanted(leaf for leaf in leaves if leaf.misses)
    return [_marked(leaf, wanted) if leaf.invents and leaf.kind not in _NEVER else leaf for leaf in leaves]


def _wanted(leaves: Iterable[Leaf]) -> dict[object, list[Leaf]]:
    out: dict[object, list[Leaf]] = {}
    for leaf in leaves:
        if leaf.kind not in _NEVER and not blank(leaf.gold):
            out.setdefault(_key(leaf.kind, leaf.gold), []).append(leaf)
    return out


def _marked(leaf: Leaf, wanted: dict[object, list[Leaf]]) -> Leaf:
    others = [one for one in wanted.get(_key(leaf.kind, leaf.got), ()) if one is not leaf]
    if not others:
        return leaf
    swapped = any(one.verdict == "wrong" and _near(leaf, one) for one in others)
    return leaf._replace(tags=(*leaf.tags, "swapped" if swapped else "misplaced"))


def _near(one: Leaf, other: Leaf) -> bool:
    """Whether two leaves are fields of one item, or the same field of two."""
    return one.field == other.field or _item(one.gold_at) == _item(other.gold_at)


def _item(pointer: str | None) -> str | None:
    return pointer.rsplit("/", 1)[0] if pointer else None


def _key(kind: Kind, value: Any) -> object:
    number = figure(value) if kind in FIGURES else None
    return number.normalize() if isinstance(number, Decimal) else plain(str(value))
