"""The parts that single calls gave, as one draft: joined by declared identity, every candidate kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from extractor.drafts import Draft, Found, empty_draft
from extractor.folding import squeezed
from extractor.fundlines import project_form
from extractor.merging import Conflict, differ

ORIGIN = "model"
_SINGLE = ("department", "fiscal_year", "money_unit", "key_project_performance", "overall_performance")
_GROUPS = ("goal", "self_evaluation")


def assembled(parts: Sequence[Draft]) -> tuple[Draft, list[Conflict]]:
    """One draft of all the parts, in the order given, and the figures on which they differ."""
    joiner = _Joiner()
    for part in parts:
        joiner.add(part)
    return joiner.draft, joiner.conflicts


class _Joiner:
    def __init__(self) -> None:
        self.draft = empty_draft()
        self.conflicts: list[Conflict] = []
        self._project: Found | None = None
        self._finished = False

    def add(self, part: Draft) -> None:
        for key in _SINGLE:
            self.draft[key] = self._leaf(f"/{key}", self.draft[key], part.get(key))
        for key in _GROUPS:
            for name, value in part.get(key, {}).items():
                self.draft[key][name] = self._leaf(f"/{key}/{name}", self.draft[key][name], value)
        self._project = self._project or part.get("project")
        self._budget(part.get("budget", []))
        self._tasks(part.get("tasks", []))
        self.draft["indicators"] += _unknown(part.get("indicators", []), self._indicators())
        self.draft["projects"] += _unknown(part.get("projects", []), self.draft["projects"], by_name=True)
        self._review(part)
        self._own_project()

    def _leaf(self, pointer: str, first: Any, second: Any) -> Any:
        if first is None or second is None:
            return second if first is None else first
        if differ(first, second):
            self.conflicts.append(Conflict(pointer, ((ORIGIN, first), (ORIGIN, second))))
        return first

    def _budget(self, lines: Sequence[Draft]) -> None:
        for line in lines:
            known = {_words(own["source"]): i for i, own in enumerate(self.draft["budget"])}
            at = known.get(_words(line["source"]))
            if at is None:
                self.draft["budget"].append(line)
                continue
            own = self.draft["budget"][at]
            for field, value in line.items():
                if field not in ("source", "partial"):
                    own[field] = self._leaf(f"/budget/{at}/{field}", own[field], value)

    def _tasks(self, tasks: Sequence[Draft]) -> None:
        """A task that two parts tell of is one, unless the later part has money of its own for it."""
        known = len(self.draft["tasks"])
        for task in tasks:
            last = self.draft["tasks"][known - 1] if known else None
            if last is None or task["funds"] is not None or _place(last["name"]) != _place(task["name"]):
                self.draft["tasks"].append(task)
                continue
            for field in ("expected", "achieved"):
                last[field] = last[field] if last[field] is not None else task[field]
            last["indicators"] += _unknown(task["indicators"], last["indicators"])
        held = [one for task in self.draft["tasks"] for one in task["indicators"]]
        self.draft["indicators"] = _unknown(self.draft["indicators"], held)

    def _indicators(self) -> list[Draft]:
        return [
            *(one for task in self.draft["tasks"] for one in task["indicators"]),
            *self.draft["indicators"],
        ]

    def _review(self, part: Draft) -> None:
        """Problems and measures told in several parts stand once; measures keep their problems."""
        moved: dict[int, int] = {}
        for i, problem in enumerate(part.get("problems", [])):
            moved[i] = _position(problem, self.draft["problems"])
        for measure in part.get("measures", []):
            at = _position(measure, self.draft["measures"])
            own = self.draft["measures"][at]
            own["addresses"] = sorted(
                {moved[i] for i in measure["addresses"] if i in moved} or set(own["addresses"])
            )

    def _own_project(self) -> None:
        """The project that a project's own form is about, with the money of that form."""
        if self._project is None:
            return
        form = project_form(self._project, self.draft)
        others = [one for one in self.draft["projects"] if _words(one["name"]) != _words(self._project)]
        self.draft["projects"] = [form, *others]


def _position(item: Draft, items: list[Draft]) -> int:
    """Where an item stands in a list, appended if it is not yet there."""
    for i, own in enumerate(items):
        if _overlap(own["text"], item["text"]) or _words(own["text"]) == _words(item["text"]):
            return i
    items.append(dict(item))
    return len(items) - 1


def _unknown(items: Sequence[Draft], held: Sequence[Draft], by_name: bool = False) -> list[Draft]:
    """The items whose names do not stand at the place (or have the name) of one that is held."""
    same: Callable[[Found, Found], bool] = _same_name if by_name else _overlap
    return [item for item in items if not any(same(own["name"], item["name"]) for own in held)]


def _same_name(a: Found, b: Found) -> bool:
    return _words(a) == _words(b)


def _overlap(a: Found, b: Found) -> bool:
    """Whether two values share a place in the document."""
    return any(x.start < y.end and y.start < x.end for x in a.spans for y in b.spans)


def _place(found: Found) -> Any:
    return found.spans or found.value


def _words(value: Found | str) -> str:
    return squeezed(str(value.value if isinstance(value, Found) else value))
