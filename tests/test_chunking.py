"""Chunks partition a document by its outline and its tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.chunking import chunks, numbered
from extractor.document import Document
from tests.conftest import SAMPLES, Labelled, labelled, names

LINES = [
    "一、基本情况",
    "（一）职能",
    "1.预算：",
    "文字。" * 9,
    "表格\t一\t二\t三",
    "单位：万元",
    "",
    "— 2 —",
    "很长" * 90,
]
TEXTS = st.lists(st.sampled_from(LINES), max_size=60).map("\n".join)


@given(TEXTS | st.text(max_size=400), st.integers(1, 300))
def test_every_character_belongs_to_exactly_one_chunk(text: str, most: int) -> None:
    found = chunks(Document(name="x", text=text), most)
    assert "".join(text[chunk.start : chunk.end] for chunk in found) == text
    assert all(0 < chunk.end - chunk.start <= most for chunk in found)
    assert len({chunk.id for chunk in found}) == len(found)


@pytest.mark.parametrize("one", labelled(SAMPLES), ids=names)
def test_chunks_end_at_line_ends(one: Labelled) -> None:
    document = one.document()
    found = chunks(document, 1500)
    assert len(found) > 1
    assert all(document.text[chunk.end - 1] == "\n" for chunk in found[:-1])


def test_a_chunk_knows_its_headings() -> None:
    text = (
        "一、基本情况\n（一）职能\n"
        + "负责全区工作。\n" * 30
        + "二、绩效自评\n（一）自评结论\n"
        + "总体良好。\n" * 30
    )
    found = chunks(Document(name="x", text=text), 100)
    assert found[0].lineage[0] == "基本情况"
    assert found[-1].lineage == ("绩效自评", "自评结论")


def test_a_table_keeps_its_caption_and_unit() -> None:
    text = "说明。\n" * 60 + "资金情况表\n单位：万元\n" + "合计\t1\t2\t3\n" * 10
    found = chunks(Document(name="x", text=text), 260)
    table = next(chunk for chunk in found if "合计" in text[chunk.start : chunk.end])
    assert text[table.start :].startswith("资金情况表\n单位：万元")


def test_lines_are_numbered_as_in_the_document() -> None:
    document = Document(name="x", text="甲\n乙\n丙\n丁")
    found = chunks(document, 4)
    assert [numbered(document, chunk) for chunk in found] == ["1|甲\n2|乙", "3|丙\n4|丁"]
