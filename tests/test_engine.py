"""The rules engine on whole documents: what it finds, where, and what it refuses."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractor import NotSelfEvaluation, extract_text
from extractor.document import Span
from extractor.extraction import kind_of
from extractor.matching import match_of
from extractor.result import report_leaves
from tests.conftest import CORPUS, SAMPLES, UNSEEN, Labelled, labelled, names, plain_count

ALL = labelled(SAMPLES) + labelled(UNSEEN) + labelled(CORPUS)


def at(node: Any, pointer: str) -> Any:
    for key in pointer.strip("/").split("/"):
        try:
            node = node[int(key)] if isinstance(node, (list, tuple)) else node[key]
        except (IndexError, KeyError):
            return None
    return node


@pytest.mark.parametrize("one", labelled(SAMPLES), ids=names)
def test_each_sample_is_read_at_0_95(one: Labelled) -> None:
    assert plain_count(one.report, one.extraction().report.model_dump()).f1 >= 0.95


@pytest.mark.parametrize("one", labelled(UNSEEN), ids=names)
def test_each_unseen_document_is_read_at_0_90(one: Labelled) -> None:
    assert plain_count(one.report, one.extraction().report.model_dump()).f1 >= 0.90


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real corpus is not beside the project")
@pytest.mark.parametrize("one", labelled(CORPUS), ids=names)
def test_each_real_document_is_read_at_0_95(one: Labelled) -> None:
    assert plain_count(one.report, one.extraction().report.model_dump()).f1 >= 0.95


@pytest.mark.parametrize("one", ALL, ids=names)
def test_every_leaf_is_grounded_or_said_to_be_ungrounded(one: Labelled) -> None:
    extraction = one.extraction()
    leaves = {pointer for pointer, _ in report_leaves(extraction.report)}
    totals = {p for p in leaves if p.endswith("/source") and at(extraction.report.model_dump(), p) == "合计"}
    assert set(extraction.evidence) | set(extraction.ungrounded) | totals == leaves | totals
    assert not set(extraction.evidence) & set(extraction.ungrounded)


@pytest.mark.parametrize("one", ALL, ids=names)
def test_what_stands_at_the_evidence_of_a_text_is_the_text(one: Labelled) -> None:
    extraction = one.extraction()
    report = extraction.report.model_dump()
    for pointer, places in extraction.evidence.items():
        if kind_of(pointer) == "figure" or pointer.endswith("/level"):
            continue
        spans = [Span(place.start, place.end) for place in places]
        match = match_of(extraction.document, str(at(report, pointer)), spans, kind_of(pointer))
        assert match in ("exact", "normalized"), pointer


@pytest.mark.parametrize("one", [one for one in ALL if one.evidence], ids=names)
def test_right_values_stand_where_the_gold_says(one: Labelled) -> None:
    extraction = one.extraction()
    report = extraction.report.model_dump()
    right = own = 0
    for pointer, gold in one.evidence.items():
        value, wanted = at(report, pointer), at(one.report, pointer)
        if value is None or pointer not in extraction.evidence or str(value) != str(wanted):
            continue
        right += 1
        places = extraction.evidence[pointer]
        own += any(p.start < g["end"] and g["start"] < p.end for p in places for g in gold)
    assert own >= 0.90 * right  # a form may print its head twice, and either place is right


@pytest.mark.parametrize(
    "text",
    [
        "第一章 雨夜\n\n他沿着河堤走了很久，直到城里的灯一盏盏熄灭。" * 40,
        "2024年预算表\n科目\t金额\n一般公共服务支出\t1200.00\n教育支出\t3400.00\n" * 20,
        "<!doctype html><html><body><nav>首页 新闻 政务公开</nav><p>欢迎访问</p></body></html>" * 20,
        "本院2023年度绩效工资分配办法：按岗位评价结果发放，完成情况由人事科统计。" * 20,
    ],
    ids=["novel", "budget table", "web page", "pay rules"],
)
def test_what_is_no_self_evaluation_is_said_to_be_so(text: str) -> None:
    with pytest.raises(NotSelfEvaluation):
        extract_text(text)


def test_a_markdown_table_is_a_grid_too() -> None:
    one = next(one for one in ALL if one.path.stem == "b-shuiwu")
    text = one.path.read_text("utf-8")
    lines = [
        "| " + " | ".join(line.split("\t")) + " |" if line.count("\t") >= 2 else line
        for line in text.split("\n")
    ]
    report = extract_text("\n".join(lines)).report
    assert plain_count(one.report, report.model_dump()).f1 >= 0.95


def test_project_forms_behind_the_departments_form_are_its_projects() -> None:
    department = next(one for one in ALL if one.path.stem == "d-nongye")
    project = next(one for one in ALL if one.path.stem == "e-jiaoyu")
    text = department.path.read_text("utf-8") + "\n" + project.path.read_text("utf-8")
    report = extract_text(text.replace("\r\n", "\n")).report
    assert report.department == department.report["department"]
    assert len(report.tasks) == len(department.report["tasks"])
    assert [one.name for one in report.projects] == [project.report["projects"][0]["name"]]
    assert report.projects[0].budget == Decimal(str(project.report["projects"][0]["budget"]))


def test_the_document_cannot_steer_the_reading(hostile: Any) -> None:
    report = hostile.report
    assert report.budget[0].execution_rate != 100
    assert report.self_evaluation.grade == "良"
    assert report.problems


def test_the_same_document_gives_the_same_result_twice() -> None:
    one = next(one for one in ALL if one.path.stem == "e-canlian")
    first, second = one.extraction(), one.extraction()
    assert (first.report, first.evidence, first.coverage) == (second.report, second.evidence, second.coverage)


def test_samples_hold_no_sentence_of_the_corpus() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the real corpus is not beside the project")
    known = {run for path in CORPUS.glob("*.txt") for run in _runs(path)}
    for path in [*SAMPLES.glob("*.txt"), *UNSEEN.glob("*.txt")]:
        assert not known & set(_runs(path)), path.name


def _runs(path: Path) -> list[str]:
    text = "".join(path.read_text("utf-8").split())
    return [text[i : i + 24] for i in range(len(text) - 23)]
