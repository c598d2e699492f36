"""Folders of documents: what the manifest says, what is read once, and what a killed run leaves."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from extractor.ingest import ocr
from tests.conftest import FORMS, SAMPLES
from tests.maker import pictures
from tests.office import as_docx, as_xlsx

TEXTS = sorted(SAMPLES.glob("*.txt"))
PAGES = sorted(FORMS.glob("*.html"))


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "extractor.cli.main", "extract", *map(str, words), "--engine", "rules"]


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, timeout=300)


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    held = json.loads((folder / "manifest.json").read_text("utf-8"))
    return {Path(row["input"]).name: row for row in held["rows"]}


def some(folder: Path) -> Path:
    """A folder with two documents, a copy of one, a novel and a broken file."""
    (folder / "in" / "区").mkdir(parents=True)
    (folder / "in" / "a.txt").write_bytes(TEXTS[0].read_bytes())
    (folder / "in" / "b.docx").write_bytes(as_docx(PAGES[1].read_bytes()))
    (folder / "in" / "区" / "again.txt").write_bytes(TEXTS[0].read_bytes())
    (folder / "in" / "novel.txt").write_text("他沿着河堤走了很久。" * 50)
    (folder / "in" / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "in" / "notes.zip").write_bytes(b"PK")
    return folder / "in"


def test_the_manifest_has_a_line_for_every_document(tmp_path: Path) -> None:
    done = run(some(tmp_path), "-o", tmp_path / "out")
    assert done.returncode == 3
    held = rows(tmp_path / "out")
    assert {name: row["status"] for name, row in held.items()} == {
        "a.txt": "done", "b.docx": "done", "again.txt": "duplicate", "novel.txt": "skipped",
        "broken.pdf": "failed", "notes.zip": "skipped",
    }  # fmt: skip
    one = held["b.docx"]
    assert one["department"] == "泽安区水务局"
    assert one["fiscal_year"] == 2022
    assert one["engine"] == "rules"
    assert one["complete"] is True
    assert "wordprocessingml" in one["media_type"]
    result = json.loads((tmp_path / "out" / one["result"]).read_text("utf-8"))
    assert result["document"]["sha256"] == one["sha256"]
    grades = [finding["grade"] for finding in result["findings"]]
    assert [one["errors"], one["warnings"], one["notes"]] == [grades.count(grade) for grade in "EWI"]
    assert "damaged" in held["broken.pdf"]["error"]
    assert held["again.txt"]["same_as"] == held["a.txt"]["input"]
    assert (tmp_path / "out" / "区" / "again.json").read_bytes() == (tmp_path / "out" / "a.json").read_bytes()
    with (tmp_path / "out" / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [line["input"] for line in table] == [row["input"] for row in held.values()]
    assert table[1]["department"] == "泽安区水务局"


def test_only_what_is_like_the_patterns_is_read(tmp_path: Path) -> None:
    done = run(
        some(tmp_path), "-o", tmp_path / "out", "--include", "*.txt", "--exclude", "区/*", "--exclude", "n*"
    )
    assert done.returncode == 0, done.stderr
    assert list(rows(tmp_path / "out")) == ["a.txt"]


def test_a_name_that_a_spreadsheet_would_compute_is_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("=1+1.txt", "b.txt"):
        (tmp_path / "in" / name).write_bytes(TEXTS[0].read_bytes() + name.encode())
    done = subprocess.run(
        command("=1+1.txt", "b.txt", "-o", tmp_path / "out"),
        cwd=tmp_path / "in",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "'=1+1.txt" in (tmp_path / "out" / "manifest.csv").read_text("utf-8-sig")


def test_own_output_is_never_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(TEXTS[0].read_bytes())
    (folder / "b.txt").write_bytes(TEXTS[1].read_bytes())
    assert run(folder, "-o", folder, "--format", "json,html,md,xlsx").returncode == 0
    for kind in ("md", "html", "docx"):
        subprocess.run(
            [sys.executable, "-m", "extractor.cli.main", "summarize", str(folder / "a.json"), "--engine",
             "rules", "-o", str(folder / f"draft.{kind}")], check=True, capture_output=True,
        )  # fmt: skip
    before = sorted(folder.iterdir())
    done = run(folder, "-o", folder, "--format", "json,html,md,xlsx")
    assert done.returncode == 0, done.stderr
    assert sorted(folder.iterdir()) == before
    assert len(rows(folder)) == 2


def test_the_manifest_among_results_is_no_result(tmp_path: Path) -> None:
    run(some(tmp_path), "-o", tmp_path / "out")
    results = sorted((tmp_path / "out").glob("*.json"))
    for words in (["check", "--fail-on", "never"], ["summarize", "--engine", "rules", "--digest"]):
        done = subprocess.run(
            [sys.executable, "-m", "extractor.cli.main", *words, *map(str, results)],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def mixed(folder: Path, count: int) -> Path:
    """Documents of all kinds, some the same as others, some broken, some none of ours; one is a scan."""
    folder.mkdir()
    chance = random.Random(7)
    for i in range(count):
        page = PAGES[i % len(PAGES)].read_bytes().replace(b"</body>", b"<p>%d</p></body>" % i)
        below = folder / ("区" if i % 4 == 0 else "县") / str(i % 3)
        below.mkdir(parents=True, exist_ok=True)
        kind = i % 30
        if kind == 0:
            (below / f"{i:03}.docx").write_bytes(as_docx(page))
        elif kind == 1:
            (below / f"{i:03}.xlsx").write_bytes(as_xlsx(page))
        elif kind == 2:
            (below / f"{i:03}.pdf").write_bytes(b"%PDF-1.5 " + chance.randbytes(300))
        elif kind == 3:
            (below / f"{i:03}.txt").write_text(f"第{i}章 他沿着河堤走了很久。" * 40)
        elif kind == 4:
            (below / f"{i:03}.html").write_bytes(PAGES[0].read_bytes())
        elif kind == 6:
            (below / f"{i:03}.pdf").write_bytes((SAMPLES / "d-canlian.pdf").read_bytes() + b"%% %d" % i)
        elif i == 8 and not ocr.missing():
            pictures((SAMPLES / "d-canlian.pdf").read_bytes(), 110)[0].save(below / f"{i:03}.png")
        elif kind % 2:
            (below / f"{i:03}.html").write_bytes(page)
        else:
            (below / f"{i:03}.txt").write_bytes(TEXTS[i % len(TEXTS)].read_bytes() + f"\n{i}\n".encode())
    return folder


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_run_that_is_killed_ten_times_ends_as_one_that_was_not(tmp_path: Path) -> None:
    source, chance = mixed(tmp_path / "in", 300), random.Random(11)
    output = tmp_path / "out"
    finished: dict[str, tuple[int, int]] = {}
    for _ in range(10):
        process = subprocess.Popen(command(source, "-o", output), stderr=subprocess.DEVNULL)
        until, journal = time.monotonic() + 60, output / ".extractor-journal.jsonl"
        lines = _lines(journal)
        while _lines(journal) < lines + 12 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert all(_mark(output / name) == mark for name, mark in finished.items())
        finished.update(_finished(journal))
    assert len(finished) > 60
    assert not (output / "manifest.json").exists()
    done = run(source, "-o", output)
    assert done.returncode == 3
    assert "an earlier run is gone on with" in done.stderr
    assert all(_mark(output / name) == mark for name, mark in finished.items())
    undisturbed = run(source, "-o", tmp_path / "other")
    assert undisturbed.returncode == 3
    for name in ("manifest.csv", "manifest.json"):
        assert (output / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    assert sorted(path.relative_to(output) for path in output.rglob("*")) == sorted(
        path.relative_to(tmp_path / "other") for path in (tmp_path / "other").rglob("*")
    )
    assert len(rows(output)) == 300


def _lines(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def _mark(path: Path) -> tuple[int, int]:
    """What changes whenever a file is written anew."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _finished(journal: Path) -> dict[str, tuple[int, int]]:
    """The results that the journal calls finished, with their marks."""
    *lines, _ = journal.read_text("utf-8").split("\n")
    results = [json.loads(line)["result"] for line in lines[1:]]
    return {name: _mark(journal.parent / name) for name in results if name}


def test_the_same_command_reads_only_what_failed_again(tmp_path: Path) -> None:
    source, output = some(tmp_path), tmp_path / "out"
    assert run(source, "-o", output).returncode == 3
    own = {"a.json", "b.json"}  # the copy of a.txt is written with it
    marks = {path.name: _mark(path) for path in output.rglob("*.json") if path.name in own}
    (source / "broken.pdf").write_bytes((SAMPLES / "d-canlian.pdf").read_bytes())
    done = run(source, "-o", output)
    assert done.returncode == 0, done.stderr
    assert "an earlier run is gone on with" in done.stderr
    assert {path.name: _mark(path) for path in output.rglob("*.json") if path.name in marks} == marks
    assert rows(output)["broken.pdf"]["status"] == "done"
    assert not (output / ".extractor-journal.jsonl").exists()


def test_a_run_that_was_asked_for_otherwise_starts_anew(tmp_path: Path) -> None:
    folder = mixed(tmp_path / "in", 60)
    process = subprocess.Popen(command(folder, "-o", tmp_path / "out"), stderr=subprocess.DEVNULL)
    journal = tmp_path / "out" / ".extractor-journal.jsonl"
    until = time.monotonic() + 60
    while _lines(journal) < 8 and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    process.wait()
    done = run(folder, "-o", tmp_path / "out", "--format", "json,md")
    assert "gone on with" not in done.stderr
    assert len(list((tmp_path / "out").rglob("*.md"))) == len(list((tmp_path / "out").rglob("*.json"))) - 1


def test_a_document_that_changed_meanwhile_is_read_again(tmp_path: Path) -> None:
    folder = mixed(tmp_path / "in", 60)
    process = subprocess.Popen(command(folder, "-o", tmp_path / "out"), stderr=subprocess.DEVNULL)
    journal = tmp_path / "out" / ".extractor-journal.jsonl"
    until = time.monotonic() + 60
    while len(_finished(journal) if _lines(journal) > 1 else ()) < 4 and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    process.wait()
    row = next(
        one for line in journal.read_text().split("\n")[1:] if line and (one := json.loads(line))["result"]
    )
    Path(row["input"]).write_bytes(TEXTS[3].read_bytes() + "\n改\n".encode())
    run(folder, "-o", tmp_path / "out")
    assert rows(tmp_path / "out")[Path(row["input"]).name]["sha256"] != row["sha256"]
