"""The model engine over real HTTP with recorded replies of a real model: scores, coverage, traces, resume."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from extractor.drafts import Found
from extractor.engines.model.engine import plan
from extractor.engines.model.references import BadReference, Resolver
from extractor.engines.model.routing import routed
from extractor.engines.model.sheet import Sheet
from extractor.engines.model.tasks import tasks
from extractor.evaluation.comparison import compare
from extractor.evaluation.likeness import Count
from extractor.render.json import loads
from extractor.resources import prompts_folder
from extractor.result import report_leaves
from extractor.source import Source
from tests.conftest import ROOT, SAMPLES, UNSEEN, Labelled, labelled, names, plain_count
from tests.endpoint import Endpoint, Step, recorded

RECORDINGS = ROOT / "evals" / "recordings"
SETS = {"samples": SAMPLES, "unseen": UNSEEN}


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "EXTRACTOR_"))}
    command = [sys.executable, "-m", "extractor.cli.main", *map(str, words)]
    clean["EXTRACTOR_MODEL_CHECKS"] = "0"  # of the extraction alone
    return subprocess.run(command, capture_output=True, text=True, env={**clean, **environment}, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every labelled document read by replaying what a model answered, by set and name."""
    out: dict[str, dict[str, Any]] = {}
    for name, folder in SETS.items():
        to = tmp_path_factory.mktemp(name)
        texts = sorted(folder.glob("*.txt"))
        done = run("extract", *texts, "-o", to, "--replay", RECORDINGS / name)
        assert done.returncode == 0, done.stderr
        out[name] = {path.stem: loads(path.read_text("utf-8")) for path in to.glob("[a-e]-*.json")}
    return out


def pooled(name: str, results: dict[str, dict[str, Any]]) -> Count:
    total = Count()
    for one in labelled(SETS[name]):
        total += plain_count(one.report, results[name][one.path.stem]["report"].model_dump())
    return total


@pytest.mark.parametrize(("name", "least"), [("samples", 0.995), ("unseen", 0.985)])
def test_recorded_replies_of_a_real_model_score(
    name: str, least: float, results: dict[str, dict[str, Any]]
) -> None:
    assert pooled(name, results).f1 >= least


def test_no_wrong_figure_is_grounded_without_being_disputed(results: dict[str, dict[str, Any]]) -> None:
    wrong = []
    for name, folder in SETS.items():
        for one in labelled(folder):
            result = results[name][one.path.stem]
            disputed = {conflict["pointer"] for conflict in result["conflicts"]}
            for leaf in compare(one.report, result["report"].model_dump()).leaves:
                told = leaf.invents and leaf.figure and leaf.got_at in result["evidence"]
                if told and leaf.got_at not in disputed:
                    wrong.append((one.path.stem, leaf.got_at, leaf.gold, leaf.got))
    assert not wrong


def test_every_value_stands_in_the_document_or_is_said_not_to(results: dict[str, dict[str, Any]]) -> None:
    for result in (one for own in results.values() for one in own.values()):
        for pointer, value in report_leaves(result["report"]):
            if not (pointer.endswith("/source") and value == "合计"):
                assert (pointer in result["evidence"]) != (pointer in result["ungrounded"]), pointer
        assert result["coverage"]["complete"]


def test_every_value_leads_to_the_call_that_gave_it(results: dict[str, dict[str, Any]]) -> None:
    for result in results["samples"].values():
        given = {pointer for own in result["run"]["calls"].values() for pointer in own}
        missing = set(result["evidence"]) - given
        disputed = {conflict["pointer"] for conflict in result["conflicts"] if conflict["chosen"]}
        assert missing <= disputed


@pytest.mark.parametrize("one", labelled(SAMPLES) + labelled(UNSEEN), ids=names)
def test_routing_leaves_nothing_of_the_gold_unseen(one: Labelled) -> None:
    """Of the values that the rules place, nearly all stand in lines that their task is shown."""
    group = {"department": "budget", "fiscal_year": "budget", "money_unit": "budget"}
    own = {"budget", "goal", "tasks", "indicators", "projects"}
    extraction = one.extraction()
    shown = {
        task: [(line.start, line.end) for line in lines] for task, lines in routed(one.document()).items()
    }
    seen = total = 0
    for pointer, evidence in extraction.evidence.items():
        first = pointer.split("/")[1]
        lines = shown.get(group.get(first, first if first in own else "review"), [])
        for place in evidence:
            total += 1
            seen += any(a <= place.start < b for a, b in lines)
    assert seen >= 0.9 * total


def test_a_document_is_not_shown_many_times_over() -> None:
    setup = tasks(prompts_folder())
    from extractor.engines.model.engine import Setup

    chars = sent = 0
    for one in labelled(SAMPLES) + labelled(UNSEEN):
        document = one.document()
        chars += len(document.text)
        sent += sum(len(planned.request.user) for planned in plan(document, Setup(setup)))
    assert sent <= 1.5 * chars


@pytest.fixture
def sheet() -> Sheet:
    text = "任务⼀\n\n通过建设公园，\n改善环\n境。建成4处\n— 5 —\n收入\t1,200.50\t\t96.20%\n"
    from extractor.document import Document

    return Sheet(Source(Document("t", text)))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", "任务一"),
        ("2-4", "通过建设公园，改善环境。建成4处"),
        ("2-4|通过…境。", "通过建设公园，改善环境。"),
        ("4|建成4处", "建成4处"),
        ("3-4|改善环境", "改善环境"),
        ("5.2", "1,200.50"),
        ("5|96.20%", "96.20%"),
        ("1+4|建…处", "任务一建成4处"),
        ("2|通过+4|建成4处", "通过建成4处"),
        ("2|通过建设公园，+3-4", "通过建设公园，改善环境。建成4处"),
        ("1+2|通过建设公园，+3-4", "任务一通过建设公园，改善环境。建成4处"),
        ("", None),
        ("5|—", None),
    ],
)
def test_a_reference_is_copied_from_the_document(written: str, value: str | None, sheet: Sheet) -> None:
    found = Resolver(sheet, sheet.lines).text(written)
    assert (found.value if found else None) == value


@pytest.mark.parametrize("written", ["9", "2-9", "5.7", "4-2", "2-4|没有…境。", "2-4|通过…没有"])
def test_a_reference_to_what_was_not_shown_is_refused(written: str, sheet: Sheet) -> None:
    with pytest.raises(BadReference):
        Resolver(sheet, sheet.lines).check(written)


def test_a_figure_that_does_not_stand_where_it_was_said_to_is_kept_without_a_place(sheet: Sheet) -> None:
    found = Resolver(sheet, sheet.lines).text("5|1,200.51")
    assert found == Found("1,200.51", ())


def test_a_figure_is_not_found_inside_a_longer_one(sheet: Sheet) -> None:
    assert Resolver(sheet, sheet.lines).text("5|200.50") == Found("200.50", ())


FAULTS = [
    ("cut", "done", 0, 3),
    ("refusal", "failed", 3, 1),
    ("empty", "failed", 3, 1),
]


@pytest.mark.parametrize(("fault", "status", "code", "requests"), FAULTS)
def test_one_lost_chunk_is_part_of_the_result(
    fault: str, status: str, code: int, requests: int, tmp_path: Path
) -> None:
    replies = recorded(RECORDINGS / "samples")
    asked = 0

    def answer(body: dict[str, Any]) -> Step:
        nonlocal asked
        if body["response_format"]["json_schema"]["name"] != "review":
            return replies(body)
        asked += 1
        if asked == 1:
            return Step(fault=fault)
        return Step(
            '{"conclusion":"","grade":"","score":"","key_project":"","overall":"","problems":[],"measures":[]}'
        )

    with Endpoint(answer=answer) as server:
        done = run("extract", SAMPLES / "b-shuiwu.txt", "--engine", "model", "--model", "m", "--mode",
                   "json_schema", "--base-url", server.url, "--ledger", tmp_path / "l.sqlite")  # fmt: skip
    assert done.returncode == code
    assert asked == requests
    result = json.loads(done.stdout)
    assert len(result["report"]["tasks"]) == 7
    told = {
        name: one["status"] for chunk in result["coverage"]["chunks"] for name, one in chunk["tasks"].items()
    }
    assert told["tasks"] == "done"
    assert (told["review"] == "failed") == (status == "failed")
    assert result["coverage"]["complete"] == (status == "done")


def test_the_run_stops_cleanly_at_its_ceiling_and_keeps_what_is_done(tmp_path: Path) -> None:
    with Endpoint(answer=recorded(RECORDINGS / "samples")) as server:
        done = run("extract", *sorted(SAMPLES.glob("*.txt")), "-o", tmp_path / "out", "--engine", "model",
                   "--model", "m", "--mode", "json_schema", "--base-url", server.url, "--max-tokens", "30000",
                   "--concurrency", "2", "--ledger", tmp_path / "l.sqlite")  # fmt: skip
        asked = len(server.requests)
        assert done.returncode == 3
        written = [json.loads(path.read_text()) for path in (tmp_path / "out").glob("[a-e]-*.json")]
        assert len(written) == 9
        assert sum(not one["coverage"]["complete"] for one in written) >= 5
        skipped = [
            t["status"] for one in written for c in one["coverage"]["chunks"] for t in c["tasks"].values()
        ]
        assert "skipped" in skipped
        again = run("extract", *sorted(SAMPLES.glob("*.txt")), "-o", tmp_path / "out", "--engine", "model",
                    "--model", "m", "--mode", "json_schema", "--base-url", server.url,
                    "--ledger", tmp_path / "l.sqlite")  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert len(server.requests) == 43
    assert asked < 43


def test_a_dry_run_asks_nothing(tmp_path: Path) -> None:
    with Endpoint() as server:
        done = run("extract", SAMPLES / "e-jiaoyu.txt", "--engine", "model", "--model", "gpt-4o-mini",
                   "--dry-run", "--base-url", server.url, "--ledger", tmp_path / "l.sqlite")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "5 calls" in done.stdout
    assert "USD" in done.stdout
    assert not server.requests


def test_one_bad_document_of_a_folder_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b-shuiwu.txt", "e-jiaoyu.txt"):
        (tmp_path / "in" / name).write_bytes((SAMPLES / name).read_bytes())
    (tmp_path / "in" / "broken.txt").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "in" / "novel.txt").write_text("他沿着河堤走了很久。" * 50, "utf-8")
    with Endpoint(answer=recorded(RECORDINGS / "samples")) as server:
        done = run("extract", tmp_path / "in", "-o", tmp_path / "out", "--model", "m", "--mode",
                   "json_schema", "--base-url", server.url, "--ledger", tmp_path / "l.sqlite")  # fmt: skip
    assert done.returncode == 3
    assert "2 done, 1 skipped, 1 failed" in done.stderr
    shown = (path.stem for path in (tmp_path / "out").iterdir() if not path.name.startswith("."))
    assert sorted(shown) == ["b-shuiwu", "e-jiaoyu", "manifest", "manifest"]


def test_an_interrupt_keeps_what_was_finished_and_paid(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.endpoint", str(RECORDINGS / "samples"), "--latency", "0.2", "--log",
         str(log)], stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "extractor.cli.main", "extract", str(SAMPLES / "b-shuiwu.txt"), "--model",
             "m", "--mode", "json_schema", "--base-url", url, "--concurrency", "1", "--ledger",
             str(tmp_path / "l.sqlite")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        until = time.monotonic() + 20
        while _count(log) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        server.kill()
        server.wait()
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert len(_stored(tmp_path / "l.sqlite")) >= 2


def test_a_folder_of_ones_own_prompts_stands_before_the_released_ones(tmp_path: Path) -> None:
    (tmp_path / "goal").mkdir()
    own = (prompts_folder() / "goal" / "v2.md").read_text("utf-8").replace('version = "v2"', 'version = "v7"')
    (tmp_path / "goal" / "v7.md").write_text(own.replace("规则：", "规则如下："), "utf-8")
    versions = {name: one.prompt.version for name, one in tasks(tmp_path, None, prompts_folder()).items()}
    assert versions["goal"] == "v7"
    assert versions["budget"] == "v3"


def test_masked_strings_never_leave_and_the_result_is_the_same(tmp_path: Path) -> None:
    with Endpoint(answer=recorded(RECORDINGS / "samples")) as server:
        done = run("extract", SAMPLES / "d-shuiwu.txt", "--engine", "model", "--model", "m", "--mode",
                   "json_schema", "--base-url", server.url, "--mask", "--ledger",
                   tmp_path / "l.sqlite")  # fmt: skip
        sent = json.dumps(server.requests, ensure_ascii=False)
    assert "0000-0000001" in (SAMPLES / "d-shuiwu.txt").read_text("utf-8")
    assert "0000-0000001" not in sent
    assert "masked" in done.stderr
    assert server.url.split("/")[2] in done.stderr
    assert json.loads(done.stdout)["report"]["tasks"]


def test_the_exact_request_and_reply_behind_a_value_are_shown(tmp_path: Path) -> None:
    ledger = tmp_path / "l.sqlite"
    with Endpoint(answer=recorded(RECORDINGS / "samples")) as server:
        run("extract", SAMPLES / "b-shuiwu.txt", "-o", tmp_path, "--model", "m", "--mode", "json_schema",
            "--base-url", server.url, "--ledger", ledger)  # fmt: skip
    done = run("ledger", "show", "--for", f"{tmp_path / 'b-shuiwu.json'}#/tasks/1/funds", "--ledger", ledger)
    assert done.returncode == 0, done.stderr
    body = next(one for one in server.requests if one["response_format"]["json_schema"]["name"] == "tasks")
    assert body["messages"][1]["content"][:40] in done.stdout.replace("\\n", "\n")
    assert '"funds"' in done.stdout
    lost = run("ledger", "show", "--for", f"{tmp_path / 'b-shuiwu.json'}#/tasks/99/funds", "--ledger", ledger)
    assert lost.returncode == 2
    assert "no call gave" in lost.stderr


def test_doctor_shows_the_endpoint_the_mode_and_the_price_and_never_the_key(tmp_path: Path) -> None:
    key = "sk-secret-0123456789"
    with Endpoint(answer=lambda _: Step('{"seal": "k7-f3-q9"}')) as server:
        done = run("doctor", "--model", "deepseek-chat", "--base-url", server.url, "--ledger",
                   tmp_path / "l.sqlite", OPENAI_API_KEY=key)  # fmt: skip
    assert done.returncode == 0, done.stderr
    for words in (server.url, "deepseek-chat", "json_schema: works", "CNY", "s a request"):
        assert words in done.stdout
    assert key not in done.stdout + done.stderr
    dead = run(
        "doctor", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--ledger", tmp_path / "l.sqlite"
    )
    assert dead.returncode == 4
    assert "Traceback" not in dead.stderr


def test_settings_come_from_flags_then_the_environment_then_the_file(tmp_path: Path) -> None:
    (tmp_path / "extractor.toml").write_text(
        '[endpoint]\nmodel = "of-the-file"\nbase_url = "http://127.0.0.1:9/v1"\n[limits]\nrpm = 60\n'
    )
    config = ("--config", tmp_path / "extractor.toml", "--dry-run", "--engine", "model")
    sample = SAMPLES / "e-jiaoyu.txt"
    assert "model of-the-file" in run("extract", sample, *config).stderr
    assert "model of-the-shell" in run("extract", sample, *config, EXTRACTOR_MODEL="of-the-shell").stderr
    flagged = run("extract", sample, *config, "--model", "of-the-flag", EXTRACTOR_MODEL="of-the-shell")
    assert "model of-the-flag" in flagged.stderr
    (tmp_path / "extractor.toml").write_text("[limits]\nrmp = 60\n")
    wrong = run("extract", sample, *config)
    assert wrong.returncode == 2
    assert "rmp" in wrong.stderr


def test_a_run_that_is_killed_again_and_again_pays_for_nothing_twice(tmp_path: Path) -> None:
    """25 times kill -9 at a random moment over 20 documents, then the results of an undisturbed run."""
    texts = sorted(SAMPLES.glob("*.txt")) + sorted(UNSEEN.glob("*.txt"))[:11]
    log, ledger = tmp_path / "log", tmp_path / "l.sqlite"
    folders = [RECORDINGS / "samples", RECORDINGS / "unseen"]
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.endpoint", *map(str, folders), "--latency", "0.15", "--log", str(log)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    words = ["extract", *map(str, texts), "--engine", "model", "--model", "m", "--mode", "json_schema",
             "--base-url", url, "--concurrency", "2", "--no-second-opinion", "--no-model-checks"]  # fmt: skip
    chance = random.Random(20261121)
    stored_before: set[str] = set()
    try:
        for _ in range(25):
            process = subprocess.Popen(
                [sys.executable, "-m", "extractor.cli.main", *words, "-o", str(tmp_path / "out"), "--ledger",
                 str(ledger)], stderr=subprocess.DEVNULL,
            )  # fmt: skip
            asked_before = _count(log)
            until = time.monotonic() + 20
            while _count(log) == asked_before and process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.45))
            process.send_signal(signal.SIGKILL)
            process.wait()
            repeated = set(_lines(log)[asked_before:]) & stored_before
            assert not repeated
            stored_before = _stored(ledger)
        done = run(*words, "-o", tmp_path / "out", "--ledger", ledger)
        assert done.returncode == 0, done.stderr
        assert not set(_lines(log)) - _stored(ledger)
        undisturbed = run(*words, "-o", tmp_path / "other", "--ledger", tmp_path / "other.sqlite")
        assert undisturbed.returncode == 0, undisturbed.stderr
    finally:
        server.kill()
        server.wait()
    for path in sorted((tmp_path / "other").glob("[a-e]-*.json")):
        first, second = (json.loads((tmp_path / name / path.name).read_text()) for name in ("out", "other"))
        del first["run"], second["run"]
        assert first == second


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _count(path: Path) -> int:
    return len(_lines(path))


def _stored(path: Path) -> set[str]:
    """The hashes of the messages whose replies are stored, as the endpoint's log has them."""
    import hashlib

    if not path.exists():
        return set()
    with sqlite3.connect(path) as database:
        bodies = [json.loads(row[0]) for row in database.execute("SELECT request FROM calls")]
    return {hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest() for body in bodies}
