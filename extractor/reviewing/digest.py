"""Many departments side by side: their figures, what problems and measures recur, who stands out.

Of each result only what the digest tells is kept, so that memory does not grow with the documents' texts.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import quantiles

from extractor.checks.amounts import basis
from extractor.checks.case import GRADES, Case, Finding
from extractor.quantities import Money
from extractor.reviewing.themes import theme_of, themes

UNIT = "万元"
_FEWEST = 8
_REACH = Decimal("1.5")


@dataclass(frozen=True)
class Told:
    """One sentence of a department: where it stands, and its theme."""

    department: str
    file: str
    line: int
    text: str
    theme: str


@dataclass(frozen=True)
class Row:
    """One department's figures, amounts in 万元, rates in percent; None where it does not say.

    `told` holds its findings, packed: id, message and line of each.
    """

    file: str
    department: str
    year: int | None
    budget: Decimal | None
    actual: Decimal | None
    execution: Decimal | None
    adjustment: Decimal | None
    counts: tuple[int, int, int]
    ids: tuple[str, ...]
    told: bytes = b""


@dataclass(frozen=True)
class Outlier:
    """A figure far from the others: what it is, whose, and the bounds by quartiles; `floor` for a count."""

    name: str
    department: str
    file: str
    value: Decimal
    low: Decimal
    high: Decimal
    year: int | None = None
    floor: bool = False


@dataclass
class Digest:
    """The rows, the problems and measures, and what of each finding's id there is."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Told] = field(default_factory=list)
    measures: list[Told] = field(default_factory=list)

    def add(self, case: Case, findings: Sequence[Finding], file: str) -> None:
        """Take in one result."""
        report = case.report
        own = [one for one in findings if one.status != "rejected"]
        department = report.department or file
        starts = [line.start for line in case.document.lines]
        self.rows.append(_row(case, own, (file, department), starts))
        problems = [one.text for one in report.problems]
        measures = [one.text for one in report.measures]
        for held, texts, name in (
            (self.problems, problems, "problems"),
            (self.measures, measures, "measures"),
        ):
            for i, text in enumerate(texts):
                spans = case.places.get(f"/{name}/{i}/text", ())
                line = bisect_right(starts, spans[0][0]) if spans else 0
                held.append(Told(department, file, line, " ".join(text.split()), theme_of(text)))

    def groups(self, told: Sequence[Told]) -> list[tuple[str, list[Told]]]:
        """The sentences by theme, the most frequent first, those of no theme last."""
        found: dict[str, list[Told]] = {name: [] for name in themes()}
        for one in told:
            found.setdefault(one.theme, []).append(one)
        known = [(name, own) for name, own in found.items() if own]
        last = themes()[-1]
        return sorted(known, key=lambda one: (one[0] == last, -len({t.file for t in one[1]}), -len(one[1])))

    def ids(self) -> list[tuple[str, int, int]]:
        """Each check with its findings and the departments that have one, the most frequent first."""
        total: dict[str, int] = {}
        where: dict[str, int] = {}
        for row in self.rows:
            for id in row.ids:
                total[id] = total.get(id, 0) + 1
            for id in set(row.ids):
                where[id] = where.get(id, 0) + 1
        return sorted(
            ((id, total[id], where[id]) for id in total), key=lambda one: (-one[2], -one[1], one[0])
        )

    def told(self, id: str) -> list[tuple[Row, str, int]]:
        """The findings of a check: whose, the message and its line."""
        rows = (row for row in self.rows if id in row.ids)
        return [(row, words, line) for row in rows for own, words, line in _unpacked(row.told) if own == id]

    def outliers(self) -> list[Outlier]:
        """Figures beyond one and a half times the quartiles' distance (Tukey, 1977), of eight or more."""
        return [
            *self._beyond("预算完成率", [(row, row.execution) for row in self.rows]),
            *self._beyond("预算调整率", [(row, row.adjustment) for row in self.rows]),
            *self._beyond(
                "审核发现（错误与警示）", [(row, Decimal(sum(row.counts[:2]))) for row in self.rows]
            ),
        ]

    def _beyond(self, name: str, values: Iterable[tuple[Row, Decimal | None]]) -> Iterator[Outlier]:
        known = [(row, value) for row, value in values if value is not None]
        if len(known) < _FEWEST:
            return
        first, _, third = quantiles([value for _, value in known], n=4, method="inclusive")
        low, high = first - _REACH * (third - first), third + _REACH * (third - first)
        for row, value in known:
            if not low <= value <= high:
                count = name.startswith("审核发现")
                yield Outlier(name, row.department, row.file, value, low, high, row.year, count)


def _row(case: Case, own: Sequence[Finding], names: tuple[str, str], starts: Sequence[int]) -> Row:
    total = case.total
    budget = basis(*total) if total else None
    line = total[1] if total else None
    execution = line.execution_rate if line else None
    if execution is None and budget and budget.amount and line and line.actual is not None:
        execution = round(line.actual / budget.amount * 100, 2)
    adjustment = line.adjustment_rate if line else None
    if adjustment is None and line and line.initial and line.adjustment is not None:
        adjustment = round(line.adjustment / line.initial * 100, 2)
    e, w, i = (sum(one.grade == grade for one in own) for grade in GRADES)
    return Row(
        *names,
        case.report.fiscal_year,
        _in_unit(budget.amount if budget else None, case.unit),
        _in_unit(line.actual if line else None, case.unit),
        execution,
        adjustment,
        (e, w, i),
        tuple(one.id for one in own if one.grade != "I"),
        _packed([(one.id, one.message, _line(starts, one)) for one in own if one.grade != "I"]),
    )


def _packed(told: list[tuple[str, str, int]]) -> bytes:
    return zlib.compress(json.dumps(told, ensure_ascii=False).encode())


def _unpacked(told: bytes) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = json.loads(zlib.decompress(told)) if told else []
    return found


def _line(starts: Sequence[int], finding: Finding) -> int:
    """The line on which a finding begins, 0 where it has no place."""
    return bisect_right(starts, finding.spans[0][0]) if finding.spans else 0


def _in_unit(amount: Decimal | None, unit: str) -> Decimal | None:
    """The amount in 万元; None where its unit is not known."""
    if amount is None or unit not in ("元", "万元", "亿元", "千元"):
        return None
    own = Money(amount, unit).converted(UNIT).amount
    return own if own == amount else Decimal(f"{own.normalize():f}")
