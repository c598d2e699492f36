"""Review drafts scored: what holds, what is cited, what is covered; and the judge beside people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from extractor import extract_text
from extractor.document import Document
from extractor.evaluation.judging import (
    Item,
    JudgeReply,
    Verdicts,
    agreement,
    labelled,
    orders,
    requests,
)
from extractor.evaluation.summaries import SummaryScores, names_of, scored
from extractor.prompts import load
from extractor.report import Report
from extractor.resources import prompts_folder
from extractor.review import Proof, Review, Sentence
from extractor.verification import faults_of
from tests.conftest import ROOT
from tests.endpoint import Endpoint, Step

TEXT = (
    "某市甲区水务局2030年度部门整体支出绩效自评报告\n"
    "年初预算数1280.50万元，全年执行数1211.36万元，预算完成率94.60%。\n"
    "指标：开展执法检查次数，目标≥40次，实际52次。\n"
    "存在问题：一是部分片区老旧管网漏损率偏高，改造进度滞后于年初安排。二是绩效指标设置不够细化。\n"
    "改进措施：一是加快推进老旧管网改造。二是逐项梳理核心指标，提高可量化程度。\n"
    "本年度未完成的任务为南片区泵站改造。\n"
)
REPORT = Report.model_validate(
    {
        "department": "某市甲区水务局",
        "tasks": [{"name": "南片区泵站改造"}, {"name": "老旧管网改造"}],
        "indicators": [{"name": "开展执法检查次数"}],
    }
)
GOLD = {
    "problems": [
        {"text": "部分片区老旧管网漏损率偏高，改造进度滞后于年初安排。"},
        {"text": "绩效指标设置不够细化。"},
    ],
    "measures": [{"text": "加快推进老旧管网改造。"}, {"text": "逐项梳理核心指标，提高可量化程度。"}],
}


def proof(number: int, words: str, finding: str | None = None) -> Proof:
    """A proof of words of the text, or of a computed check."""
    start = TEXT.find(words)
    return Proof(
        number=number, text=words, spans=((start, start + len(words)),) if start >= 0 else (), finding=finding
    )


PROOFS = (
    proof(1, "年初预算数1280.50万元，全年执行数1211.36万元，预算完成率94.60%。"),
    proof(2, "部分片区老旧管网漏损率偏高，改造进度滞后于年初安排。"),
    proof(3, "绩效指标设置不够细化。"),
    proof(4, "加快推进老旧管网改造。"),
    proof(5, "逐项梳理核心指标，提高可量化程度。"),
    proof(6, "开展执法检查次数，目标≥40次，实际52次，52÷40=130.00%，达到关注阈值130%，未见说明", "B4"),
    proof(7, "某市甲区水务局2030年度部门整体支出绩效自评报告"),
    proof(8, "本年度未完成的任务为南片区泵站改造。"),
)


def sentence(text: str, *proofs: int, side: Any = "department", section: int = 2) -> Sentence:
    return Sentence(text=text, side=side, section=section, proofs=proofs)


HONEST = (
    sentence("某市甲区水务局2030年度部门整体支出绩效自评报告。", 7, section=0),
    sentence("年初预算数1280.50万元，全年执行数1211.36万元，预算完成率94.60%。", 1, section=1),
    sentence("部门自述部分片区老旧管网漏损率偏高，改造进度滞后于年初安排。", 2),
    sentence("部门提出加快推进老旧管网改造。", 4),
    sentence("部门指出绩效指标设置不够细化，提出逐项梳理核心指标，提高可量化程度。", 3, 5),
    sentence(
        "“开展执法检查次数”目标≥40次，实际52次，为目标的130.00%，未见说明，建议补充说明。",
        6,
        side="review",
        section=3,
    ),
    sentence("本稿为草稿，所引材料未经核实。", side="fixed", section=7),
)


def draft(*sentences: Sentence) -> Review:
    return Review(
        document="x.txt", sha256="0", department="某市甲区水务局", sentences=sentences, proofs=PROOFS
    )


def scores(*sentences: Sentence) -> SummaryScores:
    return scored(draft(*sentences), Document("x.txt", TEXT), REPORT, GOLD)


def kinds(one: Sentence) -> set[str]:
    return {fault.kind for fault in faults_of(one, draft(one).cited(one), names_of(REPORT))}


@pytest.mark.parametrize("one", HONEST, ids=lambda one: one.text[:12])
def test_an_honest_sentence_holds(one: Sentence) -> None:
    assert kinds(one) == set()


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (sentence("年初预算数1280.50万元，全年执行数1211.63万元。", 1), "figure"),
        (sentence("年初预算数1280.50亿元。", 1), "figure"),
        (sentence("预算完成率94.60万元。", 1), "figure"),
        (sentence("某市甲区水务局2029年度部门整体支出绩效自评报告。", 7), "year"),
        (sentence("某市乙区水务局2030年度部门整体支出绩效自评报告。", 7), "name"),
        (sentence("本年度完成的任务为南片区泵站改造。", 8), "negation"),
        (sentence("绩效指标设置未够细化。", 3), "negation"),
        (sentence("绩效指标设置够细化。", 3), "negation"),
        (sentence("部分片区老旧管网漏损率偏高，由于施工单位管理混乱。", 2), "cause"),
        (sentence("目标≥40次，实际52次，反映部门有意压低目标，未见说明。", 6, side="review"), "cause"),
        (sentence("部分片区老旧管网漏损率偏高，存在违规行为。", 2), "forbidden"),
        (sentence("部门提出逐项梳理核心指标，提高可量化程度。", 4), "uncovered"),
        (sentence("部门提出加快推进南片区泵站改造。", 4), "name"),
        (sentence("部门自述绩效指标设置不够细化。"), "uncited"),
        (sentence("部门自述绩效指标设置不够细化。", 99), "unresolved"),
        (sentence("开展执法检查次数，目标≥40次，实际52次。", 6), "side"),
        (sentence("绩效指标设置不够细化。", 3, side="review"), "side"),
        (sentence("部门称“绩效指标设置十分科学”。", 3), "quotation"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.text[:14],
)
def test_each_kind_of_fault_is_caught(one: Sentence, kind: str) -> None:
    assert kind in kinds(one)


def test_a_good_draft_scores_in_full() -> None:
    found = scores(*HONEST)
    assert (found.sentences, found.supported) == (6, 6)
    assert found.resolved == found.citations == 7
    assert found.figures == found.figures_found
    assert (found.points, found.covered, found.missed) == (4, 4, ())
    assert found.contradicted == 0


def test_each_score_falls_by_its_own_fault_alone() -> None:
    good = scores(*HONEST)
    silent = scores(*HONEST[:4])
    assert silent.covered < good.covered
    assert silent.supported == silent.sentences
    changed = scores(*HONEST[:1], sentence("年初预算数1280.50万元，全年执行数9211.36万元。", 1), *HONEST[2:])
    assert changed.covered == good.covered
    assert changed.figures_found < changed.figures
    assert changed.contradicted == 1


def test_a_citation_that_leads_elsewhere_does_not_resolve() -> None:
    moved = tuple(one if one.number != 2 else one.model_copy(update={"spans": ((0, 5),)}) for one in PROOFS)
    review = draft(*HONEST).model_copy(update={"proofs": moved})
    found = scored(review, Document("x.txt", TEXT), REPORT, GOLD)
    assert found.resolved == found.citations - 1


# The judge.

LABELLED = ROOT / "evals" / "judgements" / "sentences.json"


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "EXTRACTOR_"))}
    command = [sys.executable, "-m", "extractor.cli.main", "eval", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=clean, check=False, cwd=ROOT)


def test_agreement_is_kappa_over_the_majorities() -> None:
    items = [Item("a", (), label) for label in ("supported", "supported", "contradicted", "not_stated")]
    own = Verdicts(("supported", "supported", "contradicted", "contradicted"), (("supported",),) * 4, 0)
    found = agreement(items, own)
    assert found.share == 0.75
    assert found.kappa == pytest.approx((0.75 - 0.375) / (1 - 0.375))


def test_every_vote_shows_every_item_once_in_another_order() -> None:
    items = labelled(LABELLED)
    prompt = load(prompts_folder(), "judge")
    assert len({tuple(order) for order in orders(len(items))}) == 3
    for vote in range(3):
        shown = [at for _, part in requests(items, prompt, vote) for at in part]
        assert sorted(shown) == list(range(len(items)))


def test_a_judge_that_leaves_items_out_is_asked_again() -> None:
    request, part = next(requests(labelled(LABELLED), load(prompts_folder(), "judge"), 0))
    assert request.check is not None
    whole = [{"item": i, "verdict": "supported"} for i in range(len(part))]
    assert request.check(JudgeReply.model_validate({"verdicts": whole})) == []
    assert request.check(JudgeReply.model_validate({"verdicts": whole[1:]}))


def test_recorded_judgements_agree_with_people() -> None:
    done = run("judge", "--replay", ROOT / "evals" / "recordings" / "judge")
    assert done.returncode == 0, done.stderr
    assert "agreement with people" in done.stdout
    share = float(done.stdout.split("agreement with people: ")[1].split()[0])
    assert share >= 0.9


def test_judgements_are_paid_for_once(tmp_path: Path) -> None:
    def answer(body: dict[str, Any]) -> Step:
        shown = json.loads(body["messages"][1]["content"].split("\n", 1)[1].rsplit("\n", 1)[0])
        return Step(
            json.dumps({"verdicts": [{"item": one["item"], "verdict": "supported"} for one in shown]})
        )

    with Endpoint(answer=answer) as endpoint:
        words = ("judge", "--base-url", endpoint.url, "--model", "m", "--mode", "json_schema")
        first = run(*words, "--ledger", tmp_path / "l.sqlite")
        paid = len(endpoint.requests)
        again = run(*words, "--ledger", tmp_path / "l.sqlite")
        assert (first.returncode, again.returncode, len(endpoint.requests)) == (0, 0, paid)
    assert paid == 9
    assert "kappa 0.000" in first.stdout  # a judge that always says yes agrees by chance alone


def test_a_draft_is_scored_from_the_command_line(tmp_path: Path) -> None:
    from extractor.render.json import dumps

    (tmp_path / "r.json").write_text(dumps(extract_text(TEXT * 2)), "utf-8")
    (tmp_path / "d.json").write_text(draft(*HONEST).model_dump_json(), "utf-8")
    done = run("summary", tmp_path / "d.json", "--result", tmp_path / "r.json")
    assert done.returncode == 0, done.stderr
    assert "sentences that hold" in done.stdout
    broken = run("summary", tmp_path / "r.json", "--result", tmp_path / "r.json")
    assert broken.returncode == 2
    assert "not a review" in broken.stderr
