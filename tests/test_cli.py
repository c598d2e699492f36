"""The command as people run it: what it prints where, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import SAMPLES

SAMPLE = SAMPLES / "e-jiaoyu.txt"


def run(*words: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`extractor WORDS` in a process of its own, without settings of the machine."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI", "EXTRACTOR"))}
    command = [sys.executable, "-m", "extractor.cli.main", *map(str, words)]
    return subprocess.run(
        command, input=stdin, capture_output=True, env={**clean, **environment}, check=False
    )


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """The error's one line; notes about the engine apart."""
    lines = [line for line in done.stderr.decode().splitlines() if not line.startswith("engine:")]
    assert len(lines) == 1, lines
    assert "Traceback" not in lines[0]
    return lines[0]


def test_one_input_goes_to_standard_output_and_nothing_else_does() -> None:
    done = run("extract", SAMPLE)
    assert done.returncode == 0
    assert json.loads(done.stdout)["report"]["fiscal_year"] == 2024
    assert done.stderr.decode() == "engine: rules\n"


def test_standard_input_is_an_input() -> None:
    done = run("extract", "-", stdin=SAMPLE.read_bytes())
    assert done.returncode == 0
    assert json.loads(done.stdout)["document"]["name"] == "-"


def test_every_format_is_written_to_the_folder(tmp_path: Path) -> None:
    done = run("extract", SAMPLE, "-o", tmp_path / "out", "--format", "json,html,md,xlsx")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "e-jiaoyu.html", "e-jiaoyu.json", "e-jiaoyu.md", "e-jiaoyu.xlsx",
    ]  # fmt: skip
    assert done.stdout == b""


def test_a_folder_mirrors_its_subfolders_and_is_not_fed_its_own_results(tmp_path: Path) -> None:
    (tmp_path / "in" / "区").mkdir(parents=True)
    (tmp_path / "in" / "一 表.txt").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "in" / "区" / "二.txt").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "in" / "小说.txt").write_text("他走了很久。" * 50)
    (tmp_path / "in" / "扫描.pdf").write_bytes(b"%PDF-1.4")
    for _ in range(2):
        done = run("extract", tmp_path / "in", "-o", tmp_path / "in" / "out", "--format", "json,md")
        assert done.returncode == 3
        assert "2 done, 1 of them duplicates, 1 skipped, 1 failed" in done.stderr.decode()
        assert "this PDF is damaged" in done.stderr.decode()
    assert (tmp_path / "in" / "out" / "区" / "二.json").is_file()


def test_one_bad_file_of_many_ends_in_3_and_the_rest_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "b.txt").write_bytes(bytes(range(256)) * 9)
    done = run("extract", tmp_path, "-o", tmp_path / "out")
    assert done.returncode == 3
    assert (tmp_path / "out" / "a.json").is_file()
    assert "b.txt" in done.stderr.decode()


def test_names_that_clash_keep_their_endings(tmp_path: Path) -> None:
    for name in ("a.txt", "a.tsv"):
        (tmp_path / name).write_bytes(SAMPLE.read_bytes())
    assert run("extract", tmp_path, "-o", tmp_path / "out").returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.tsv.json", "a.txt.json", "manifest.csv", "manifest.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["extract", "nowhere.txt"], 2, "no such file"),
        (["extract", "{tmp}/empty.txt"], 2, "empty"),
        (["extract", "{tmp}/binary.txt"], 2, "not a text"),
        (["extract", "{tmp}/novel.txt"], 2, "not a self-evaluation"),
        (["extract", "{tmp}/big.txt", "--max-bytes", "1000000"], 2, "limit"),
        (["extract", "{tmp}/nothing"], 2, "no documents"),
        (["extract", "{tmp}/nothing", "-o", "{tmp}/out"], 2, "no documents"),
        (["extract", "{tmp}/novel.txt", "{tmp}/empty.txt"], 2, "-o DIR"),
        (["extract", "{sample}", "--format", "pdf", "-o", "{tmp}/out"], 2, "--format"),
        (["extract", "{sample}", "--format", "html"], 2, "-o DIR"),
        (["extract", "{sample}", "--engine", "magic"], 2, "--engine"),
        (["extract", "{sample}", "--engine", "model"], 4, "no model is named"),
        (["extract", "{sample}", "--model", "m"], 4, "no key"),
        (["extract", "{sample}", "--engine", "model", "--preset", "nobody"], 2, "no preset"),
        (["extract", "{sample}", "--model", "m", "--base-url", "ftp://x"], 2, "http"),
        (
            ["extract", "{sample}", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--mode", "x"],
            2,
            "--mode",
        ),
        (["extract", "{sample}", "--prompt", "nowhere", "--model", "m"], 2, "--prompt"),
        (["extract", "{sample}", "--config", "{tmp}/nowhere.toml"], 2, "no such file"),
        (["extract", "{sample}", "-o", "{tmp}/novel.txt"], 2, "cannot be written"),
        (["extract", "{sample}", "-o", "/proc/out"], 2, "cannot be written"),
    ],
)
def test_bad_input_is_one_line_and_its_exit_code(
    words: list[str], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "empty.txt").write_bytes(b"\n \n")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "novel.txt").write_text("他沿着河堤走了很久。" * 50)
    (tmp_path / "big.txt").write_text("部门整体支出绩效自评" * 1_000_00)
    (tmp_path / "nothing").mkdir()
    done = run(*[word.format(tmp=tmp_path, sample=SAMPLE) for word in words])
    assert done.returncode == code
    assert said in one_line(done)
    assert done.stdout == b""
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("words", [["{tmp}/novel.txt"], ["{tmp}/nowhere.txt"], ["{tmp}"]])
def test_a_run_without_results_leaves_no_folder_behind(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("他沿着河堤走了很久。" * 50)
    done = run("extract", *[word.format(tmp=tmp_path) for word in words], "-o", tmp_path / "out")
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["novel.txt"]


def test_ten_megabytes_are_refused_before_they_are_read_whole() -> None:
    done = run("extract", "-", stdin="部门整体支出绩效自评表\n".encode() * 320_000)
    assert done.returncode == 2
    assert "more than the limit" in one_line(done)


def test_a_configured_endpoint_that_does_not_answer_is_not_passed_over(tmp_path: Path) -> None:
    done = run(
        "extract", SAMPLE, OPENAI_API_KEY="sk-secret-of-mine", OPENAI_BASE_URL="http://127.0.0.1:9/v1",
        EXTRACTOR_MODEL="m", EXTRACTOR_MODE="text", EXTRACTOR_LEDGER=str(tmp_path / "ledger.sqlite"),
    )  # fmt: skip
    assert done.returncode == 4
    assert "does not answer" in done.stderr.decode()
    assert b"sk-secret" not in done.stdout + done.stderr
    assert done.stdout == b""


def test_usage_errors_end_in_2() -> None:
    for words in ([], ["extract"], ["extract", "--nonsense", "x"], ["frobnicate"]):
        assert run(*words).returncode == 2


def test_a_closed_pipe_is_no_traceback() -> None:
    command = f"{sys.executable} -m extractor.cli.main extract {SAMPLE} | head -c 5"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert b"Traceback" not in done.stderr


def test_an_interrupt_ends_in_130_and_keeps_what_was_finished(tmp_path: Path) -> None:
    for i in range(300):
        (tmp_path / f"{i:03}.txt").write_bytes((SAMPLES / "d-nongye.txt").read_bytes() + f"\n{i}".encode())
    command = [
        sys.executable,
        "-m",
        "extractor.cli.main",
        "extract",
        str(tmp_path),
        "-o",
        str(tmp_path / "out"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not list((tmp_path / "out").glob("*.json")) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in said
    done = list((tmp_path / "out").glob("*.json"))
    assert 0 < len(done) < 300
    assert all(json.loads(path.read_text())["schema"] == 1 for path in done)
    assert not list((tmp_path / "out").glob(".*.part"))


def test_help_costs_no_heavy_import() -> None:
    program = (
        "import sys; sys.argv = ['extractor', '--help']\n"
        "from extractor.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = set('pydantic openai instructor numpy rapidfuzz openpyxl jinja2 simplejson rich'.split())\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
