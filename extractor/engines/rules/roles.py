"""What a heading of a narrative announces."""

from __future__ import annotations

import re

_ROLES = (
    ("goal", r"目标(?:的)?(?:设立|设定|设置|申报)"),
    (
        "none",
        r"自评(?:工作|组织|目的|指标体系)|评价工作|职能|职责|机构|概况|基本情况|人员|编制|管理情况|评价依据|评价方法|组织实施|附件|公开",
    ),
    ("problems", r"存在.{0,6}(?:问题|不足|困难)|主要问题|问题.{0,4}(?:原因|分析)|不足之处"),
    ("measures", r"改进|整改|下一步|措施|下阶段|工作打算|意见|建议"),
    ("work", r"任务(?!.{0,3}项目).{0,6}完成情况|工作任务"),
    ("achieved", r"目标(?:的)?(?:实际)?(?:完成|实现)情况"),
    ("indicators", r"履职效能|指标(?:完成|实现|分析)|产出|效益|目标完成|完成情况分析|绩效分析|履职效果"),
    ("conclusion", r"自评结论|自评结果|评价结论|总体结论|综合结论|自评得分|结论"),
    ("key_project", r"重点项目绩效"),
    ("projects", r"项目.{0,12}(?:支出|完成|情况|绩效|实施)"),
    (
        "goal",
        r"绩效目标$|目标(?:的)?(?:设立|设定|设置|申报)|总体目标$|年度目标$|整体目标$|预期目标$|目标设定|目标设置|绩效总目标",
    ),
    ("overall", r"工作成效|主要成效|整体绩效|成效"),
    ("fund", r"专项资金"),
    ("budget", r"收支|支出情况|资金情况|预算.{0,6}(?:情况|执行)|经费|资金.{0,4}(?:情况|使用)|决算"),
    (
        "work",
        r"总体工作|重点工作|主要工作|工作任务|履职(?:情况|完成)|年度工作|工作(?:开展|完成)情况|主要任务",
    ),
)
_PATTERNS = tuple((role, re.compile(pattern)) for role, pattern in _ROLES)


def role_of(title: str) -> str | None:
    """The role that a heading's words announce, None where they announce none."""
    plain = re.sub(r"\s", "", title)
    return next((role for role, pattern in _PATTERNS if pattern.search(plain)), None)
