"""What a draft may rest on, numbered: values of the report in the document's words, and computed checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractor.checks.case import Case, Finding
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
GRADE_WORDS: Mapping[str, str] = {"E": "错误", "W": "警示", "I": "提示"}
_AMOUNTS = frozenset({"initial", "adjustment", "adjusted", "budget_unspecified", "actual", "funds", "budget"})
_RATES = frozenset({"execution_rate", "adjustment_rate"})


@dataclass
class Proofs:
    """Proofs as they are asked for; the same value or check is numbered once."""

    case: Case
    held: list[Proof] = field(default_factory=list)
    _numbers: dict[object, int] = field(default_factory=dict)

    def value(self, pointer: str, value: object, label: str | None = None) -> int:
        """The number of a value of the report."""
        name = pointer.rsplit("/", 1)[-1]
        words = f"{label or LABELS.get(name, '')} {shown(name, value, self.case.unit, pointer)}".strip()
        return self._add(pointer, words, self.case.spans(pointer), pointer=pointer)

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
