"""The report as stickler-eval wants it: every text by Levenshtein, every figure exactly."""

from __future__ import annotations

from typing import Any

from stickler import (
    ComparableField,
    ExactComparator,
    LevenshteinComparator,
    NumericComparator,
    StructuredModel,
)


def _text() -> Any:
    return ComparableField(comparator=LevenshteinComparator(), threshold=0.9, default=None)


def _name() -> Any:
    return ComparableField(comparator=ExactComparator(), threshold=1.0, default=None)


def _figure() -> Any:
    return ComparableField(comparator=NumericComparator(), threshold=1.0, default=None)


class Line(StructuredModel):
    source: str | None = _name()
    initial: float | None = _figure()
    adjustment: float | None = _figure()
    adjusted: float | None = _figure()
    budget_unspecified: float | None = _figure()
    actual: float | None = _figure()
    execution_rate: float | None = _figure()
    adjustment_rate: float | None = _figure()


class Indicator(StructuredModel):
    name: str | None = _text()
    level: str | None = _text()
    definition: str | None = _text()
    target: str | None = _text()
    actual: str | None = _text()
    weight: float | None = _figure()
    score: float | None = _figure()
    deviation_reason: str | None = _text()


class Task(StructuredModel):
    name: str | None = _text()
    expected: str | None = _text()
    achieved: str | None = _text()
    funds: float | None = _figure()
    indicators: list[Indicator] = ComparableField(default=[])


class Goal(StructuredModel):
    expected: str | None = _text()
    achieved: str | None = _text()


class Clause(StructuredModel):
    text: str | None = _text()


class Project(StructuredModel):
    name: str | None = _text()
    budget: float | None = _figure()
    actual: float | None = _figure()
    execution_rate: float | None = _figure()
    grade: str | None = _name()


class Report(StructuredModel):
    department: str | None = _name()
    fiscal_year: float | None = _figure()
    money_unit: str | None = _name()
    budget: list[Line] = ComparableField(default=[])
    goal: Goal | None = ComparableField(default=None)
    indicators: list[Indicator] = ComparableField(default=[])
    tasks: list[Task] = ComparableField(default=[])
    projects: list[Project] = ComparableField(default=[])
    key_project_performance: str | None = _text()
    overall_performance: str | None = _text()
    problems: list[Clause] = ComparableField(default=[])
    measures: list[Clause] = ComparableField(default=[])
