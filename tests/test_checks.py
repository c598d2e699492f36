"""The checks: arithmetic that is never wrong, traps that are none, and what a careful reader finds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.checks import arithmetic
from extractor.checks.case import Case, Finding, Thresholds, case_of
from extractor.checks.registry import checks, findings
from extractor.quantities import parse
from extractor.render.json import dumps
from extractor.render.words import TITLES
from extractor.report import Report
from tests.conftest import CORPUS, ROOT, SAMPLES, Labelled, labelled

HALF = Decimal("0.5")
FOUND = ROOT / "evals" / "datasets" / "contradictions"
JUDGED = {one.id for one in checks() if one.judgement}
SEEDS = st.integers(0, 2**32)


def money(random: Random, low: int = 1, high: int = 9_999_999) -> Decimal:
    return Decimal(random.randint(low, high)) / 100


def budget(random: Random) -> dict[str, Any]:
    """A budget that adds up: sources, adjustments, and rates rounded as forms round."""
    lines = []
    for source in ("一般公共预算", "政府性基金", "其他资金")[: random.randint(1, 3)]:
        initial, adjustment = money(random, 100_000), money(random, -90_000, 900_000)
        actual = min(money(random), initial + adjustment)
        lines.append({"source": source, "initial": initial, "adjustment": adjustment,
                      "adjusted": initial + adjustment, "actual": actual})  # fmt: skip
    whole = {name: sum((line[name] for line in lines), Decimal(0)) for name in lines[0] if name != "source"}
    held = [{"source": "合计", **whole}, *lines]
    for line in held:
        line["execution_rate"] = arithmetic.rounded(line["actual"] / line["adjusted"] * 100, 2)
        line["adjustment_rate"] = arithmetic.rounded(line["adjustment"] / line["initial"] * 100, 2)
    return {"money_unit": "万元", "budget": held}


def found(report: dict[str, Any], *ids: str, text: str = "") -> list[Finding]:
    own = findings(Case(Report.model_validate(report), text))
    return [one for one in own if not ids or one.id in ids]


BUDGET = ("A1", "A2", "A3", "A4", "A5", "A9")


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_a_budget_that_adds_up_has_no_finding(seed: int) -> None:
    assert found(budget(Random(seed)), *BUDGET) == []


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_what_is_computed_is_computed_right(seed: int) -> None:
    """Every computation that a finding writes out holds exactly, after a figure of the budget was changed."""
    random = Random(seed)
    report = budget(random)
    line = random.choice(report["budget"])
    name = random.choice([one for one in line if one != "source"])
    line[name] += random.choice((-1, 1)) * Decimal(random.randint(3, 90_000)) / 100
    for one in found(report, *BUDGET):
        assert one.computed is not None
        _holds(one.computed)


def _holds(computed: str) -> None:
    """4195.95 ÷ 4363.68 = 96.16%; 3 + (-1) = 2 ≠ 5; 7 > 6."""
    plain = computed.replace("−", "-").replace("÷", "/").replace("−", "-")
    if " > " in plain:
        left, right = plain.split(" > ")
        assert _value(left) > _value(right)
        return
    if "无意义" in plain:
        return
    left, right = plain.split(" = ")
    stated, *other = right.split(" ≠ ")
    exact = _value(left) * (100 if "%" in stated else 1)
    wanted = Fraction(stated.rstrip("%"))
    assert abs(exact - wanted) <= (Fraction(1, 200) if "%" in stated else 0)
    assert all(Fraction(one.rstrip("%")) != wanted for one in other)


def _value(words: str) -> Fraction:
    """A sum or a quotient of decimals, by exact fractions."""
    if "/" in words:
        part, whole = words.split(" / ")
        return _value(part) / _value(whole)
    signs = re.sub(r"[()]", "", words).replace("- -", "+ ").replace("+ -", "- ").split()
    total, sign = Fraction(0), 1
    for word in signs:
        if word in "+-":
            sign = 1 if word == "+" else -1
        else:
            total, sign = total + sign * Fraction(word), 1
    return total


@given(SEEDS, st.sampled_from(["initial", "adjustment", "adjusted", "actual"]))
@settings(max_examples=200, deadline=None)
def test_a_changed_amount_is_never_passed_over(seed: int, name: str) -> None:
    random = Random(seed)
    report = budget(random)
    random.choice(report["budget"])[name] += Decimal(random.randint(500, 90_000)) / 100
    assert found(report, *BUDGET)


@pytest.mark.parametrize(
    ("printed", "part", "whole", "grade"),
    [
        ("96.16", "4195.95", "4363.68", None),  # equal at the printed precision
        ("96.20", "4195.95", "4363.68", "I"),  # equal at one decimal less
        ("96.2", "4195.95", "4363.68", None),
        ("96", "4195.95", "4363.68", None),
        ("96.15", "4195.95", "4363.68", "I"),
        ("96.14", "4195.95", "4363.68", "W"),
        ("95.66", "4195.95", "4363.68", "W"),  # off by 0.4969
        ("95.65", "4195.95", "4363.68", "E"),  # off by 0.5069
        ("85.71", "1.2", "1.4", None),  # 1.2 and 1.4 are rounded: 82.1 to 90.7
        ("82.14", "1.2", "1.4", None),  # at the edge of 1.15 ÷ 1.45 … 1.25 ÷ 1.35
        ("79.31", "1.2", "1.4", None),
        ("79.30", "1.2", "1.4", "E"),
        ("92.59", "1.2", "1.4", None),
        ("92.60", "1.2", "1.4", "E"),
        ("-10.20", "-171.31", "1678.78", None),
        ("10.20", "-171.31", "1678.78", "E"),
        ("0.00", "0.00", "150.00", None),
    ],
)
def test_rates_at_the_edges_of_rounding(printed: str, part: str, whole: str, grade: str | None) -> None:
    assert arithmetic.rate(Decimal(printed), Decimal(part), Decimal(whole), HALF).grade == grade


@pytest.mark.parametrize(
    ("stated", "terms", "grade"),
    [
        ("660.2", ["276.7", "383.6"], "I"),
        ("660.4", ["276.7", "383.6"], "I"),
        ("660.1", ["276.7", "383.6"], "E"),
        ("100.00", ["33.33", "33.33", "33.33"], "I"),
        ("100.00", ["33.33", "33.33", "33.31"], "E"),
        ("3", ["1", "2"], None),
    ],
)
def test_sums_at_the_edges_of_rounding(stated: str, terms: list[str], grade: str | None) -> None:
    assert arithmetic.total(Decimal(stated), [Decimal(one) for one in terms]) == grade


def test_an_amount_printed_in_a_larger_unit_is_as_coarse_as_it_was_printed() -> None:
    text = "年初预算38612.50万元，调整预算2662.40万元，调整后预算4.1275亿元。"
    line = {
        "source": "合计",
        "initial": Decimal("38612.50"),
        "adjustment": Decimal("2662.40"),
        "adjusted": Decimal(41275),
    }
    at = text.index("4.1275")
    case = Case(Report.model_validate({"money_unit": "万元", "budget": [line]}), text,
                {"/budget/0/adjusted": ((at, at + 6),)})  # fmt: skip
    assert [one.grade for one in findings(case) if one.id == "A1"] == ["I"]


@given(SEEDS)
@settings(max_examples=150, deadline=None)
def test_indicators_are_judged_by_exact_ratios(seed: int) -> None:
    random = Random(seed)
    target, actual = random.randint(1, 900), random.randint(0, 2000)
    sign = random.choice(("≥", "不少于", ""))
    it = {"name": "走访企业数量", "target": f"{sign}{target}家", "actual": f"{actual}家"}
    own = {one.id for one in found({"indicators": [it]}, "B3", "B4")}
    assert ("B3" in own) == (actual < target)
    assert ("B4" in own) == (Fraction(actual, target) >= Fraction(13, 10))


# Traps: what looks like a finding and is none.


def indicator(**more: Any) -> dict[str, Any]:
    return {"indicators": [{"name": "开展执法检查次数", "target": "≥40次", "actual": "60次", **more}]}


def test_an_over_achievement_with_a_reason_is_none() -> None:
    assert found(indicator(), "B4")
    assert not found(indicator(deviation_reason="年中新增专项检查任务。"), "B4")
    assert found(indicator(deviation_reason="无"), "B4")
    told = indicator() | {"problems": [{"text": "开展执法检查次数因专项任务增加，目标设置偏低。"}]}
    assert not found(told, "B4")
    other_words = indicator() | {"overall_performance": "按照上级专项整治要求，全年检查60次，超出年初安排。"}
    assert not found(other_words, "B4")


def test_less_is_better_for_limits_costs_and_harms() -> None:
    for it in (
        {"name": "投诉件数", "target": "≤20件", "actual": "3件"},
        {"name": "运行成本", "target": "控制在50万元以内", "actual": "12万元"},
        {"name": "资金拨付时间", "target": "10日内", "actual": "8日内"},
    ):
        assert not found({"indicators": [it]}, "B3", "B4")


def test_an_adjustment_that_is_explained_is_none() -> None:
    line = {"source": "合计", "initial": 100, "adjustment": 60, "adjusted": 160, "adjustment_rate": 60}
    report = {"money_unit": "万元", "budget": [line]}
    assert found(report, "C1")
    assert not found(report, "C1", text="因上级专项资金年中下达，追加预算60万元。")
    assert found(report, "C1", text="注：调整率为年中调整数与年初预算数之比。")


def test_an_approximate_result_near_its_target_decides_nothing() -> None:
    assert not found({"indicators": [{"name": "参训人数", "target": "≥100人", "actual": "95人左右"}]}, "B3")


def test_object_and_drafting_words_are_no_plan() -> None:
    for text in ("将市下达的资金拨付给企业。", "拟定方案3份，虚拟展厅上线。", "完成生产计划编制。"):
        assert not found({"tasks": [{"name": "甲", "achieved": text}]}, "B6")
    for text in ("将于2031年6月完工。", "下一步将继续推进。", "拟建设3处站点。"):
        assert found({"tasks": [{"name": "甲", "achieved": text}]}, "B6")


def test_parts_that_need_not_be_all_are_not_summed() -> None:
    assert not found({}, "A8", text="全年培训320人次，其中骨干80人次，新进人员40人次。")
    assert found({}, "A8", text="全年培训320人次，其中男180人次，女120人次。")
    assert found({}, "A8", text="共有35栋楼宇（甲级14栋，乙级20栋）。")
    assert not found({}, "A8", text="共有35栋楼宇（甲级15栋，乙级20栋）。")


def test_a_check_without_what_it_needs_is_silent() -> None:
    own = found({})
    assert {one.id for one in own} == {"D1"}


def test_a_finding_says_its_threshold_and_never_a_violation() -> None:
    for case in (case_of(one.extraction()) for one in labelled(SAMPLES)):
        for one in findings(case):
            assert one.grade in "EWI"
            assert not re.search(r"违反|违规|造假", re.sub(r"“[^”]*”", "", one.message))
            assert one.source


def test_a_threshold_is_a_setting_and_is_told() -> None:
    report = Report.model_validate(indicator())
    assert [
        one for one in findings(Case(report, thresholds=Thresholds(over_ratio=Decimal(2)))) if one.id == "B4"
    ] == []
    own = next(one for one in findings(Case(report)) if one.id == "B4")
    assert own.source is not None
    assert "1.30" in own.source
    assert own.computed == "60 ÷ 40 = 150.00%"


def test_findings_point_at_the_values_they_use() -> None:
    for one in labelled(SAMPLES):
        case = case_of(one.extraction())
        for own in findings(case):
            assert own.spans or own.id in ("D1", "B1", "B2", "C3"), own
            assert all(0 <= start < end <= len(case.text) for start, end in own.spans)


# What a careful reader finds.


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real corpus is not beside the project")
def test_what_the_guide_lists_for_the_real_documents_is_found() -> None:
    by_name = {one.path.stem: findings(case_of(one.extraction())) for one in labelled(CORPUS)}

    def count(name: str, id: str, grade: str, words: str = "") -> int:
        return sum(
            f.id == id and f.grade == grade and words in f"{f.message}{f.computed}" for f in by_name[name]
        )

    assert count("000", "A8", "E", "14 + 20 = 34 ≠ 35") == 1
    assert count("000", "B1", "E") == 8
    assert count("000", "B5", "E", "任务") == 4
    assert count("000", "C1", "W", "54.98%") == 1
    assert count("000", "A2", "I", "96.16%") == 1
    assert [count("002", "B4", "W", words) for words in ("135 ÷ 100", "2 ÷ 1 ", "16 ÷ 5")] == [1, 1, 1]
    assert count("003", "B3", "E", "商贸业项目申报验收") == 1
    assert count("003", "B4", "W") == 8
    assert count("003", "B4", "W", "74 ÷ 10") == 1
    assert count("003", "B9", "W", "只是重复目标") == 2
    assert count("003", "A8", "I", "660.3") == 1
    assert count("004", "A9", "W") == 2
    assert count("004", "B4", "W") == 12
    assert count("004", "B4", "W", "外出招商次数") == 0
    assert count("004", "C1", "W", "72.44%") == 1
    assert count("004", "D3", "I", "姓名") == 2
    assert count("004", "D3", "I", "电话") == 2


def planted(one: Labelled) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOUND / f"{one.path.stem}.findings.json").read_text("utf-8"))
    return data


def meets(wanted: dict[str, Any], own: Finding) -> bool:
    """The same check about the same item: a pointer covers what lies under it and beside it."""
    if wanted["id"] != own.id:
        return False
    if not own.pointers or wanted["pointers"] in ([], [""]):
        return True
    return any(
        a == b or a.startswith(f"{b}/") or b.startswith(f"{a}/") or a.rsplit("/", 1)[0] == b.rsplit("/", 1)[0]
        for a in wanted["pointers"]
        for b in own.pointers
    )


def counted(cases: list[tuple[dict[str, Any], list[Finding]]], judged: bool) -> tuple[float, float]:
    """Recall and precision of the E and W findings that need no model, or of all."""
    hits = wanted = right = told = 0
    for data, own in cases:
        asked = [one for one in data["findings"] if judged or one["id"] not in JUDGED]
        held = [one for one in own if one.grade in "EW" and (judged or one.id not in JUDGED)]
        wanted, told = wanted + len(asked), told + len(held)
        hits += sum(any(meets(one, f) for f in held) for one in asked)
        right += sum(any(meets(one, f) for one in data["findings"]) for f in held)
    return hits / wanted, right / told


def test_planted_contradictions_are_found_and_little_else() -> None:
    cases = []
    for one in labelled(FOUND):
        gold = json.loads(
            one.path.with_suffix("").with_suffix(".gold.json").read_text("utf-8"), parse_float=Decimal
        )
        cases.append(
            (planted(one), findings(Case(Report.model_validate(gold["report"]), one.document().text)))
        )
    recall, precision = counted(cases, judged=False)
    assert recall >= 0.95
    assert precision >= 0.97
    recall, precision = counted(cases, judged=True)
    assert recall >= 0.86
    assert precision >= 0.95


def test_planted_contradictions_are_found_in_what_the_rules_read() -> None:
    cases = []
    for one in labelled(FOUND):
        extraction = one.extraction()
        cases.append((planted(one), findings(case_of(extraction))))
    recall, precision = counted(cases, judged=False)
    assert recall >= 0.86
    assert precision >= 0.90


# The command.


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "EXTRACTOR_"))}
    command = [sys.executable, "-m", "extractor.cli.main", "check", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=clean, check=False)


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """A result with an E: 98.63% printed where 93.63% is right."""
    one = next(one for one in labelled(SAMPLES) if one.path.stem == "b-shuiwu")
    path = tmp_path / "r.json"
    path.write_text(dumps(one.extraction()), "utf-8")
    return path


def test_extract_writes_findings_and_check_keeps_them(result: Path) -> None:
    before = json.loads(result.read_text("utf-8"))
    assert before["findings"]
    done = run(result)
    assert done.returncode == 1
    assert "findings at or above E" in done.stderr
    assert json.loads(result.read_text("utf-8"))["findings"] == before["findings"]
    assert run(result, "--fail-on", "never").returncode == 0
    assert run(result, "--fail-on", "I").returncode == 1


def test_a_corrected_value_counts_and_is_marked(result: Path) -> None:
    data = json.loads(result.read_text("utf-8"), parse_float=Decimal)
    at = next(f["pointers"][0] for f in data["findings"] if f["id"] == "A2")
    index = int(at.split("/")[2])
    text = result.read_text("utf-8").replace('"execution_rate": 98.63', '"execution_rate": 93.63', 1)
    result.write_text(text, "utf-8")
    run(result)
    after = json.loads(result.read_text("utf-8"))
    assert not [f for f in after["findings"] if f["id"] == "A2"]
    assert after["corrected"] == [f"/budget/{index}/execution_rate"]
    assert f"/budget/{index}/execution_rate" in after["ungrounded"]


def test_what_a_person_said_of_a_finding_stays(result: Path) -> None:
    assert run(result, "--reject", "A2", "--reason", "表内口径不同，已电话核实").returncode in (0, 1)
    assert run(result, "--accept", "A10", "--reason", "属实").returncode in (0, 1)
    run(result)
    own = {f["id"]: f for f in json.loads(result.read_text("utf-8"))["findings"]}
    assert (own["A2"]["status"], own["A2"]["reason"]) == ("rejected", "表内口径不同，已电话核实")
    assert own["A10"]["status"] == "accepted"


def test_a_finding_about_the_text_is_named_by_its_line_and_keeps_what_was_said_of_it(tmp_path: Path) -> None:
    text = (SAMPLES / "c-jiedao.txt").read_text("utf-8") + "\n联系人：周某丙\n联系电话：13900001234\n"
    (tmp_path / "x.txt").write_text(text, "utf-8")
    command = [sys.executable, "-m", "extractor.cli.main", "extract", tmp_path / "x.txt", "-o", tmp_path]
    subprocess.run([*map(str, command), "--engine", "rules"], check=True, capture_output=True)
    path, last = tmp_path / "x.json", text.count("\n")
    assert run(path, "--reject", f"D3:{last}", "--reason", "单位值班电话").returncode in (0, 1)
    run(path)
    held = json.loads(path.read_text("utf-8"))["findings"]
    said = [f["status"] for f in held if f["id"] == "D3" and "电话" in f["message"]]
    assert said.count("rejected") == 1
    assert all(f["status"] == "open" for f in held if f["id"] == "D3" and "姓名" in f["message"])


def test_a_finding_in_a_long_text_points_at_the_value_that_holds_it() -> None:
    own = found(
        {"goal": {"achieved": "改造14栋、新建20栋，合计35栋。"}}, "A8", text="改造14栋、新建20栋，合计35栋。"
    )
    assert own
    one = Case(Report(), "甲乙丙丁", {"/a": ((0, 4),), "/b": ((1, 3),), "/c": ((3, 4),)})
    assert one.holders(((1, 2),)) == ("/b",)
    assert one.holders(((1, 2), (3, 4))) == ("/b", "/c")
    assert one.holders(((0, 9),)) == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fail-on", "X"), "--fail-on takes"),
        (("--reject", "A2"), "need a reason"),
        (("--reject", "Z9", "--reason", "x"), "no finding Z9"),
        (("--reject", "C4", "--reason", "x"), "findings C4: name one by its line, C4:"),
    ],
)
def test_bad_words_are_one_line(result: Path, words: tuple[str, ...], said: str) -> None:
    done = run(result, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_every_check_is_explained() -> None:
    done = run("--list")
    assert done.returncode == 0
    assert all(one.id in done.stdout for one in checks())
    assert len(checks()) == 10 + 12 + 9 + 4


def test_the_page_knows_what_every_check_is_about() -> None:
    assert {one.id: one.title for one in checks()} == TITLES


def test_parse_knows_deadlines() -> None:
    assert parse("10日内").op == "le"
