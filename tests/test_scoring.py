"""The scorer: verdicts and tags, and what must hold for any report."""

from __future__ import annotations

import copy
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.evaluation.comparison import compare
from extractor.evaluation.leaves import Comparison, Leaf
from extractor.evaluation.records import f1_of
from extractor.evaluation.running import counts_of
from extractor.evaluation.values import Units
from extractor.wording import same_text
from tests import reports
from tests.conftest import CORPUS, SAMPLES, UNSEEN, Labelled, labelled, names
from tests.reports import Report

SEEDS = st.integers(0, 2**32)
ALL = labelled(SAMPLES) + labelled(UNSEEN) + labelled(CORPUS)


def f1(gold: Report, got: Report) -> float:
    return f1_of(counts_of(compare(gold, got)).values())


def only(result: Comparison, *verdicts: str) -> list[Leaf]:
    return [leaf for leaf in result.leaves if leaf.verdict in verdicts]


def not_right(gold: Report, got: Report) -> list[tuple[str, str, tuple[str, ...]]]:
    wrong = (leaf for leaf in compare(gold, got).leaves if leaf.verdict != "right")
    return [(leaf.field, leaf.verdict, leaf.tags) for leaf in wrong]


@pytest.fixture
def gold() -> Report:
    """A small report with a bit of everything."""
    return {
        "department": "某区水务局",
        "fiscal_year": 2023,
        "money_unit": "万元",
        "budget": [
            {"source": "合计", "initial": Decimal("1200.50"), "adjusted": Decimal("1300"), "partial": False},
            {
                "source": "一般公共预算",
                "initial": Decimal("900"),
                "adjusted": Decimal("1000"),
                "partial": False,
            },
        ],
        "goal": {"expected": "完成管网改造12公里，解决3个村的供水问题。", "achieved": None},
        "indicators": [
            {"name": "改造管网长度", "level": "产出指标/数量指标", "target": "≥12公里", "actual": "13公里"},
            {"name": "供水水质合格率", "level": "产出指标/质量指标", "target": "≥95%", "actual": "98%"},
        ],
        "tasks": [],
        "projects": [],
        "key_project_performance": "管网改造已完成。",
        "overall_performance": None,
        "self_evaluation": {"conclusion": None, "grade": "优", "score": Decimal("95.5")},
        "problems": [{"text": "部分老旧管网漏损率偏高。"}, {"text": "绩效指标设置不够细化。"}],
        "measures": [{"text": "加大老旧管网改造力度。", "addresses": [0]}],
    }


def put(report: Report, path: str, value: Any) -> Report:
    out = copy.deepcopy(report)
    node: Any = out
    *way, last = [int(key) if key.isdigit() else key for key in path.split("/")]
    for key in way:
        node = node[key]
    node[last] = value
    return out


@pytest.mark.parametrize(
    ("path", "value", "verdict", "tags"),
    [
        ("budget/0/initial", Decimal("12005000"), "wrong", ("scale",)),
        ("budget/0/initial", Decimal("-1200.50"), "wrong", ("sign",)),
        ("budget/0/initial", Decimal("1200.5"), "right", ()),
        ("budget/0/initial", Decimal("1201"), "wrong", ("rounding",)),
        ("budget/0/initial", Decimal("1200.51"), "wrong", ()),
        ("budget/0/initial", "一千二百", "invalid", ()),
        ("budget/0/initial", None, "missed", ()),
        ("budget/0/initial", Decimal("900"), "wrong", ()),
        ("fiscal_year", 2022, "wrong", ("year",)),
        ("indicators/0/target", "≤12公里", "wrong", ("operator",)),
        ("indicators/0/target", "不少于12公里", "wrong", ()),
        ("indicators/0/target", "≧12公里", "right", ()),
        ("indicators/0/actual", "13个", "wrong", ("unit",)),
        ("goal/achieved", "已完成。", "invented", ()),
        ("key_project_performance", "管网改造未完成。", "wrong", ("negation",)),
        ("goal/expected", "完成管网改造12公里，解决8个村的供水问题。", "wrong", ("figure",)),
        ("goal/expected", "完成管网改造12公里, 解决3个村的供水问题", "right", ()),
    ],
)
def test_each_kind_of_error_is_told(
    gold: Report, path: str, value: Any, verdict: str, tags: tuple[str, ...]
) -> None:
    found = not_right(gold, put(gold, path, value))
    if verdict == "right":
        assert found == []
    else:
        assert [(v, t) for _, v, t in found] == [(verdict, tags)]


def test_figures_of_neighbours_that_changed_places_are_swapped(gold: Report) -> None:
    got = put(put(gold, "budget/0/initial", Decimal("1300")), "budget/0/adjusted", Decimal("1200.50"))
    assert {tags for _, _, tags in not_right(gold, got)} == {("swapped",)}


def test_a_value_in_the_wrong_field_is_misplaced(gold: Report) -> None:
    got = put(
        put(gold, "overall_performance", gold["key_project_performance"]), "key_project_performance", None
    )
    assert not_right(gold, got) == [
        ("key_project_performance", "missed", ()),
        ("overall_performance", "invented", ("misplaced",)),
    ]


def test_what_neither_says_is_outside_and_what_nobody_labelled_is_unlabelled(gold: Report) -> None:
    del gold["overall_performance"]
    result = compare(gold, {**gold, "overall_performance": "成效明显。"})
    assert [leaf.field for leaf in only(result, "unlabelled")] == ["overall_performance"]
    assert f1(gold, {**gold, "overall_performance": "成效明显。"}) == 1.0
    assert result.outside > 0


def test_links_are_scored_as_pairs_of_what_they_join(gold: Report) -> None:
    got = copy.deepcopy(gold)
    got["problems"].reverse()
    assert [v for f, v, _ in not_right(gold, got)] == ["missed", "invented"]  # 0 is another problem now
    got["measures"][0]["addresses"] = [1]
    assert not_right(gold, got) == []


def test_grounding_tells_the_right_place_from_another(gold: Report) -> None:
    at = "/budget/0/initial"
    for spans, place in ((((10, 17),), "right"), (((40, 47),), "elsewhere"), ((), "ungrounded")):
        leaf = next(
            one for one in compare(gold, gold, {at: ((10, 17),)}, {at: spans}).leaves if one.gold_at == at
        )
        assert (leaf.verdict, leaf.place) == ("right", place)


def test_a_link_to_nothing_or_told_twice_is_invented(gold: Report) -> None:
    problem, answer = {"text": "甲事项推进缓慢。"}, {"text": "加快甲事项。", "addresses": [0]}
    one = {"problems": [problem], "measures": [answer]}

    def links(*addresses: int, problems: bool = True) -> list[str]:
        measures = [{"text": "加快甲事项。", "addresses": list(addresses)}]
        got = {"problems": [problem] if problems else [], "measures": measures}
        return sorted(leaf.verdict for leaf in compare(one, got).leaves if leaf.group == "links")

    assert links(0) == ["right"]
    assert links(-1, problems=False) == ["invented", "missed"]
    assert links(0, 0, 7) == ["invented", "invented", "right"]


def test_an_item_that_says_nothing_is_one_too_many() -> None:
    one = {"problems": [{"text": "甲事项推进缓慢。"}]}
    assert f1(one, {"problems": [*one["problems"], {}]}) < 1


def test_what_was_left_open_is_never_invented(gold: Report) -> None:
    left = {k: v for k, v in gold.items() if k not in ("self_evaluation", "goal", "problems")}
    found = [leaf for leaf in compare(left, gold).leaves if leaf.group in ("goal", "problems", "links")]
    assert found
    assert {leaf.verdict for leaf in found} == {"unlabelled"}


@pytest.mark.parametrize(
    ("of_gold", "of_report"), [("万元", None), ("万元", 5), (None, "亿元"), ("元", "吨")]
)
def test_an_amount_whose_unit_is_missing_or_no_unit_is_wrong(
    of_gold: Any, of_report: Any, gold: Report
) -> None:
    result = compare({**gold, "money_unit": of_gold}, {**gold, "money_unit": of_report})
    amounts = [leaf for leaf in result.leaves if leaf.kind == "amount"]
    assert amounts
    assert not any(leaf.verdict == "right" for leaf in amounts)


def test_problems_of_the_same_words_are_paired_by_their_place() -> None:
    gold = {"problems": [{"text": "监管不够到位。"}, {"text": "监管不够到位。"}], "measures": []}
    got = {"problems": [{"text": "监管不够到位。"}], "measures": []}
    result = compare(gold, got, {"/problems/0/text": ((0, 7),), "/problems/1/text": ((90, 97),)},
                     {"/problems/0/text": ((90, 97),)})  # fmt: skip
    assert [one.at for one in result.whole] == ["/problems/0"]


@pytest.mark.parametrize(
    ("gold", "got"),
    [
        ("已完成年度任务", "未完成年度任务"),
        ("投入3500万元用于管网改造工程建设", "投入3500亿元用于管网改造工程建设"),
        ("≥95%", "≤95%"),
        ("全年共受理投诉举报案件1280件", "全年共受理投诉举报案件1260件"),
        ("2022年底前全部完成验收并投入使用", "2023年底前全部完成验收并投入使用"),
        ("群众满意度较上年没有下降，达到预期", "群众满意度较上年有下降，达到预期"),
        ("比上年减少-3.5个百分点，好于预期目标", "比上年减少3.5个百分点，好于预期目标"),
        ("培训基层干部三百二十人次，覆盖全部乡镇", "培训基层干部三百五十人次，覆盖全部乡镇"),
        ("项目12个，资金80万元，全部按期完成", "项目80个，资金12万元，全部按期完成"),
        ("年度预算执行率为94.60%，达到序时进度要求", "年度预算执行率为96.40%，达到序时进度要求"),
        ("全年新建改建农村公路36公里，通车里程增加", "全年新建改建农村公路36公顷，通车里程增加"),
        ("受疫情影响，原定3场培训未能如期举办完毕", "受疫情影响，原定3场培训均能如期举办完毕"),
        ("发放补贴1200人次，补贴标准每人500元整", "发放补贴1200人次，补贴标准每人500万元整"),
        ("重大安全责任事故发生数为0起，无人员伤亡", "重大安全责任事故发生数为0起，有人员伤亡"),
        ("满意度＞90%，服务对象对办理结果总体认可", "满意度＜90%，服务对象对办理结果总体认可"),
        ("该项目非本部门牵头实施，由街道负责组织", "该项目由本部门牵头实施，由街道负责组织"),
        ("2021年至2023年累计完成投资5.6亿元左右", "2020年至2023年累计完成投资5.6亿元左右"),
        ("专项资金尚有12.5万元结余，没有及时清理", "专项资金尚有12.5万元结余，已经及时清理"),
        ("新增就业岗位三千余个，超过年初预定目标", "新增就业岗位三万余个，超过年初预定目标"),
        ("监督检查覆盖率100%，问题整改完成率98%", "监督检查覆盖率98%，问题整改完成率100%"),
        ("年均发生事故起数控制在5起以内", "年均发生事故起数控制在5起以上"),
        ("建成并投入使用达到1200公里以上", "建成并投入使用达到1200公里以内"),
        ("项目按时完成率达到90%以上，达到年度预期", "项目按时完成率达到90%以下，达到年度预期"),
        ("全年事故起数不超过12起，安全形势平稳可控有序", "全年事故起数不低于12起，安全形势平稳可控有序"),
        ("企业满意度高于90%，总体评价较好", "企业满意度低于90%，总体评价较好"),
        ("全年接待量同比增长5%，超过预期目标任务", "全年接待量同比下降5%，超过预期目标任务"),
        ("全年任务完成率达到百分之五十", "全年任务完成率达到百分之六十"),
        ("完成年度任务的五分之三，其余按计划推进", "完成年度任务的五分之四，其余按计划推进"),
        ("节约资金三十余万元用于公益事业建设", "节约资金五十余万元用于公益事业建设"),
        ("项目第三季度完成验收并投入使用", "项目第四季度完成验收并投入使用"),
        ("全市综合考核排名第一，工作成效明显", "全市综合考核排名第二，工作成效明显"),
        ("主导产业产值较上年翻一番，成效显著", "主导产业产值较上年翻两番，成效显著"),
        ("占比达到三成五，较上年有所提高", "占比达到三成六，较上年有所提高"),
        ("采购物资500kg用于应急储备工作", "采购物资500km用于应急储备工作"),
        ("存储500MB数据用于平台建设运行", "存储500GB数据用于平台建设运行"),
        ("建设绿道三十公里，全部投入使用", "建设绿道三十公顷，全部投入使用"),
        ("全部安装误差控制在5毫米以内", "全部安装误差控制在5毫克以内"),
        ("全年服务3万人次，群众总体满意", "全年服务3万户次，群众总体满意"),
        ("甲项目未完成，乙项目已完成，总体进度符合预期", "甲项目已完成，乙项目未完成，总体进度符合预期"),
        ("本年度免收企业相关费用，减轻负担", "本年度均收企业相关费用，减轻负担"),
        ("经费尚缺12万元，需申请追加预算安排", "经费尚有12万元，需申请追加预算安排"),
    ],
)
def test_similar_texts_of_another_meaning_are_not_the_same(gold: str, got: str) -> None:
    assert not same_text(gold, got)


@pytest.mark.parametrize(
    ("gold", "got"),
    [
        ("全年受理１２００件， 办结率100％。", "全年受理1,200件,办结率100%"),
        ("各项工作进一步规范，统一调度，一般性支出压减", "各项工作进一步规范，统一调度,一般性支出压减。"),
        ("完善制度建设，强化日常监督检查和绩效管理工作", "完善制度建设，强化日常监督检查与绩效管理工作"),
    ],
)
def test_texts_that_say_the_same_are_the_same(gold: str, got: str) -> None:
    assert same_text(gold, got)


# What peers get wrong: guide to lessons, under Evaluation.


@pytest.mark.parametrize("one", ALL, ids=names)
def test_a_report_without_its_indicators_scores_what_it_has(one: Labelled) -> None:
    """A peer's default gives 0.986 to a report that lost 931 of 1,021 values."""
    got = {
        **one.report,
        "indicators": [],
        "tasks": [{**task, "indicators": []} for task in one.report["tasks"]],
    }
    result = compare(one.report, got)
    lost = sum(leaf.group == "indicators" for leaf in result.leaves)
    right = len(result.leaves) - lost
    assert f1(one.report, got) == pytest.approx(2 * right / (2 * right + lost))


def test_a_budget_ten_thousand_times_too_large_is_wrong_in_every_amount(gold: Report) -> None:
    """A peer says 0.990 of that."""
    got = copy.deepcopy(gold)
    for line in got["budget"]:
        line |= {name: value * 10_000 for name, value in line.items() if isinstance(value, Decimal)}
    assert [tags for _, _, tags in not_right(gold, got)] == [("scale",)] * 4


def test_a_failed_document_is_zero_and_an_empty_one_hides_nothing(gold: Report) -> None:
    assert f1(gold, {}) == 0.0


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_report_against_itself_is_all_right(seed: int) -> None:
    one = reports.report(Random(seed))
    result = compare(one, copy.deepcopy(one))
    assert {leaf.verdict for leaf in result.leaves} <= {"right"}
    assert result.whole == []


@given(SEEDS, st.integers(0, 6))
@settings(max_examples=80, deadline=None)
def test_deleting_what_is_right_lowers_the_score(seed: int, faults: int) -> None:
    """An item told twice, or under another's name, may come to stand for another one: none is here."""
    random = Random(seed)
    gold = reports.report(random)
    got = reports.altered(gold, random, faults, ("change", "delete", "drop", "shuffle"))
    before = compare(gold, got)
    right = [leaf for leaf in before.leaves if leaf.verdict == "right" and leaf.kind not in ("link", "flag")]
    for leaf in random.sample(right, min(4, len(right))):
        assert leaf.got_at is not None
        assert f1(gold, put(got, leaf.got_at.strip("/"), None)) < f1_of(counts_of(before).values())


@given(SEEDS, st.integers(0, 6))
@settings(max_examples=80, deadline=None)
def test_inventing_anything_lowers_the_score(seed: int, faults: int) -> None:
    random = Random(seed)
    gold = reports.report(random)
    got = reports.altered(gold, random, faults)
    before = f1(gold, got)
    for leaf in _empty_fields(gold, got)[:4]:
        assert f1(gold, leaf) < before or before == 0
    for name in ("budget", "indicators", "tasks", "projects", "problems", "measures"):
        more = copy.deepcopy(got)
        more[name].append(_invented(name))
        assert f1(gold, more) < before or before == 0


def _empty_fields(gold: Report, got: Report) -> list[Report]:
    """The report with one field filled that the gold leaves empty as well."""
    out = []
    for name, value in (("key_project_performance", "凭空"), ("overall_performance", "凭空")):
        if gold[name] is None and got[name] is None:
            out.append({**got, name: value})
    for name in ("expected", "achieved"):
        if gold["goal"][name] is None and got["goal"][name] is None:
            out.append(put(got, f"goal/{name}", "凭空"))
    return out


def _invented(name: str) -> Report:
    """An item that no gold has a word of."""
    return {
        "budget": {"source": "甲乙丙丁"},
        "problems": {"text": "甲乙丙丁戊己庚辛"},
        "measures": {"text": "甲乙丙丁戊己庚辛", "addresses": []},
        "tasks": {"name": "甲乙丙丁戊己庚辛", "indicators": []},
    }.get(name, {"name": "甲乙丙丁戊己庚辛"})


@given(SEEDS, st.integers(0, 8))
@settings(max_examples=80, deadline=None)
def test_the_order_of_items_does_not_matter(seed: int, faults: int) -> None:
    random = Random(seed)
    gold = reports.report(random)
    got = reports.altered(gold, random, faults)
    mixed = copy.deepcopy(got)
    order = random.sample(range(len(mixed["problems"])), len(mixed["problems"]))
    mixed["problems"] = [mixed["problems"][i] for i in order]
    for measure in mixed["measures"]:
        measure["addresses"] = [order.index(one) for one in measure["addresses"]]
    for name in ("budget", "indicators", "tasks", "projects", "measures"):
        random.shuffle(mixed[name])
    for task in mixed["tasks"]:
        random.shuffle(task["indicators"])
    without = [{**one, "measures": [{**m, "addresses": []} for m in one["measures"]]} for one in (got, mixed)]
    assert f1(gold, without[0]) == f1(gold, without[1])  # twins may answer for each other, their links apart


@given(SEEDS, st.integers(1, 10))
@settings(max_examples=150, deadline=None)
def test_mending_a_leaf_never_lowers_the_score(seed: int, faults: int) -> None:
    random = Random(seed)
    gold = reports.report(random)
    got = reports.altered(gold, random, faults)
    before = compare(gold, got)
    score = f1_of(counts_of(before).values())
    for leaf in filter(lambda leaf: _can_be_mended(leaf, gold, got), before.leaves):
        assert leaf.got_at is not None
        mended = put(got, leaf.got_at.strip("/"), _in_its_unit(leaf, gold, got))
        assert f1(gold, mended) >= score, (leaf.field, leaf.gold, leaf.got)


def _can_be_mended(leaf: Leaf, gold: Report, got: Report) -> bool:
    """A value of an item that both have; an amount in an unknown unit is mended by its unit first."""
    if leaf.verdict not in ("wrong", "missed", "invented") or leaf.got_at is None:
        return False
    if leaf.kind in ("link", "flag") or (leaf.gold is None and leaf.got_at.endswith(("/name", "/text"))):
        return False
    return leaf.kind != "amount" or Units(gold["money_unit"], got["money_unit"]).shift is not None


def _in_its_unit(leaf: Leaf, gold: Report, got: Report) -> Any:
    """What the leaf should say in a report of that unit."""
    shift = Units(gold["money_unit"], got["money_unit"]).shift if leaf.kind == "amount" else 0
    return leaf.gold.scaleb(-shift) if shift and leaf.gold is not None else leaf.gold


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_wrong_unit_never_scores(seed: int) -> None:
    gold = reports.report(Random(seed))
    got = {**gold, "money_unit": {"元": "万元", "万元": "亿元", "亿元": "元"}[gold["money_unit"]]}
    amounts = [leaf for leaf in compare(gold, got).leaves if leaf.kind == "amount"]
    assert {leaf.verdict for leaf in amounts} <= {"wrong"}
    assert all("unit" in leaf.tags for leaf in amounts)


def test_the_same_money_in_another_unit_is_the_same_money(gold: Report) -> None:
    got = copy.deepcopy(gold) | {"money_unit": "元"}
    for line in got["budget"]:
        line |= {name: value * 10_000 for name, value in line.items() if isinstance(value, Decimal)}
    assert not_right(gold, got) == [("money_unit", "wrong", ())]


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_whatever_is_said_is_a_verdict_and_never_a_crash(seed: int) -> None:
    random = Random(seed)
    gold = reports.report(random)
    got: Any = copy.deepcopy(gold)
    for _ in range(5):
        one, key = random.choice(reports.slots(got))
        one[key] = random.choice(([], {}, "x", 3, True, [None], {"a": 1}, Decimal("NaN"), "12万元"))
    for name in random.sample(["tasks", "budget", "goal", "measures", "problems"], 2):
        got[name] = random.choice((None, "x", 3, [1, "x"], {}, [{}]))
    assert 0 <= f1(gold, got) <= 1
