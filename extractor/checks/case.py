"""What a check sees: a report, where its values stand, the text, and the thresholds in force."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple

from extractor.document import Document, View
from extractor.folding import squeezed
from extractor.quantities import number
from extractor.report import FundingLine, Indicator, Report
from extractor.result import Extraction

Grade = Literal["E", "W", "I"]
GRADES: tuple[Grade, ...] = ("E", "W", "I")
Spans = tuple[tuple[int, int], ...]
MODEL = "模型判断"


@dataclass(frozen=True)
class Thresholds:
    """Marks at which a reviewer looks twice; each is a setting, and none is a rule of law."""

    over_ratio: Decimal = field(default=Decimal("1.30"), metadata={"label": "超额完成关注阈值"})
    adjustment_rate: Decimal = field(default=Decimal(30), metadata={"label": "预算调整率关注阈值（%）"})
    repeat_error: Decimal = field(default=Decimal("0.95"), metadata={"label": "完成情况与目标雷同（错误）"})
    repeat_warning: Decimal = field(default=Decimal("0.90"), metadata={"label": "完成情况与目标雷同（警示）"})
    rate_tolerance: Decimal = field(default=Decimal("0.5"), metadata={"label": "比率偏差（百分点）"})
    low_execution: Decimal = field(default=Decimal(80), metadata={"label": "执行率偏低关注阈值（%）"})

    @staticmethod
    def labels() -> dict[str, str]:
        """What each threshold is called."""
        return {one.name: str(one.metadata["label"]) for one in fields(Thresholds)}

    def source(self, name: str) -> str:
        """The label of a threshold with its value, as a finding gives its source."""
        return f"{self.labels()[name]}：{getattr(self, name)}（设置项 checks.{name}）"


@dataclass(frozen=True)
class Finding:
    """One thing that does not add up, in the words of a reviewer.

    `pointers` name the values concerned, the first the one that the finding is about; `spans` are their
    places in the raw text; `computed` is the computation written out; `source` the formula or threshold.
    """

    id: str
    grade: Grade
    pointers: tuple[str, ...]
    message: str
    spans: Spans = ()
    computed: str | None = None
    source: str | None = None
    status: str = "open"
    reason: str | None = None

    @property
    def key(self) -> tuple[str, tuple[str, ...], Spans]:
        """What makes it the same finding when the checks run again over the same values."""
        return self.id, self.pointers, self.spans

    def as_dict(self) -> dict[str, Any]:
        """As results hold it."""
        out: dict[str, Any] = {
            "id": self.id,
            "grade": self.grade,
            "pointers": list(self.pointers),
            "spans": [{"start": start, "end": end} for start, end in self.spans],
            "message": self.message,
            "computed": self.computed,
            "source": self.source,
            "status": self.status,
        }
        return out | ({"reason": self.reason} if self.reason else {})


def finding_of(data: Mapping[str, Any]) -> Finding:
    """A finding of a result file."""
    spans = tuple((one["start"], one["end"]) for one in data["spans"])
    own = {**data, "pointers": tuple(data["pointers"]), "spans": spans}
    return Finding(**{name.name: own[name.name] for name in fields(Finding) if name.name in own})


class Placed(NamedTuple):
    """An indicator with its pointer, and the pointer of its list."""

    at: str
    list: str
    it: Indicator


@dataclass(frozen=True)
class Case:
    """One report to check; `places` leads from a pointer to the spans behind its value."""

    report: Report
    text: str = ""
    places: Mapping[str, Spans] = field(default_factory=dict)
    thresholds: Thresholds = Thresholds()
    conflicts: Sequence[Mapping[str, Any]] = ()

    @property
    def unit(self) -> str:
        """The money unit, blank where there is none."""
        return self.report.money_unit or ""

    @cached_property
    def document(self) -> Document:
        """The text as a document."""
        return Document("", self.text)

    @property
    def view(self) -> View:
        """The document folded and without white space, with its way back to the raw text."""
        return self.document.squeezed

    @property
    def plain(self) -> str:
        """The text of that view."""
        return self.view.text

    @cached_property
    def indicators(self) -> list[Placed]:
        """Every indicator of the report."""
        own = [Placed(f"/indicators/{i}", "/indicators", it) for i, it in enumerate(self.report.indicators)]
        inside = [
            Placed(f"/tasks/{t}/indicators/{i}", "/tasks", it)
            for t, task in enumerate(self.report.tasks)
            for i, it in enumerate(task.indicators)
        ]
        return own + inside

    @cached_property
    def lines(self) -> list[tuple[str, FundingLine]]:
        """The lines of the budget with their pointers."""
        return [(f"/budget/{i}", line) for i, line in enumerate(self.report.budget)]

    @property
    def total(self) -> tuple[str, FundingLine] | None:
        """The total's line; the only line where there is no other."""
        named = [one for one in self.lines if one[1].source == "合计"]
        return named[0] if named else self.lines[0] if len(self.lines) == 1 else None

    def spans(self, *pointers: str) -> Spans:
        """The places of values, or of everything under a pointer, in order and once each."""
        found: dict[tuple[int, int], None] = {}
        for pointer in pointers:
            for at, own in self.places.items():
                if at == pointer or at.startswith(f"{pointer}/"):
                    found.update(dict.fromkeys(own))
        return tuple(sorted(found))

    def rounding(self, *pointers: str) -> Decimal | None:
        """Half a unit of the coarsest place of amounts printed in a larger unit; None where none was."""
        found = [one for pointer in pointers if (one := self._converted(pointer)) is not None]
        return max(found, default=None)

    def value(self, pointer: str) -> Any:
        """The value under a JSON Pointer."""
        node: Any = self.report
        for key in pointer.strip("/").split("/"):
            node = node[int(key)] if key.isdigit() else getattr(node, key)
        return node

    def _converted(self, pointer: str) -> Decimal | None:
        node = self.value(pointer)
        own = self.places.get(pointer)
        raw = number(self.text[own[0][0] : own[0][1]]) if own else None
        if not isinstance(node, Decimal) or not raw or not node or abs(raw) >= abs(node):
            return None
        exponent = raw.as_tuple().exponent
        power = (node / raw).log10().to_integral_value()
        return Decimal(5).scaleb(int(exponent) - 1 + int(power)) if isinstance(exponent, int) else None

    def finding(self, id: str, grade: Grade, pointers: Sequence[str], message: str, **more: Any) -> Finding:
        """A finding with the places of what it is about; one about the text points at the values there."""
        spans = more.pop("spans", None)
        own = self.spans(*pointers) if spans is None else spans
        return Finding(id, grade, tuple(pointers) or self.holders(own), message, own, **more)

    def holders(self, spans: Spans) -> tuple[str, ...]:
        """The pointers of the values in which stretches of the text stand, the shortest for each."""
        found: dict[str, None] = {}
        for start, end in spans:
            around = [
                (b - a, at) for at, own in self.places.items() for a, b in own if a <= start and end <= b
            ]
            if around:
                found[min(around)[1]] = None
        return tuple(found)

    @cached_property
    def passages(self) -> list[tuple[str, str]]:
        """The texts in which a department explains itself, with their pointers."""
        report = self.report
        own: list[tuple[str, str | None]] = [
            *((f"/problems/{i}/text", one.text) for i, one in enumerate(report.problems)),
            *((f"/measures/{i}/text", one.text) for i, one in enumerate(report.measures)),
            ("/overall_performance", report.overall_performance),
            ("/key_project_performance", report.key_project_performance),
            ("/self_evaluation/conclusion", report.self_evaluation.conclusion),
            ("/goal/achieved", report.goal.achieved),
            *((f"/tasks/{i}/achieved", task.achieved) for i, task in enumerate(report.tasks)),
        ]
        return [(at, text) for at, text in own if text]

    @cached_property
    def told(self) -> list[tuple[str, str]]:
        """The same texts folded and without white space."""
        return [(at, squeezed(text)) for at, text in self.passages]

    @cached_property
    def sentences(self) -> list[str]:
        """The passages of problems whole and those of results by their sentences, folded."""
        out = [text for at, text in self.told if at.startswith("/problems")]
        for _, text in self.told:
            out += re.split(r"[。;\n]", text)
        return out


def indicators_words(it: Indicator) -> str:
    """An indicator's name in quotation marks."""
    return f"指标“{' '.join(it.name.split())}”"


def case_of(extraction: Extraction, thresholds: Thresholds | None = None) -> Case:
    """What the checks see of an extraction."""
    places = {at: tuple((e.start, e.end) for e in own) for at, own in extraction.evidence.items()}
    conflicts = [
        {
            "pointer": one.pointer,
            "candidates": [
                {
                    "value": c.value,
                    "from": c.origin,
                    "evidence": [{"start": e.start, "end": e.end} for e in c.evidence],
                }
                for c in one.candidates
            ],
        }
        for one in extraction.conflicts
    ]
    return Case(extraction.report, extraction.document.text, places, thresholds or Thresholds(), conflicts)
