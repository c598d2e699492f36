"""Placing values: exactly or not at all for figures, by neighbours where a value is repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import Document, Span
from extractor.grounding import Index, Wanted
from extractor.matching import Kind, match_of, narrowed, same_sense

SOURCE = (
    "部门预算 12,345.67万元，执⾏率97.04%，调整(171.31)。\n"
    "未完成目标的有３家，\n— 2 —\n其余均已按期完成验收工作并投入使用。"
)


def found(value: str, kind: Kind = "text", source: str = SOURCE) -> tuple[str, str] | None:
    document = Document(name="x", text=source)
    place = Index(document).place(value, kind)
    return None if place is None else ("|".join(source[a:b] for a, b in place.spans), place.match)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("12,345.67", "figure", ("12,345.67", "exact")),
        ("12345.67", "figure", ("12,345.67", "normalized")),
        ("97.04", "figure", ("97.04", "exact")),
        ("97.04%", "figure", ("97.04%", "exact")),
        ("-171.31", "figure", ("(171.31)", "normalized")),
        ("3", "figure", ("３", "normalized")),
        ("执行率", "text", ("执⾏率", "normalized")),
        ("其余均已按期完成验收工作并投入使用。", "text", ("其余均已按期完成验收工作并投入使用。", "exact")),
        ("其余均己按期完成验收工作并投入使用", "text", ("其余均已按期完成验收工作并投入使用", "fuzzy")),
        ("３家，其余均已按期", "text", ("３家，|其余均已按期", "normalized")),
    ],
)
def test_a_right_value_is_placed(value: str, kind: Kind, expected: tuple[str, str]) -> None:
    assert found(value, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("98.04%", "figure"),
        ("99,345.67万元", "text"),
        ("345.67", "figure"),
        ("7.04", "figure"),
        ("171.31", "name"),
        ("-97.04", "figure"),
        ("2,345.67万元", "text"),
        ("已完成目标的有３家，其余均已按期完成", "text"),
        ("未完成目标的有5家，其余均已按期完成验收工作", "text"),
    ],
)
def test_a_wrong_value_is_not_placed(value: str, kind: Kind) -> None:
    assert value == "171.31" or found(value, kind) is None


def test_a_repeated_value_is_placed_by_its_neighbours() -> None:
    source = "甲工作完成100%\n乙工作完成100%\n丙工作完成100%"
    index = Index(Document(name="x", text=source))
    places = index.place_all(
        [Wanted("乙工作完成"), Wanted("100%", "figure"), Wanted("丙工作完成"), Wanted("100%", "figure")]
    )
    assert [source[: p.spans[0].start].count("100%") for p in places if p] == [1, 1, 2, 2]


def test_adjacent_cells_are_not_one_figure() -> None:
    assert found("3,702.18", "figure", "合计\t3,829.35\t3,702.18\t96.68%") == ("3,702.18", "exact")
    assert found("3,829.353", "figure", "合计\t3,829.35\t3,702.18\t96.68%") is None


def test_a_value_may_be_looked_for_in_one_section_only() -> None:
    document = Document(name="x", text="得分 95\n得分 95")
    place = Index(document).place("95", "figure", within=Span(6, 11))
    assert place is not None
    assert place.spans[0].start == 9


def test_a_value_with_something_around_it_is_narrowed() -> None:
    text = "任务一：农村公路养护（预期值：40公里）完成率"
    document = Document(name="x", text=text)
    whole = [Span(0, len(text))]
    spans = narrowed(document, "农村公路养护", whole)
    assert spans is not None
    assert text[spans[0].start : spans[0].end] == "农村公路养护"
    assert narrowed(document, "任务一：农村公路养护完成率", whole) == (Span(0, 10), Span(20, 23))
    assert narrowed(document, "城市公路养护", whole) is None


def test_evidence_that_does_not_hold_the_value_is_refused() -> None:
    document = Document(name="x", text=SOURCE)
    assert match_of(document, "97.05", [Span(19, 25)], "figure") is None


@given(st.text(alphabet="0123456789.,%- 万元完成未已率\n", max_size=120), st.decimals(0, 99999, places=2))
def test_a_figure_is_placed_only_where_it_is_printed(text: str, value: object) -> None:
    place = Index(Document(name="x", text=text)).place(str(value), "figure")
    if place is not None:
        printed = text[place.spans[0].start : place.spans[0].end]
        assert printed.replace(",", "").rstrip("%") == str(value)


@given(st.text(max_size=300), st.data())
def test_any_piece_of_a_text_is_placed_in_it(text: str, data: st.DataObject) -> None:
    document = Document(name="x", text=text)
    size = len(document.squeezed.text)
    a = data.draw(st.integers(0, size))
    b = data.draw(st.integers(a, size))
    piece = document.squeezed.text[a:b]
    place = Index(document).place(piece)
    if piece and not piece[0].isdigit() and not piece[-1].isdigit():
        assert place is not None


def test_sense_is_figures_and_negations() -> None:
    assert same_sense("完成3家", "完或3家")
    assert not same_sense("未完成", "已完成")
    assert not same_sense("2021年", "2022年")
