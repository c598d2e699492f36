"""Printed values: every row of the guide's table, money and figures."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.quantities import Kind, Money, Op, chinese_number, money, number, parse


@pytest.mark.parametrize(
    ("text", "op", "low", "unit"),
    [
        ("≥85家", Op.GE, "85", "家"),
        ("≧85家", Op.GE, "85", "家"),
        ("不少于85家", Op.GE, "85", "家"),
        ("＞1000人", Op.GT, "1000", "人"),
        ("超过1家", Op.GT, "1", "家"),
        ("大于100家", Op.GT, "100", "家"),
        ("100%", Op.EQ, "100", "%"),
        ("≤5%", Op.LE, "5", "%"),
        ("90%以上", Op.GE, "90", "%"),
        ("3‰以下", Op.LE, "3", "‰"),
        ("36栋，已完成", Op.EQ, "36", "栋"),
        ("已完成1期", Op.EQ, "1", "期"),
        ("2.9亿美元", Op.EQ, "2.9", "亿美元"),
        ("1,500 册", Op.EQ, "1500", "册"),
        ("2021年重点企业135家。", Op.EQ, "135", "家"),
        ("预计2021年重点企业达到100家", Op.GE, "100", "家"),
    ],
)
def test_a_figure_with_its_operator_and_unit(text: str, op: Op, low: str, unit: str) -> None:
    value = parse(text)
    assert (value.kind, value.op, value.low, value.unit) == (Kind.NUMERIC, op, Decimal(low), unit)


@pytest.mark.parametrize(
    ("text", "op"), [("70多家", Op.GT), ("超323亿元", Op.GT), ("1500册左右", Op.EQ), ("约 1500册", Op.EQ)]
)
def test_an_approximate_figure(text: str, op: Op) -> None:
    value = parse(text)
    assert value.approx
    assert value.op is op


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("1-2个", 1, 2), ("3～5个", 3, 5), ("靶向招商优质项目3-5个", 3, 5), ("5至8家", 5, 8)],
)
def test_a_range(text: str, low: int, high: int) -> None:
    value = parse(text)
    assert (value.kind, value.low, value.high) == (Kind.RANGE, low, high)


def test_words_and_prose() -> None:
    assert parse("有所提升").kind is Kind.QUALITATIVE
    assert parse("较满意").kind is Kind.QUALITATIVE
    assert parse("符合计划进度").kind is Kind.QUALITATIVE
    assert (parse("与上年持平").kind, parse("与上年持平").baseline) == (Kind.QUALITATIVE, "上年")
    assert (parse("是").kind, parse("是").truth) == (Kind.BOOLEAN, True)
    assert parse("通过" + "组织高端人才培训等，落实区域重点企业服务工作，" * 3).kind is Kind.TEXT


def test_a_compound_holds_its_parts() -> None:
    value = parse("开展2次安全教育培训、7次安全生产评估、7次回头看")
    assert value.kind is Kind.COMPOUND
    assert [part.low for part in value.parts] == [2, 7, 7]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("１２３．４", "123.4"),
        ("(171.31)", "-171.31"),
        ("（171.31）", "-171.31"),
        ("-150.00", "-150.00"),
        ("−9.16%", "-9.16"),
        ("28,825.37", "28825.37"),
        ("96.20%", "96.20"),
        ("叁佰", "300"),
        ("二十八", "28"),
        ("两", "2"),
        ("一万二千", "12000"),
        ("0.00%", "0.00"),
    ],
)
def test_printed_figures(text: str, value: str) -> None:
    assert str(number(text)) == value


@pytest.mark.parametrize("text", ["", "万元", "1.2.3", "12a", "1-2", "—", "=1+1"])
def test_what_is_no_figure(text: str) -> None:
    assert number(text) is None


def test_money_knows_its_unit_and_its_role() -> None:
    amount = money("叁佰万元", role="funds")
    assert amount == Money(Decimal(300), "万元", "funds")
    assert money("1.2亿元").converted("万元").amount == 12000  # type: ignore[union-attr]
    assert money("98000元").converted("万元").amount == Decimal("9.8000")  # type: ignore[union-attr]


def test_money_is_never_converted_across_currencies() -> None:
    amount = money("2.9亿美元")
    assert amount is not None
    assert amount.unit == "亿美元"
    with pytest.raises(ValueError, match="not a unit"):
        amount.converted("万元")


def test_a_dated_chinese_year() -> None:
    assert chinese_number("二〇二一") == 2021


@given(st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False))
def test_a_figure_reads_back_with_its_digits(value: Decimal) -> None:
    assert str(number(f"{value:,}")) == str(value)
    assert str(number(f"({value})")) == str(-value if value else value)


@given(st.text(max_size=80))
def test_any_text_is_some_value(text: str) -> None:
    parse(text)
    number(text)
    money(text)
