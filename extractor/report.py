"""The report: one fixed shape for every self-evaluation, whatever its form looked like.

Figures are `Decimal`. Amounts are in the report's `money_unit`, rates in percent (96.20 for 96.20%).
None means that the document does not say; it never means zero.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

TOTAL = "合计"


class Model(BaseModel):
    """A frozen value that knows its fields and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FundingLine(Model):
    """The department's money from one source; the total is the line named 合计."""

    source: str = Field(description="合计 for the total, else the plain name of the source")
    initial: Decimal | None = Field(None, description="年初预算数")
    adjustment: Decimal | None = Field(None, description="年度预算调整数, signed")
    adjusted: Decimal | None = Field(None, description="调整后预算数, 全年预算数")
    budget_unspecified: Decimal | None = Field(None, description="a budget figure of unstated basis")
    actual: Decimal | None = Field(None, description="实际支出数, 决算数, 全年执行数")
    execution_rate: Decimal | None = Field(None, description="预算完成率, in percent")
    adjustment_rate: Decimal | None = Field(None, description="预算调整率, in percent, signed")
    weight: Decimal | None = Field(None, description="分值")
    score: Decimal | None = Field(None, description="得分")
    partial: bool = Field(False, description="only a part of the total, not one of a full set of sources")


class Goal(Model):
    """年度目标: what was aimed at and what came of it."""

    expected: str | None = None
    achieved: str | None = None


class Indicator(Model):
    """One indicator with its target and its result, verbatim."""

    name: str
    level: str | None = Field(None, description="class path joined by '/', such as 产出指标/数量指标")
    definition: str | None = Field(None, description="计算公式或指标内容")
    target: str | None = Field(None, description="预期实现值, 年度指标值")
    actual: str | None = Field(None, description="指标完成情况, 实际完成值")
    weight: Decimal | None = Field(None, description="分值")
    score: Decimal | None = Field(None, description="得分")
    deviation_reason: str | None = Field(None, description="偏差原因分析及改进措施")


class Task(Model):
    """主要任务: one task with its own indicators; `funds` in the report's money unit."""

    name: str
    expected: str | None = None
    achieved: str | None = None
    funds: Decimal | None = Field(None, description="任务涉及资金")
    indicators: tuple[Indicator, ...] = ()


class Project(Model):
    """A project listed with figures of its own."""

    name: str
    budget: Decimal | None = None
    actual: Decimal | None = None
    execution_rate: Decimal | None = None
    score: Decimal | None = None
    grade: str | None = None


class SelfEvaluation(Model):
    """The department's verdict on itself."""

    conclusion: str | None = None
    grade: str | None = Field(None, description="优, 良, 中 or 差, as printed")
    score: Decimal | None = None


class Problem(Model):
    """A problem that the document owns up to."""

    text: str


class Measure(Model):
    """An improvement measure; `addresses` holds zero-based positions in `problems`."""

    text: str
    addresses: tuple[int, ...] = ()


class Report(Model):
    """Everything one self-evaluation says."""

    department: str | None = None
    fiscal_year: int | None = None
    money_unit: str | None = Field(None, description="元, 万元 or 亿元, as printed")
    budget: tuple[FundingLine, ...] = ()
    goal: Goal = Goal()
    indicators: tuple[Indicator, ...] = ()
    tasks: tuple[Task, ...] = ()
    projects: tuple[Project, ...] = ()
    key_project_performance: str | None = None
    overall_performance: str | None = None
    self_evaluation: SelfEvaluation = SelfEvaluation()
    problems: tuple[Problem, ...] = ()
    measures: tuple[Measure, ...] = ()
