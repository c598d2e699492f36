"""Whether a text is a self-evaluation at all: by its words before it is read, by what was found after."""

from __future__ import annotations

from extractor.drafts import Draft
from extractor.folding import squeezed

_MARKS = (
    "绩效",
    "自评",
    "整体支出",
    "执行率",
    "完成率",
    "关键指标",
    "三级指标",
    "完成情况",
    "存在",
    "改进",
    "绩效目标",
    "年初预算",
    "实际支出",
    "评价",
)
_LEAST_MARKS = 4


def may_be_self_evaluation(text: str) -> bool:
    """Whether the words of a text are those of a self-evaluation of spending."""
    plain = squeezed(text)
    marks = sum(mark in plain for mark in _MARKS)
    return (
        marks >= _LEAST_MARKS
        and "绩效" in plain
        and ("自评" in plain or "自我评价" in plain or "评价" in plain)
    )


def groups_found(draft: Draft) -> int:
    """How many parts of a report a draft has; a self-evaluation gives at least two."""
    lists = ("budget", "indicators", "tasks", "projects", "problems", "measures")
    return sum(bool(draft[key]) for key in lists) + bool(draft["goal"]["expected"])
