"""What the rules make of single turns of a form, each in a small form of its own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from extractor import extract_text
from extractor.report import Report
from tests.test_cli import run

HEAD = """部门整体支出绩效自评表
单位：万元
部门名称 青禾区档案馆（部门） 被评价年度 2022年
部门资金情况
部门调整预算收入 {adjusted} 部门年初预算收入 500.00
实际支出数 410.00
年度预算调整数 {adjustment}
其中：一般公共预算 410.00
预算完成率 97.62% 预算调整率 -16.00%
年度目标
年度总体目标 整体目标完成情况
做好档案接收、整理和利用工作，确保档案安全，提升服务水平。
全年接收档案1.2万卷，接待查阅3400人次，未发生安全事故。
主要任务
预期目标 目标完成情况 指标名称 实际完成值 任务涉及资金
档案接收
按计划接收到期档案，规范整理编目。
全年接收到期档案，完成整理编目并上架。
接收档案数量 ≧1.2万卷
{funds}
整理完成率 100%
存在问题 {problems}
改进措施 {measures}
"""


def read(**words: str) -> Report:
    filled = {
        "adjusted": "420.00",
        "adjustment": "-80.00",
        "funds": "36.50",
        "problems": "预算编制不够精细。",
        "measures": "加强预算编制。",
    }
    return extract_text(HEAD.format(**{**filled, **words})).report


def test_the_small_form_is_read_whole() -> None:
    report = read()
    total, part = report.budget
    assert (report.department, report.fiscal_year, report.money_unit) == ("青禾区档案馆", 2022, "万元")
    assert (total.initial, total.adjusted, total.adjustment, total.actual) == (500, 420, -80, 410)
    assert (total.execution_rate, total.adjustment_rate) == (Decimal("97.62"), Decimal("-16.00"))
    assert (part.source, part.actual, part.partial) == ("一般公共预算", 410, True)
    assert report.goal.achieved == "全年接收档案1.2万卷，接待查阅3400人次，未发生安全事故。"
    assert [(one.name, one.target, one.actual) for one in report.tasks[0].indicators] == [
        ("接收档案数量", None, "≧1.2万卷"),
        ("整理完成率", None, "100%"),
    ]


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("36.50", "36.50"),
        ("叁佰万元", "300"),
        ("98000元", "9.8"),
        ("0.12亿元", "1200"),
        ("1,036.50", "1036.50"),
        ("３６．５", "36.5"),
    ],
)
def test_an_amount_in_any_dress_is_in_the_unit_of_the_report(printed: str, value: str) -> None:
    assert read(funds=printed).tasks[0].funds == Decimal(value)


@pytest.mark.parametrize("printed", ["(80.00)", "（80.00）", "-80.00", "−80.00", "－80.00"])
def test_a_negative_amount_in_any_dress(printed: str) -> None:
    assert read(adjustment=printed).budget[0].adjustment == -80


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("一是库房不足；二是人员老化。", ["库房不足；", "人员老化。"]),
        ("1.库房不足；\n2.人员老化。", ["库房不足；", "人员老化。"]),
        ("（一）库房不足。\n（二）人员老化。", ["库房不足。", "人员老化。"]),
        ("主要存在以下问题：一是库房不足；二是人员老化。", ["库房不足；", "人员老化。"]),
        (
            "库房条件较差，安全压力较大。一是库房不足；二是人员老化。",
            ["库房条件较差，安全压力较大。", "库房不足；", "人员老化。"],
        ),
        (
            "一是库房不足。首先，面积小；其次，湿度大。二是人员老化。",
            ["库房不足。首先，面积小；其次，湿度大。", "人员老化。"],
        ),
        ("库房不足，人员老化。", ["库房不足，人员老化。"]),
        ("无。", []),
    ],
)
def test_one_enumerated_point_is_one_problem(text: str, points: list[str]) -> None:
    assert [problem.text for problem in read(problems=text).problems] == points


def test_a_measure_addresses_the_problem_that_it_takes_up() -> None:
    report = read(
        problems="一是档案库房面积不足。二是数字化率偏低。三是人员结构老化。",
        measures="一是加快数字化加工，提升数字化率。二是争取库房扩建，缓解库房面积紧张。",
    )
    assert [measure.addresses for measure in report.measures] == [(1,), (0,)]


def test_names_and_notes_of_the_form_are_left_out() -> None:
    text = HEAD.format(
        adjusted="420.00", adjustment="-80.00", funds="36.5", problems="无。", measures="加强管理。"
    )
    report = extract_text(text + "填表人：张某某 联系电话：0000-0000000\n注：本表一式两份。\n").report
    assert report.measures[0].text == "加强管理。"


MIXED = """部门整体支出绩效自评表
单位：万元
部门名称 青禾区档案馆 被评价年度 2022年
调整后预算 420.00 年初预算 500.00
实际支出 410.00 年度预算调整数 -80.00
年度总体目标 整体目标完成情况
做好档案接收、整理和利用工作， 全年接收档案1.2万卷，接待查
确保档案安全，提升服务水平。 阅3400人次，未发生安全事故。
主要任务 预期目标 目标完成情况 指标名称 实际完成值 任务涉及资金
按计划接收到期档案， 全年接收到期档案， 接收档案数量 1.2万卷
档案 规范整理编目，并做好 完成整理编目并上架， 整理完成 100% 36.50
接收 移交登记，确保数据 移交登记资料齐全，数 率
准确完整。 据核对无误。 上架率 98%
面向社会开展查阅服 全年接待查阅群众共 接待查阅
利用 务，简化手续，编研 3400人次，编印出版 人次 3400人次 12.00
服务 档案史料，举办展览 史料两种，举办专题 展览场次
并开展进校园活动。 展览四场次。 4场
存在问题 预算编制不够精细。
改进措施 加强预算编制。
"""


def test_columns_that_are_mixed_give_nothing_rather_than_chance() -> None:
    extraction = extract_text(MIXED)
    report = extraction.report
    assert not report.tasks
    assert report.goal.expected is None
    assert (report.budget[0].actual, report.problems[0].text) == (410, "预算编制不够精细。")
    assert not extraction.coverage["complete"]
    assert any(
        task["status"] == "failed"
        for chunk in extraction.coverage["chunks"]
        for task in chunk["tasks"].values()
    )


def test_what_was_not_read_stands_out_on_the_page_and_in_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "mixed.txt").write_text(MIXED, "utf-8")
    done = run("extract", tmp_path / "mixed.txt", "-o", tmp_path / "out", "--format", "html,json,md,xlsx")
    assert done.returncode == 3
    assert "columns are mixed" in done.stderr.decode()
    assert "未能读取" in (tmp_path / "out" / "mixed.html").read_text("utf-8")
    assert "未能读取" in (tmp_path / "out" / "mixed.md").read_text("utf-8")


BROKEN = """部门整体支出绩效自评表
（2022年度）
金额单位：万元
部门名称 青禾区档案馆
年度资金情况
年初预算数
全年预算数（A）
全年执行数（B）
分值
执行率（B/A）
得分
年度资金总额
{initial}
{adjusted}
{actual}
10
94.41%
9.4
年度总体目标
预期目标 实际完成情况
做好档案接收、整理和利用工作，确保档案安全，提升服务水平。
全年接收档案1.2万卷，接待查阅3400人次，未发生安全事故。
总分 100 96.4
存在问题 档案库房面积不足，部分馆藏未能上架。
"""


@pytest.mark.parametrize(
    ("initial", "adjusted", "actual"),
    [
        ("1,420.00", "1,510.50", "1,426.06"),
        ("1,420.0\n\n0", "1,510.\n\n50", "1,426.0\n\n6"),
        ("1420.0\n0", "1510.\n5\n", "1426.0\n6"),
    ],
)
def test_figures_that_a_narrow_column_broke_are_whole(initial: str, adjusted: str, actual: str) -> None:
    line = extract_text(BROKEN.format(initial=initial, adjusted=adjusted, actual=actual)).report.budget[0]
    assert (line.initial, line.adjusted, line.actual) == (
        Decimal(1420),
        Decimal("1510.5"),
        Decimal("1426.06"),
    )
    assert (line.weight, line.execution_rate, line.score) == (Decimal(10), Decimal("94.41"), Decimal("9.4"))


def test_a_figure_whose_decimals_are_lost_is_not_read() -> None:
    text = BROKEN.format(initial="1,420.00", adjusted="1,510.", actual="1,426.06")
    line = extract_text(text).report.budget[0]
    assert (line.initial, line.adjusted, line.actual) == (Decimal(1420), None, Decimal("1426.06"))


TASKS = """年度主要
任务

任务名称
主要内容
实际完成情况
任务涉及
资金

档案接收
按计划接收到期档案，规范整理编目，扩大接收
范围。
全年接收到期档案1.2万卷，全部完成整理编
目并上架。
36.50

{page}
查阅利用
优化查阅流程，推行网上预约和异地查档服务，
方便群众办事。
接待查阅3400人次，其中网上预约820人次，开
展异地查档。
18.20

预算绩效管理开展情况
按照财政部门统一部署，全年编报项目绩效目标
3个，开展绩效监控2次，及时公开预算和决算信
息。
"""
HEADS = "任务名称\n主要内容\n实际完成情况\n任务涉及\n资金\n"


@pytest.mark.parametrize("page", ["", f"— 2 —\n\n{HEADS}"])
def test_what_a_task_is_about_is_its_goal_and_a_page_between_two_tasks_does_not_join_them(page: str) -> None:
    before = HEAD.format(adjusted="420.00", adjustment="-80.00", funds="", problems="", measures="")
    text = before[: before.index("主要任务")] + TASKS.format(page=page) + "存在问题\n预算编制不够精细。\n"
    report = extract_text(text).report
    assert [(one.name, one.funds) for one in report.tasks] == [
        ("档案接收", Decimal("36.50")),
        ("查阅利用", Decimal("18.20")),
    ]
    assert report.tasks[0].expected == "按计划接收到期档案，规范整理编目，扩大接收范围。"
    assert report.tasks[1].achieved == "接待查阅3400人次，其中网上预约820人次，开展异地查档。"
    assert [one.text for one in report.problems] == ["预算编制不够精细。"]


TOLD = """青禾区档案馆2022年度部门整体支出绩效自评报告

一、部门基本情况
青禾区档案馆是区委直属事业单位，负责全区档案接收、整理、保管和利用工作，内设机构三个，年末在职人员十六人。

二、预算执行情况
年初预算数500.00万元，全年预算数420.00万元，支出数410.00万元，预算执行率97.62%。

三、{title}
{items}

四、存在的问题
预算编制不够精细。

五、改进措施
加强预算编制。
"""
FUNDS = """全年安排专项资金项目2个，情况如下：
（1）库房改造专项，预算120.00万元，支出118.00万元，执行率98.33%，自评等级为优。
（2）数字化加工专项，预算80.00万元，支出60.00万元，执行率75.00%，自评等级为良。"""
TABLE = """各项目情况见下表。
序号\t项目名称\t预算数（万元）\t支出数（万元）\t执行率\t自评等级
1\t库房改造专项\t120.00\t118.00\t98.33%\t优
2\t数字化加工专项\t80.00\t60.00\t75.00%\t良"""


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize(("title", "items"), [("专项资金使用情况", FUNDS), ("项目支出绩效情况", TABLE)])
def test_projects_enumerated_or_in_a_table_are_found_with_and_without_a_form(
    form: bool, title: str, items: str
) -> None:
    head = HEAD.format(
        adjusted="420.00", adjustment="-80.00", funds="36.50", problems="甲。", measures="乙。"
    )
    report = extract_text((head if form else "") + TOLD.format(title=title, items=items)).report
    assert [(one.name, one.budget, one.actual, one.execution_rate, one.grade) for one in report.projects] == [
        ("库房改造专项", 120, 118, Decimal("98.33"), "优"),
        ("数字化加工专项", 80, 60, Decimal("75.00"), "良"),
    ]
    assert "专项资金" not in [line.source for line in report.budget]


STREAM = """各项目支出情况如下：
序号 项目名称 预算数 执行数 执行率 自评得分 自评等级
1
库房改造专
项
1,120.00 1,118.00 99.82% 98.50 优
2 数字化加工专项 80.00 60.00 75.00% - 良
合计 1,200.00 1,178.00 98.17% - -
"""


def test_a_table_of_projects_broken_into_words_is_read_without_its_total() -> None:
    head = HEAD.format(
        adjusted="420.00", adjustment="-80.00", funds="36.50", problems="甲。", measures="乙。"
    )
    text = head.replace("存在问题", f"重点项目绩效\n{STREAM}存在问题")
    found = [tuple(one.model_dump().values()) for one in extract_text(text).report.projects]
    assert found == [
        ("库房改造专项", 1120, 1118, Decimal("99.82"), Decimal("98.50"), "优"),
        ("数字化加工专项", 80, 60, Decimal("75.00"), None, "良"),
    ]
    assert extract_text(text.replace("项目名称", "事项名称")).report.projects == ()


def test_a_part_told_in_a_line_of_labels_of_its_own_keeps_its_figures() -> None:
    head = HEAD.format(
        adjusted="420.00", adjustment="-80.00", funds="36.50", problems="甲。", measures="乙。"
    )
    line = "其中：上级补助 年初预算 0.00 调整后预算 86.40 实际支出 84.15 预算执行率 97.40%\n"
    total, *parts = extract_text(head.replace("年度目标\n", line + "年度目标\n", 1)).report.budget
    assert (total.initial, total.adjusted, total.actual) == (500, 420, 410)
    part = next(one for one in parts if one.source == "上级补助")
    assert (part.initial, part.adjusted, part.actual) == (0, Decimal("86.40"), Decimal("84.15"))
    assert (part.execution_rate, part.partial) == (Decimal("97.40"), True)
