"""What a draft may rest on, numbered: values of the report in the document's words, and computed checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractor.checks.case import Case, Finding
from extractor.report import TOTAL
from extractor.review import Proof

Spans = tuple[tuple[int, int], ...]
LABELS: Mapping[str, str] = {
    "department": "部门名称",
    "fiscal_year": "评价年度",
    "money_unit": "金额单位",
    "source": "资金来源",
    "initial": "年初预算数",
    "adjustment": "预算调整数",
    "adjusted": "调整后预算数",
    "budget_unspecified": "年度预算数",
    "actual": "实际支出数",
    "execution_rate": "预算完成率",
    "adjustment_rate": "预算调整率",
    "conclusion": "自评结论",
    "grade": "自评等级",
    "score": "自评得分",
}
CORRECTED = "（经人工更正，原文未见）"
GRADE_WORDS: Mapping[str, str] = {"E": "错误", "W": "警示", "I": "提示"}
_AMOUNTS = frozenset({"initial", "adjustment", "adjusted", "budget_unspecified", "actual", "funds", "budget"})
_RATES = frozenset({"execution_rate", "adjustment_rate"})


@dataclass
class Proofs:
    """Proofs as they are asked for; the same value or check is numbered once."""

    case: Case
    corrected: frozenset[str] = frozenset()
    held: list[Proof] = field(default_factory=list)
    _numbers: dict[object, int] = field(default_factory=dict)

    def value(self, pointer: str, value: object, label: str | None = None) -> int:
        """The number of a value of the report."""
        name = pointer.rsplit("/", 1)[-1]
        own = label or f"{self._source(pointer)}{LABELS.get(name, '')}"
        words = f"{own} {shown(name, value, self.case.unit, pointer)}{self.mark(pointer)}".strip()
        return self._add(pointer, words, self.case.spans(pointer), pointer=pointer)

    def passage(self, label: str, span: tuple[int, int]) -> int:
        """The number of a stretch of the document that is no value of the report."""
        words = "".join(self.case.text[slice(*span)].split())
        return self._add((label, span), f"{label} {words}", (span,))

    def mark(self, pointer: str) -> str:
        """What stands behind a value that a person put in the place of the document's."""
        return CORRECTED if pointer in self.corrected else ""

    def counted(self, name: str, words: str, findings: Sequence[Finding]) -> int:
        """The number of a count of findings, with what was counted and the places of each."""
        ids = Counter(one.id for one in findings)
        what = "、".join(f"{id}×{n}" if n > 1 else id for id, n in ids.items())
        spans = tuple(dict.fromkeys(one.spans[0] for one in findings if one.spans))
        return self._add((name, words), f"{words}（{what}）" if what else words, spans, finding=name)

    def _source(self, pointer: str) -> str:
        """The source of a budget line with a blank, for the line's figures; nothing for the total's."""
        parts = pointer.split("/")
        if parts[1] != "budget" or parts[-1] == "source":
            return ""
        source = self.case.report.budget[int(parts[2])].source
        return "" if source == TOTAL else f"{source} "

    def finding(self, finding: Finding) -> int:
        """The number of a finding."""
        head = f"{GRADE_WORDS[finding.grade]}（{finding.id}）：{finding.message}"
        words = "；".join(filter(None, (head, finding.computed)))
        return self._add(finding.key, words, finding.spans, finding=finding.id)

    def computed(self, name: str, words: str, pointers: Sequence[str] = ()) -> int:
        """The number of something that the review itself counted or computed."""
        return self._add((name, words), words, self.case.spans(*pointers), finding=name)

    def _add(
        self, key: object, text: str, spans: Spans, pointer: str | None = None, finding: str | None = None
    ) -> int:
        if key not in self._numbers:
            number = len(self.held) + 1
            self._numbers[key] = number
            self.held.append(Proof(number=number, text=text, spans=spans, pointer=pointer, finding=finding))
        return self._numbers[key]


def shown(name: str, value: object, unit: str, pointer: str = "") -> str:
    """A value with its unit, its digits as printed."""
    if name in _AMOUNTS and isinstance(value, Decimal) and "/indicators/" not in pointer:
        return f"{value}{unit}"
    if name in _RATES and isinstance(value, Decimal):
        return f"{value}%"
    return "".join(str(value).split("\n")) if isinstance(value, str) else str(value)
