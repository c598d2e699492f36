"""The clean views and their map back to the raw text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import Document, View
from extractor.folding import folded, printed, squeezed

NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from("部门⾦额支出１２３％，。；：\n\r\t \u3000\u200b\u200f\ufeff≧−①10²⻓䃼— 5第页\f"),
        st.characters(codec="utf-8"),
    ),
    max_size=200,
)


def views(text: str) -> list[View]:
    document = Document(name="x", text=text)
    return [document.table_view, document.clean, document.squeezed]


@given(NASTY)
def test_the_map_is_total_and_strictly_rising(text: str) -> None:
    for view in views(text):
        assert len(view.starts) == len(view.text)
        assert all(a < b for a, b in zip(view.starts, view.starts[1:], strict=False))
        assert all(0 <= start < len(text) for start in view.starts)


@given(NASTY)
def test_every_character_of_a_view_is_its_raw_character_folded(text: str) -> None:
    for view in views(text):
        for i, c in enumerate(view.text):
            raw = text[view.starts[i]]
            assert c in (folded(raw), "\n" if raw == "\r" else folded(raw))


@given(NASTY, st.integers(0, 200), st.integers(1, 30))
def test_a_span_found_in_the_clean_view_names_the_same_characters_in_the_raw_text(
    text: str, start: int, length: int
) -> None:
    document = Document(name="x", text=text)
    view = document.clean
    if start + length > len(view.text):
        return
    span = view.span(start, start + length)
    raw = [i for i in range(span.start, span.end) if i in set(view.starts)]
    assert (
        "".join(folded(text[i]) if text[i] != "\r" else "\n" for i in raw)
        == view.text[start : start + length]
    )


@given(NASTY)
def test_lines_cover_the_text(text: str) -> None:
    lines = Document(name="x", text=text).lines
    assert lines[0].start == 0
    assert lines[-1].end == len(text)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("ＡＢ１２３．４％", "AB123.4%"),
        ("≧85家", "≥85家"),
        ("−171.31", "-171.31"),
        ("⾦额⻓期⻅效", "金额长期见效"),
        ("①35家", "①35家"),
        ("10²", "10²"),
        ("䃼贴", "䃼贴"),
        ("收入 4363.68 万元", "收入4363.68万元"),
        ("Young 城 GDP growth", "Young城GDP growth"),
        ("预\u200b算\u200f数", "预算数"),
    ],
)
def test_what_folds_and_what_stays(raw: str, clean: str) -> None:
    assert Document(name="x", text=raw).clean.text == clean


@pytest.mark.parametrize("mark", ["— 5 —", "- 12 -", "－ 3 －", "第 5 页", "第5⻚", "第 1 页 共 3 页"])
def test_page_marks_leave_the_clean_view(mark: str) -> None:
    view = Document(name="x", text=f"全面排查。二\n{mark}\n是梳理").clean
    assert view.text == "全面排查。二\n是梳理"


def test_a_figure_alone_on_its_line_is_no_page_mark() -> None:
    assert "290.52" in Document(name="x", text="招商企业数量\n290.52\n54\n").clean.text


def test_headers_repeated_at_page_ends_leave_and_the_title_stays() -> None:
    title = "青禾区文化局部门整体支出绩效自评报告"
    text = f"{title}\n一、基本情况\n全区有图书馆三\n— 1 —\n{title}\n座。\n— 2 —\n{title}\n二、自评结论"
    view = Document(name="x", text=text).clean.text
    assert view.count(title) == 1
    assert "三\n座。" in view


def test_printed_text_keeps_width_and_signs() -> None:
    assert printed("≧85％（⾦）") == "≧85％（金）"
    assert squeezed(" ≧８５ ％ ") == "≥85%"
