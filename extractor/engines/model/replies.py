"""What each task's reply holds: narrow, flat, short to write, and all of it references into the lines shown.

A string is a reference (see `references`), "" where the document does not say. Column names are ASCII, as
grammar engines want enums; what each means stands in its description.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from extractor.llm.request import CHECK

Ref = str
_MOST_FAULTS = 6


class Reply(BaseModel):
    """A reply to one task."""

    model_config = ConfigDict(extra="ignore")


class Answer(Reply):
    """A whole reply: what the call under way checks of it is part of its validation."""

    @model_validator(mode="after")
    def _holds(self) -> Self:
        check = CHECK.get()
        faults = check(self) if check is not None else []
        if faults:
            raise ValueError("; ".join(faults[:_MOST_FAULTS]))
        return self


Row = list[Ref]
_ROWS = '每行各格依columns次序，空格填""，行尾空格可省'


class Table(Answer):
    """Rows of cells under named columns; a row that is shorter than the columns ends in blanks."""

    @model_validator(mode="after")
    def _no_wider_than_its_columns(self) -> Self:
        columns: list[str] | None = getattr(self, "columns", None)
        rows: list[Row] = getattr(self, "rows", [])
        for i, row in enumerate(rows):
            if columns is not None and len(row) > len(columns):
                raise ValueError(f"rows[{i}] has {len(row)} cells, there are {len(columns)} columns")
        return self


FundingColumn = Literal[
    "source", "initial", "adjustment", "adjusted", "budget_unspecified", "actual", "execution_rate",
    "adjustment_rate", "weight", "score", "partial",
]  # fmt: skip


class BudgetReply(Table):
    """The head of the document and the department's money."""

    department: Ref = Field(description="部门名称/主管部门")
    fiscal_year: Ref = Field(description="被评价年度")
    money_unit: Ref = Field(description="金额单位")
    project: Ref = Field(description="项目支出自评表的项目名称")
    columns: list[FundingColumn] = Field(
        description="来源 年初预算 调整数 调整后/全年 口径不明 支出/决算 执行率 调整率 分值 得分 部分"
    )
    rows: list[Row]


class GoalReply(Answer):
    """The year's goal and what came of it."""

    expected: Ref = Field(description="年度总体目标、预期目标")
    achieved: Ref = Field(description="总体目标完成情况")


IndicatorColumn = Literal[
    "level1", "level2", "name", "definition", "target", "actual", "weight", "score", "reason"
]
_INDICATOR_COLUMNS = "一级指标 二级指标 名称 内容/公式 目标值 完成值 分值 得分 偏差原因"


class TaskReply(Reply):
    """One task with the rows of its indicators."""

    name: Ref = Field(description="任务名称")
    expected: Ref = Field(description="预期目标")
    achieved: Ref = Field(description="目标完成情况")
    funds: Ref = Field(description="任务涉及资金")
    rows: list[Row] = Field(description="该任务的指标")


class TasksReply(Answer):
    """The tasks in document order."""

    columns: list[IndicatorColumn] = Field(description=_INDICATOR_COLUMNS)
    tasks: list[TaskReply]

    @model_validator(mode="after")
    def _no_wider_than_its_columns(self) -> Self:
        for i, task in enumerate(self.tasks):
            for k, row in enumerate(task.rows):
                if len(row) > len(self.columns):
                    raise ValueError(f"tasks[{i}].rows[{k}] has {len(row)} cells, not {len(self.columns)}")
        return self


class IndicatorsReply(Table):
    """Indicators of the department as a whole."""

    columns: list[IndicatorColumn] = Field(description=_INDICATOR_COLUMNS)
    rows: list[Row]


ProjectColumn = Literal["name", "budget", "actual", "execution_rate", "score", "grade"]


class ProjectsReply(Table):
    """Projects with figures of their own."""

    columns: list[ProjectColumn] = Field(description="名称 预算 支出 执行率 得分 等级")
    rows: list[Row]


class MeasureReply(Reply):
    """A measure, and which of the problems it answers."""

    text: Ref
    addresses: list[int] = Field(description="针对的problems序号，从0起")


class ReviewReply(Answer):
    """The department's verdict on itself, its problems and its measures."""

    conclusion: Ref = Field(description="自评结论")
    grade: Ref = Field(description="自评等级")
    score: Ref = Field(description="自评总分")
    key_project: Ref = Field(description="重点项目绩效情况")
    overall: Ref = Field(description="部门整体绩效/主要成效")
    problems: list[Ref] = Field(description="存在问题")
    measures: list[MeasureReply] = Field(description="改进措施")
