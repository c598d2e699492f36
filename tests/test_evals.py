"""`extractor eval` as a person uses it: runs, comparisons, gates, baselines, pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from extractor.evaluation.comparing import compared
from extractor.evaluation.gating import gated
from extractor.evaluation.records import SCORER, DocumentRecord, LeafRecord, RunRecord, Usage, dumps, loads
from extractor.evaluation.reports.matrix import Row, matrix_markdown
from extractor.evaluation.reports.page import Beside, page
from extractor.evaluation.reports.words import headline, sides, verdict, warnings
from extractor.evaluation.running import scoring_code
from extractor.evaluation.scores import scores
from tests.conftest import CORPUS, ROOT, SAMPLES
from tests.endpoint import Answer, Endpoint, Step, recorded

EVALS = ROOT / "evals"
BASELINES = sorted((EVALS / "baselines").glob("*.json"))


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "EXTRACTOR_"))}
    command = [sys.executable, "-m", "extractor.cli.main", "eval", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**clean, **environment}, check=False, cwd=ROOT
    )


def leaf(at: str = "/budget/0/actual", **more: Any) -> LeafRecord:
    return LeafRecord(
        **{"field": "budget.actual", "verdict": "wrong", "gold": "1", "got": "2", "gold_at": at, **more}
    )


def record(name: str, right: int, wrong: int = 0, **more: Any) -> DocumentRecord:
    counts = {"budget:budget.actual": {"right": right, "wrong": wrong}}
    own = {"leaves": tuple(leaf(f"/budget/{i}/actual", got_at=f"/budget/{i}/actual") for i in range(wrong))}
    known = {"name": name, "dataset": "d", "sha256": f"s{name}", "gold": f"g{name}", "counts": counts}
    return DocumentRecord(**{**known, "plain": (right, wrong, wrong), "placed": (0, 0), **own, **more})


def of(*documents: DocumentRecord, **more: Any) -> RunRecord:
    given = {"deterministic": True, "margin": 0.005, "engine": {"engine": "rules"}, "split": "open", **more}
    return RunRecord(
        schema=1, suite="s", about="a", at="2030-01-01T00:00:00", version="0", documents=documents, **given
    )


@pytest.mark.parametrize("path", BASELINES, ids=lambda path: path.stem)
def test_every_suite_with_a_baseline_holds_its_line(path: Path, tmp_path: Path) -> None:
    done = run("run", path.stem, "--baseline", path.stem, "-o", tmp_path, "--format", "json,md,junit")
    assert done.returncode == 0, done.stderr


def test_the_committed_baselines_are_those_of_rules_and_recorded_replies() -> None:
    assert [path.stem for path in BASELINES] == [
        "samples-recorded", "samples-rules", "unseen-recorded", "unseen-rules",
    ]  # fmt: skip
    for path in BASELINES:
        kept = loads(path)
        assert kept.deterministic
        assert not kept.sealed
        assert all(one.dataset in ("samples", "unseen") for one in kept.documents)


def test_a_second_run_reads_nothing_and_gives_the_same(tmp_path: Path) -> None:
    first = run("run", "samples-rules", "-o", tmp_path, "--name", "one")
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / ".cache").iterdir()}
    second = run("run", "samples-rules", "-o", tmp_path, "--name", "two")
    assert (first.returncode, second.returncode) == (0, 0)
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / ".cache").iterdir()} == kept
    one, two = loads(tmp_path / "one.json"), loads(tmp_path / "two.json")
    assert all(not it.usage.kept for it in one.documents)
    assert all(it.usage.kept for it in two.documents)
    bare = [[it.model_dump(exclude={"usage": {"kept"}}) for it in run.documents] for run in (one, two)]
    assert bare[0] == bare[1]
    assert "9 readings kept" in second.stdout.replace("\n", " ")


def test_a_run_that_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    run("run", "samples-rules", "-o", tmp_path, "--name", "whole")
    cache = sorted((tmp_path / ".cache").iterdir())
    cache[0].unlink()
    cache[1].write_text("{ half a rec")
    stamps = {path: path.stat().st_mtime_ns for path in cache[2:]}
    run("run", "samples-rules", "-o", tmp_path, "--name", "again")
    assert {path: path.stat().st_mtime_ns for path in cache[2:]} == stamps
    assert cache[0].is_file()
    whole, again = loads(tmp_path / "whole.json"), loads(tmp_path / "again.json")
    assert [one.counts for one in whole.documents] == [one.counts for one in again.documents]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Evals of one document, to be read by a model."""
    (tmp_path / "datasets" / "two").mkdir(parents=True)
    (tmp_path / "suites").mkdir()
    for name in ("b-shuiwu.txt", "b-shuiwu.gold.json"):
        (tmp_path / "datasets" / "two" / name).write_bytes((SAMPLES / name).read_bytes())
    card = "about = 'x'\nsource = 'x'\nlabellers = 'x'\nlayouts = ['B']\n"
    (tmp_path / "datasets" / "two" / "card.toml").write_text(card)
    (tmp_path / "suites" / "model.toml").write_text("about = 'x'\ndataset = 'two'\nengine = 'model'\n")
    return tmp_path


def or_nothing(answer: Answer) -> Answer:
    """Where no reply was recorded, a model that finds no task."""

    def told(body: dict[str, Any]) -> Step:
        step = answer(body)
        return Step('{"columns": [], "tasks": []}') if step.status == 400 else step

    return told


def test_a_new_prompt_pays_only_for_what_changed(small: Path) -> None:
    with Endpoint(answer=or_nothing(recorded(EVALS / "recordings" / "samples"))) as endpoint:
        words = ("model", "--evals", small, "-o", small / "out", "--ledger", small / "ledger.sqlite")
        flags = ("--base-url", endpoint.url, "--model", "m", "--mode", "json_schema")
        first = run("run", *words, *flags, "--name", "base")
        assert first.returncode == 0, first.stderr
        paid = len(endpoint.requests)
        again = run("run", *words, *flags, "--name", "again")
        assert (again.returncode, len(endpoint.requests)) == (0, paid)
        new = run("run", *words, *flags, "--name", "new", "--prompt", "tasks=v1")
        assert new.returncode == 0, new.stderr
        asked = [body["response_format"]["json_schema"]["name"] for body in endpoint.requests[paid:]]
    assert set(asked) == {"tasks"}
    assert loads(small / "out" / "new.json").engine["prompts"]["tasks"]["version"] == "v1"
    shown = run("compare", small / "out" / "base.json", small / "out" / "new.json", "--evals", small)
    assert shown.returncode == 0
    assert "Cannot be decided" in " ".join(shown.stdout.split())
    gate = run("gate", small / "out" / "base.json", small / "out" / "new.json", "--evals", small)
    assert gate.returncode == 5  # one document of a sampled model decides nothing


def test_a_matrix_runs_every_combination(small: Path) -> None:
    with Endpoint(answer=or_nothing(recorded(EVALS / "recordings" / "samples"))) as endpoint:
        done = run(
            "matrix", "model", "--evals", small, "-o", small / "out", "--ledger", small / "l.sqlite",
            "--base-url", endpoint.url, "--mode", "json_schema", "--prompts", "tasks=v1,v2",
            "--models", "a,b",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = (small / "out" / "model-matrix.md").read_text("utf-8")
    for label in ("a tasks=v1", "a tasks=v2", "b tasks=v1", "b tasks=v2"):
        assert f"| {label} |" in table


def test_a_document_that_fails_scores_zero_and_is_told(small: Path) -> None:
    with Endpoint(answer=lambda body: Step("no", status=400)) as endpoint:
        flags = ("--base-url", endpoint.url, "--model", "m", "--mode", "json_schema")
        done = run("run", "model", "--evals", small, "-o", small / "out", "--name", "r",
                   "--ledger", small / "l.sqlite", *flags)  # fmt: skip
    assert done.returncode == 3
    own = loads(small / "out" / "r.json")
    assert own.documents[0].f1 == 0.0 or own.documents[0].lost
    assert not list((small / "out" / ".cache").glob("*.json"))  # a failure is no finished reading


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "nothing"), 2, "no suite nothing"),
        (("run", "samples-rules", "--format", "pdf"), 2, "--format takes"),
        (("run", "samples-rules", "--split", "sealed"), 2, "no split sealed"),
        (("run", "samples-rules", "--sealed"), 2, "no split sealed"),
        (("run", "samples-model"), 4, "no model is named"),
        (("run", "samples-rules", "--engine", "magic"), 2, "--engine takes"),
        (("run", "samples-recorded", "--replay", "/nowhere"), 2, "no recorded replies"),
        (("compare", "README.md", "README.md"), 2, "not a run"),
        (("gate", "nothing.json", "nothing.json"), 2, "baselines that there are: samples-recorded"),
        (("validate", "nothing"), 2, "no dataset nothing"),
        (("matrix", "samples-recorded", "--prompts", "tasks"), 2, "TASK=V1,V2"),
    ],
)
def test_bad_input_is_one_line_and_its_exit_code(
    words: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    more = ("-o", str(tmp_path)) if words[0] in ("run", "matrix") else ()
    done = run(*words, *more)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("extractor: ")
    assert "Traceback" not in done.stderr


def test_the_sealed_part_says_so(tmp_path: Path) -> None:
    done = run("run", "unseen-rules", "--sealed", "-o", tmp_path, "--name", "s")
    assert done.returncode == 0
    assert "sealed" in done.stderr
    assert loads(tmp_path / "s.json").sealed
    assert "scored sealed documents" in " ".join(done.stdout.split())


def test_gold_is_validated_from_the_command_line(small: Path) -> None:
    assert run("validate", "--evals", small).returncode == 0
    path = small / "datasets" / "two" / "b-shuiwu.gold.json"
    path.write_text(path.read_text("utf-8").replace('"guide": 1', '"guide": 7'), "utf-8")
    done = run("validate", "--evals", small)
    assert done.returncode == 1
    assert "guide 7" in done.stdout


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real corpus is not beside the project")
def test_what_may_not_leave_the_machine_is_no_baseline(tmp_path: Path) -> None:
    assert run("run", "corpus-rules", "-o", tmp_path, "--name", "c").returncode == 0
    done = run("baseline", tmp_path / "c.json")
    assert done.returncode == 2
    assert "may not leave" in done.stderr


# The gate over runs made by hand.


def test_any_drop_of_what_cannot_vary_is_a_regression_and_none_a_pass() -> None:
    base = of(record("a", 9, 1), record("b", 5, 5))
    assert gated(compared(base, base)).outcome == "pass"
    better_on_the_whole = of(record("a", 8, 2), record("b", 10))
    assert gated(compared(base, better_on_the_whole)).outcome == "regression"
    assert gated(compared(base, of(record("a", 10), record("b", 5, 5)))).outcome == "pass"


def test_a_new_wrong_figure_or_a_failed_document_breaks_the_gate_whatever_the_mean() -> None:
    base = of(record("a", 5, 5), record("b", 5, 5))
    passed_off = (leaf(wrong_figure=True),)
    assert (
        gated(compared(base, of(record("a", 10, 0, leaves=passed_off), record("b", 10)))).outcome
        == "regression"
    )
    failed = record("b", 10, error="Invalid: no")
    assert gated(compared(base, of(record("a", 10), failed))).outcome == "regression"
    known = of(record("a", 5, 5, leaves=passed_off), record("b", 5, 5))
    assert gated(compared(known, known)).outcome == "pass"


def test_sampled_runs_pass_fail_or_stay_undecided() -> None:
    def runs(*rights: int) -> RunRecord:
        return of(*(record(f"d{i}", r, 1000 - r) for i, r in enumerate(rights)), deterministic=False)

    base = runs(900, 910, 920, 905, 915, 925, 930, 890)
    assert gated(compared(base, base)).exit_code == 0
    assert gated(compared(base, runs(850, 865, 868, 857, 862, 877, 881, 838))).exit_code == 1
    assert gated(compared(base, runs(960, 965, 968, 957, 962, 977, 981, 938))).exit_code == 0
    assert gated(compared(base, runs(990, 810, 980, 805, 975, 885, 830, 950))).exit_code == 5


@pytest.mark.parametrize(
    "other",
    [
        of(record("a", 10, gold="other")),
        of(record("a", 10), guide=2),
        of(record("a", 10), scorer=99),
        of(record("a", 10), record("b", 10)),
    ],
    ids=["gold", "guide", "scorer", "documents"],
)
def test_what_is_not_comparable_is_refused(other: RunRecord) -> None:
    gate = gated(compared(of(record("a", 10)), other))
    assert (gate.outcome, gate.exit_code) == ("incomparable", 2)


def test_a_comparison_names_what_got_better_and_worse() -> None:
    base = of(record("a", 8, 0, leaves=(leaf(line=12), leaf("/budget/1/actual"))))
    new = of(record("a", 9, 0, leaves=(leaf("/budget/1/actual", got="3"), leaf("/budget/2/actual", line=30))))
    found = [(one.effect, one.line, one.base is None) for one in compared(base, new).changes]
    assert found == [("better", 12, False), ("other", None, False), ("worse", 30, True)]


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ({"verdict": "missed", "got": None}, {"verdict": "wrong", "got": "2"}, "worse"),
        ({"verdict": "wrong", "got": "2"}, {"verdict": "missed", "got": None}, "better"),
        ({"verdict": "wrong", "got": "2"}, {"verdict": "wrong", "got": "3"}, "other"),
        ({"verdict": "wrong"}, {"verdict": "wrong", "got": "3", "wrong_figure": True}, "worse"),
        (None, {"verdict": "right", "got": "1", "place": "elsewhere"}, "worse"),
        ({"verdict": "right", "got": "1", "place": "elsewhere"}, {"verdict": "wrong"}, "worse"),
    ],
)
def test_whatever_differs_between_two_runs_is_shown(
    before: dict[str, Any] | None, after: dict[str, Any], effect: str
) -> None:
    base = of(record("a", 9, 0, leaves=(leaf(**before),) if before else ()))
    found = compared(base, of(record("a", 9, 0, leaves=(leaf(**after),)))).changes
    assert [one.effect for one in found] == [effect]


def test_a_comparison_hides_neither_losses_nor_cost() -> None:
    base = of(record("a", 9, 1, usage=Usage(calls=4, prompt_tokens=100, cost=Decimal("0.5"), currency="CNY")))
    lost = record("a", 5, 5, chunks=4, lost=("budget: cut off",), usage=Usage(calls=9, prompt_tokens=700))
    found = compared(base, of(lost))
    rows = {name: (one, two) for name, one, two in sides(found)}
    assert rows["chunks lost"] == ("0 of 0", "1 of 4")
    assert rows["calls / tokens"] == ("4 / 100", "9 / 700")
    assert rows["cost"] == ("0.5000 CNY", "unknown")
    assert any("1 of 4 chunks were lost" in one for one in warnings(found))
    assert "1 of 4" in matrix_markdown([Row("one", base), Row("two", of(lost))])


def test_a_change_of_the_scorer_raises_its_number() -> None:
    """Whoever changes what decides a score raises SCORER, and names both in evals/scorer.json."""
    held = json.loads((ROOT / "evals" / "scorer.json").read_text("utf-8"))
    assert held == {"scorer": SCORER, "code": scoring_code()}, (
        "the scorer's code changed: raise SCORER in evaluation/records.py if any report could score "
        f"otherwise, then put {scoring_code()} into evals/scorer.json"
    )


def test_five_documents_of_a_sampled_model_cannot_be_decided() -> None:
    base = of(*(record(f"d{i}", 80, 20) for i in range(5)), deterministic=False)
    new = of(*(record(f"d{i}", 90 + i, 10) for i in range(5)), deterministic=False)
    words = verdict(compared(base, new))
    assert words.startswith("Cannot be decided")
    assert "no difference could be shown" in words


def test_repeats_are_averaged_before_documents_are_compared() -> None:
    base = of(record("a", 80, 20), record("a", 90, 10, repeat=1), deterministic=False)
    new = of(record("a", 85, 15), record("a", 85, 15, repeat=1), deterministic=False)
    found = compared(base, new)
    assert len(found.documents) == 1
    assert found.documents[0].difference == pytest.approx(0)
    assert scores(base).noise == pytest.approx(0.0707, abs=1e-4)


def test_a_mean_hides_neither_failures_nor_losses() -> None:
    own = of(record("a", 10), record("b", 10, error="Invalid: x"), record("c", 10, lost=("budget: cut off",)))
    told = dict(headline(own, scores(own)))
    assert scores(own).mean == pytest.approx(2 / 3)
    assert told["documents failed"] == "1"
    assert told["chunks lost"].startswith("1 of")


# The pages.


def test_the_page_stands_alone_and_what_documents_say_is_only_text() -> None:
    hostile = "<script>alert(1)</script>"
    bad = leaf(gold=hostile, got=f"{hostile}!", line=1)
    base = of(record(hostile, 9, 0, leaves=(bad,)))
    new = of(record(hostile, 10, 0))
    html = page(new, Beside(compared(base, new), gated(compared(base, new)), {f"s{hostile}": [hostile]}))
    assert hostile not in html
    assert "&lt;script&gt;" in html
    assert "http://" not in html
    assert "https://" not in html
    assert "default-src 'none'" in html


def test_every_format_is_written_and_the_junit_counts(tmp_path: Path) -> None:
    done = run("run", "samples-rules", "-o", tmp_path, "--name", "r", "--format", "json,html,md,junit")
    assert done.returncode == 0
    assert {path.suffix for path in tmp_path.glob("r.*")} == {".json", ".html", ".md", ".xml"}
    suite = Xml.parse(tmp_path / "r.xml").getroot()
    assert suite.get("tests") == "9"
    assert len(suite.findall("testcase")) == 9
    assert "## Not right" in (tmp_path / "r.md").read_text("utf-8")
    lines = (tmp_path / "history.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["of"][:3] for line in lines] == [["samples-rules", "open", SCORER]]


def test_a_run_file_reads_back_as_it_was(tmp_path: Path) -> None:
    own = of(record("a", 9, 1), record("b", 3, 2, error="x"))
    path = tmp_path / "run.json"
    path.write_text(dumps(own), "utf-8")
    assert loads(path) == own
