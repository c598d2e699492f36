"""Extractions as files: figures keep their digits, text stays text."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import openpyxl
import pytest

from extractor.render.html import page
from extractor.render.json import dumps, loads
from extractor.render.markdown import markdown
from extractor.render.xlsx import workbook
from extractor.result import Extraction

KEYS = [
    "schema",
    "document",
    "report",
    "evidence",
    "ungrounded",
    "conflicts",
    "doubtful",
    "findings",
    "coverage",
    "run",
]


def test_json_has_its_keys_in_order_and_reads_back(sample: Extraction) -> None:
    text = dumps(sample)
    data = json.loads(text)
    assert list(data) == KEYS
    assert loads(text)["report"] == sample.report
    assert data["document"]["text"] == sample.document.text


def test_figures_keep_the_digits_as_printed(sample: Extraction) -> None:
    assert re.search(r'"execution_rate": 99\.00,', dumps(sample))


def test_evidence_points_at_the_raw_text(sample: Extraction) -> None:
    data = json.loads(dumps(sample))
    place = data["evidence"]["/budget/0/actual"][0]
    assert data["document"]["text"][place["start"] : place["end"]] == "20,744.06"
    assert list(place) == ["start", "end", "page", "bbox", "match", "confidence"]


def test_what_the_document_contradicts_is_kept_as_a_conflict(sample: Extraction) -> None:
    conflict = json.loads(dumps(sample))["conflicts"][0]
    assert conflict["pointer"] == "/self_evaluation/score"
    assert [candidate["value"] for candidate in conflict["candidates"]] == [97.7, 97.5]
    assert all(candidate["evidence"] for candidate in conflict["candidates"])


def sheets(extraction: Extraction) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(extraction)))


def test_the_workbook_has_one_sheet_a_list(sample: Extraction) -> None:
    assert sheets(sample).sheetnames == [
        "概览",
        "资金",
        "任务",
        "指标",
        "项目",
        "问题",
        "措施",
        "发现",
        "存疑",
    ]


def test_doubts_are_told_in_chinese(sample: Extraction) -> None:
    row = [cell.value for cell in sheets(sample)["存疑"][2]]
    assert row == ["前后不一致", "自评结论 得分", "97.7（自评表）；97.5（报告正文）"]


def test_money_is_a_number_with_its_unit_and_its_place(sample: Extraction) -> None:
    sheet = sheets(sample)["资金"]
    header = [cell.value for cell in sheet[1]]
    total = dict(zip(header, sheet[2], strict=True))
    assert total["实际支出"].value == pytest.approx(20744.06)
    assert total["实际支出"].number_format == "#,##0.00"
    assert total["金额单位"].value == "万元"
    assert re.match(r"第 \d+ 行", total["原文位置"].value)


def test_no_text_becomes_a_formula(hostile: Extraction) -> None:
    book = sheets(hostile)
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    risky = [cell for cell in cells if str(cell.value)[0] in "=+@" and cell.data_type == "s"]
    assert len(risky) >= 2
    assert all(cell.quotePrefix for cell in risky)


def test_the_page_holds_no_markup_of_the_document(hostile: Extraction) -> None:
    html = page(hostile)
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert html.count("<script>") == 1


def test_the_page_loads_nothing_from_elsewhere(sample: Extraction) -> None:
    html = page(sample)
    assert not re.search(r"(?:src|href)\s*=|@import|url\(", html)
    assert "default-src 'none'" in html


def test_markdown_escapes_what_the_document_says(hostile: Extraction) -> None:
    text = markdown(hostile)
    assert "<script>" not in text
    assert r"\<script\>" in text


def test_a_report_with_nothing_in_it_renders(sample: Extraction) -> None:
    from dataclasses import replace

    from extractor.report import Report

    empty = replace(sample, report=Report(), evidence={}, conflicts=())
    assert page(empty)
    assert markdown(empty)
    assert workbook(empty)
    assert dumps(empty)
