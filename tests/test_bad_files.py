"""Files that no good comes from: each ends in one line and its exit code, within its bounds."""

from __future__ import annotations

import ctypes
import io
import json
import os
import random
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from extractor.cli.own import is_own
from extractor.errors import UnreadableInput
from extractor.ingest.reading import document
from tests.conftest import FORMS, SAMPLES
from tests.office import as_docx, as_xlsx

SAMPLE = SAMPLES / "e-jiaoyu.txt"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PAGE = (FORMS / "a-shuiwu.html").read_bytes()


def run(*words: object, **more: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "extractor.cli.main", "extract", *map(str, words), "--engine", "rules"]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **more)  # type: ignore[call-overload,no-any-return]


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    said = done.stderr.decode()
    assert "Traceback" not in said
    assert len(said.strip().split("\n")) == 1, said
    return said


def empty_pdf(pages: int, size: tuple[float, float] = (595, 842)) -> bytes:
    made = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        made.new_page(*size)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def encrypted_pdf() -> bytes:
    """A PDF whose dictionary asks for a password; nothing opens it without."""
    locked = b"<< /Filter /Standard /V 1 /R 2 /O <" + b"5a" * 32 + b"> /U <" + b"a5" * 32 + b"> /P -4 >>"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        locked,
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out + b"xref\n0 5\n0000000000 65535 f \n" + table + b"trailer << /Size 5 /Root 1 0 R /Encrypt 4 0 R "
        b"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] >>\n"
        b"startxref\n%d\n%%%%EOF\n" % len(out)
    )


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """A black picture; as a PDF its page has a point for every pixel."""
    out = io.BytesIO()
    Image.new("1", (width, height), 0).save(out, kind, **({"resolution": 72} if kind == "PDF" else {}))
    return out.getvalue()


def noise() -> bytes:
    out = io.BytesIO()
    Image.frombytes("L", (300, 300), os.urandom(90_000)).save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    """A Word file of a quarter of a million bytes that unpacks to a quarter of a thousand million."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as entry:
            for _ in range(250):
                entry.write(bytes(1_000_000))
    return out.getvalue()


def lying_bomb() -> bytes:
    """The same, with a directory that claims a small size."""
    data = bytearray(bomb())
    size = (250_000_000).to_bytes(4, "little")
    at = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 1)
    assert data[at + 24 : at + 28] == size
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def with_rows(rows: str) -> bytes:
    """The form as a workbook with more rows in its sheet's XML."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx(PAGE))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            new.writestr(entry, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (encrypted_pdf, "锁.pdf", "encrypted"),
        (lambda: empty_pdf(3)[:400], "x.pdf", "damaged"),
        (lambda: b"%PDF-1.7\n" + os.urandom(4000), "x.pdf", "damaged"),
        (lambda: b"", "x.pdf", "empty"),
        (lambda: empty_pdf(2000), "x.pdf", "--max-pages"),
        (lambda: picture(8_000, 8_000, "PDF"), "x.pdf", "--max-pixels"),
        (lambda: picture(20_000, 20_000), "x.png", "--max-pixels"),
        (lambda: noise()[:9000], "x.png", "damaged"),
        (bomb, "x.docx", "--max-unpacked"),
        (lying_bomb, "x.docx", "damaged"),
        (lambda: as_docx(PAGE)[:9000], "x.docx", "damaged"),
        (lambda: b"PK\x03\x04" + os.urandom(900), "x.xlsx", "damaged"),
        (lambda: OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "x.docx", "encrypted"),
        (lambda: b"\x7fELF" + bytes(900), "x", "program"),
        (lambda: b"<html><body></body></html>", "x.html", "no text"),
        (lambda: as_docx(b"<html><body><p>novel</p></body></html>"), "x.docx", "not a self-evaluation"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_line_and_ends_in_2(
    make: Callable[[], bytes], name: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    began = time.monotonic()
    done = run(path)
    assert done.returncode == 2
    assert said in one_line(done)
    assert done.stdout == b""
    assert time.monotonic() - began < 60


def test_a_million_empty_rows_cost_nothing_and_a_million_full_ones_are_refused(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{i}"/>' for i in range(1000, 1_001_000, 1)) + '<row r="1048576" ht="15"/>'
    (tmp_path / "empty.xlsx").write_bytes(with_rows(empty))
    done = run(tmp_path / "empty.xlsx")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["report"]["department"]
    full = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(1000, 30_000))
    (tmp_path / "full.xlsx").write_bytes(with_rows(full))
    done = run(tmp_path / "full.xlsx")
    assert done.returncode == 2
    assert "--max-rows" in one_line(done)


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf", "html"])
def test_a_file_with_damaged_bytes_is_read_or_refused_and_nothing_else(kind: str, tmp_path: Path) -> None:
    printed = (SAMPLES / "d-canlian.pdf").read_bytes()
    sound = {"docx": as_docx(PAGE), "xlsx": as_xlsx(PAGE), "html": PAGE, "pdf": printed}[kind]
    chance, refused = random.Random(kind), []
    path = tmp_path / f"x.{kind}"
    for n in range(20 if kind == "pdf" else 80):
        data = bytearray(sound)
        for _ in range((1, 5, 40)[n % 3]):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        assert not is_own(path)
        try:
            document(bytes(data), path.name)
        except UnreadableInput as error:
            refused.append(str(error))
    assert all(path.name in words for words in refused)
    assert refused or kind == "html"


def test_names_with_blanks_chinese_and_control_characters(tmp_path: Path) -> None:
    names = ["水务局 2024 年\n自评\x07表.docx", " .docx", "-o.docx", "a\tb.html"]
    folder = tmp_path / "区 级"
    folder.mkdir()
    for i, name in enumerate(names):
        made = PAGE.replace(b"</body>", f"<p>{i}</p></body>".encode())
        (folder / name).write_bytes(made if name.endswith("html") else as_docx(made))
    done = run(folder, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    said = done.stderr.decode()
    assert "\x07" not in said
    assert "4 done, 0 skipped, 0 failed" in said
    rows = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["rows"]
    assert sorted(Path(row["input"]).name for row in rows) == sorted(names)
    assert all((tmp_path / "out" / row["result"]).is_file() for row in rows)


def test_links_that_go_in_circles_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "x.html").write_bytes(PAGE)
    (folder / "a" / "round").symlink_to(folder, target_is_directory=True)
    (folder / "a" / "self.txt").symlink_to(folder / "a" / "self.txt")
    done = run(folder, "-o", tmp_path / "out")
    assert done.returncode == 3
    assert "1 done, 1 skipped, 1 failed" in done.stderr.decode()
    assert "symbolic links" in done.stderr.decode()


def _without_root_rights() -> None:
    """What root may do beyond a file's own permissions is taken from the program that is started next."""
    drop, override, search = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    for right in (override, search):
        ctypes.CDLL(None).prctl(drop, right, 0, 0, 0)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.html").write_bytes(PAGE)
    (tmp_path / "in" / "closed.html").write_bytes(PAGE + b" ")
    (tmp_path / "in" / "closed.html").chmod(0)
    done = run(tmp_path / "in", "-o", tmp_path / "out", preexec_fn=_without_root_rights)
    assert done.returncode == 3
    assert "Permission denied" in done.stderr.decode()
    assert "1 done, 0 skipped, 1 failed" in done.stderr.decode()


def test_a_folder_that_may_not_be_opened_and_one_that_is_a_link_are_told(tmp_path: Path) -> None:
    (tmp_path / "in" / "closed").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "in" / "x.html").write_bytes(PAGE)
    (tmp_path / "in" / "closed" / "y.html").write_bytes(PAGE + b" ")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "other", target_is_directory=True)
    (tmp_path / "in" / "closed").chmod(0)
    done = run(tmp_path / "in", "-o", tmp_path / "out", preexec_fn=_without_root_rights)
    (tmp_path / "in" / "closed").chmod(0o755)
    assert done.returncode == 3
    assert "1 done, 1 skipped, 1 failed" in done.stderr.decode()
    rows = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["rows"]
    told = {Path(row["input"]).name: (row["status"], row["error"]) for row in rows}
    assert told["closed"][0] == "failed"
    assert "Permission denied" in told["closed"][1]
    assert told["link"] == ("skipped", "a link to a folder, which is not followed")


def test_names_in_other_bytes_than_utf_8(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xd7\xd4\xc6\xc0\xb1\xed.html"))).write_bytes(PAGE)
    done = run(folder, "-o", tmp_path / "out", "--format", "json,html")
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["rows"]
    assert [Path(row["input"]).name for row in rows] == ["自评表.html"]


@pytest.mark.parametrize("words", ["*.TXT", "sub", "SUB/*"])
def test_patterns_know_no_case_and_name_whole_folders(words: str, tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.html").write_bytes(PAGE)
    (tmp_path / "in" / "~$a.docx").write_bytes(b"lock")
    (tmp_path / "in" / "sub" / "B.txt").write_bytes(SAMPLE.read_bytes())
    done = run(tmp_path / "in", "-o", tmp_path / "out", "--exclude", words)
    assert done.returncode == 0
    assert "1 done, 0 skipped, 0 failed" in done.stderr.decode()


def _small_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))


@pytest.mark.parametrize("several", [False, True])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(several: bool, tmp_path: Path) -> None:
    """A file may not grow beyond nine thousand bytes, as on a disk that is full."""
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(3 if several else 1):
        (folder / f"{i}.html").write_bytes(PAGE + b" " * i)
    words = [folder if several else folder / "0.html", "-o", tmp_path / "out"]
    done = run(*words, preexec_fn=_small_disk)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert not list((tmp_path / "out").rglob("*.part"))
    assert not list((tmp_path / "out").rglob("*.json"))


def test_a_reading_that_takes_too_long_or_too_much_is_ended(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "slow.docx").write_bytes(as_docx(PAGE * 1))
    done = run(folder / "slow.docx", "--max-seconds", "0.05")
    assert done.returncode == 2
    assert "--max-seconds" in one_line(done)
    done = run(folder / "slow.docx", "--max-memory", "10")
    assert done.returncode == 2
    assert "--max-memory" in one_line(done)
    for flag in ("--max-seconds", "--max-memory", "--max-pages", "--jobs"):
        done = run(folder / "slow.docx", flag, "0")
        assert done.returncode == 2
        assert flag.strip("-").replace("-", "_").removeprefix("max_") in one_line(done)


def test_one_document_that_is_ended_does_not_stop_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(4):
        (folder / f"{i}.html").write_bytes(PAGE + b" " * i)
    text = PAGE.decode().replace("</body>", "<table>" + "<tr><td>1</td></tr>" * 600_000 + "</table></body>")
    (folder / "huge.html").write_text(text)
    done = run(folder, "-o", tmp_path / "out", "--max-seconds", "4")
    assert done.returncode == 3, done.stderr.decode()
    assert "4 done, 0 skipped, 1 failed" in done.stderr.decode()
