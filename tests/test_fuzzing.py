"""Random and mutated documents: no exception but ours, whatever comes."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor import ExtractorError, extract_text
from extractor.chunking import chunks
from extractor.render.html import page
from extractor.render.json import dumps, loads
from extractor.render.markdown import markdown
from extractor.render.xlsx import workbook
from tests.conftest import SAMPLES

SEEDS = sorted(SAMPLES.glob("*.txt"))
WORDS = [
    "部门整体支出绩效自评表",
    "单位：万元",
    "部门名称",
    "年初预算数",
    "实际支出数",
    "预算完成率",
    "96.20%",
    "4363.68",
    "主要任务",
    "预期目标",
    "目标完成情况",
    "关键指标",
    "指标完成情况",
    "任务涉及资金",
    "一级指标",
    "三级指标",
    "年度指标值",
    "存在问题",
    "改进措施",
    "一是",
    "二是",
    "（一）",
    "1.",
    "。",
    "；",
    "\n",
    "\t",
    "≥85家",
    "任务1",
    "总分",
    "<p>",
    "— 3 —",
    " ",
]
OPENING = "部门整体支出绩效自评 存在问题 改进措施 完成情况\n"
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def attempt(text: str) -> None:
    try:
        extraction = extract_text(text)
    except ExtractorError:
        return
    assert loads(dumps(extraction))["report"] == extraction.report
    page(extraction), markdown(extraction), workbook(extraction)
    assert "".join(extraction.document.text[c.start : c.end] for c in chunks(extraction.document)) == text


@given(st.lists(st.sampled_from(WORDS), max_size=120).map("".join))
@relaxed
def test_documents_of_shuffled_labels(text: str) -> None:
    attempt(OPENING + text)


@given(st.text(max_size=300))
@relaxed
def test_random_text(text: str) -> None:
    attempt(OPENING + text)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(3))
def test_mutated_samples(path: object, seed: int) -> None:
    rng = random.Random(seed)
    lines = path.read_text("utf-8").split("\n")  # type: ignore[attr-defined]
    for _ in range(rng.randrange(1, 30)):
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        action = rng.randrange(5)
        if action == 0:
            del lines[i : i + rng.randrange(1, 8)]
            lines = lines or [""]
        elif action == 1:
            lines[i], lines[j] = lines[j], lines[i]
        elif action == 2:
            lines.insert(i, lines[j])
        elif action == 3:
            lines[i] = lines[i][: rng.randrange(len(lines[i]) + 1)]
        else:
            lines[i] += rng.choice(WORDS)
        j = 0
    attempt("\n".join(lines))
