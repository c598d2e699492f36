"""Files as users have them: PDFs, Word, Excel, web pages, and what stands where on their pages."""

from __future__ import annotations

import io
import re
import shutil
import socketserver
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pypdfium2
import pytest
import simplejson
from lxml import html
from PIL import Image

from extractor.document import Document
from extractor.engines.rules.engine import RulesEngine
from extractor.errors import UnreadableInput
from extractor.extraction import extract
from extractor.folding import squeezed
from extractor.ingest import ocr
from extractor.ingest.reading import document
from extractor.render.json import loads
from extractor.report import Report
from extractor.result import Extraction
from tests.conftest import FORMS, MORE_FORMS, ROOT, SAMPLES, plain_count
from tests.office import Made, as_docx, as_xlsx, parts, said

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
STEMS = [path.stem for path in sorted(FORMS.glob("*.html"))]


MORE = [path.stem for path in sorted(MORE_FORMS.glob("*.html"))]


def folder(stem: str) -> Path:
    return FORMS if stem in STEMS else MORE_FORMS


def page(stem: str) -> bytes:
    return (folder(stem) / f"{stem}.html").read_bytes()


@cache
def gold(stem: str) -> dict[str, Any]:
    text = (folder(stem) / f"{stem}.gold.json").read_text("utf-8")
    held: dict[str, Any] = simplejson.loads(text, use_decimal=True)["report"]
    return held


def read(data: bytes, name: str = "x") -> Extraction:
    return extract(document(data, name), RulesEngine())


def score(stem: str, report: Report) -> float:
    return plain_count(gold(stem), report.model_dump()).f1


@pytest.mark.parametrize("stem", STEMS)
def test_word_and_excel_say_what_the_web_page_says(stem: str) -> None:
    as_page = score(stem, read(page(stem)).report)
    assert as_page >= 0.97
    assert score(stem, read(as_docx(page(stem)), "x.docx").report) >= as_page - 0.005
    assert score(stem, read(as_xlsx(page(stem)), "x.xlsx").report) >= as_page - 0.005


@pytest.mark.parametrize("stem", MORE)
def test_forms_that_were_written_later_are_read_from_page_and_print(
    stem: str, prints: dict[str, bytes]
) -> None:
    as_page = score(stem, read(page(stem)).report)
    assert as_page >= 0.94
    assert score(stem, read(as_docx(page(stem))).report) >= as_page - 0.005
    assert score(stem, read(prints[stem]).report) >= as_page - 0.035


@pytest.mark.parametrize("stem", STEMS)
def test_a_printed_form_scores_as_its_page_does(stem: str, prints: dict[str, bytes]) -> None:
    assert score(stem, read(prints[stem]).report) >= score(stem, read(page(stem)).report) - 0.005


Square = tuple[int, int, int, int, str]


def lines_of(cells: list[Square]) -> list[tuple[str, ...]]:
    """What begins in each row, from the left, with how many rows each covers."""
    rows = sorted({cell[0] for cell in cells})
    return [tuple(text for row, _, _, _, text in cells if row == at and text) for at in rows]


def beside(cells: list[Square]) -> dict[str, set[str]]:
    """What begins in the rows that a cell over several rows covers, by what that says."""
    out: dict[str, set[str]] = {}
    for row, _, high, _, own in cells:
        if own and high > 1:
            out.setdefault(own, set()).update(t for r, _, _, _, t in cells if row <= r < row + high and t)
    return out


@pytest.mark.parametrize("stem", STEMS)
def test_the_cells_of_a_printed_form_are_those_of_its_page(stem: str, prints: dict[str, bytes]) -> None:
    read_back = document(prints[stem], "x.pdf")
    assert read_back.layout is not None
    held: dict[int, list[Square]] = {}
    for cell in read_back.layout.cells:
        own = squeezed(read_back.text[cell.start : cell.end].replace("<br>", ""))
        held.setdefault(cell.table, []).append((cell.row, cell.column, cell.rows, cell.columns, own))
    lines = {line for cells in held.values() for line in lines_of(cells)}
    spans: dict[str, set[str]] = {}
    for cells in held.values():
        for key, texts in beside(cells).items():
            spans.setdefault(key, set()).update(texts)
    wanted = found = 0
    for made in parts(page(stem)):
        if isinstance(made, Made):
            squares = [(a, b, c, d, squeezed(text)) for a, b, c, d, text in made.cells]
            own_lines = [line for line in lines_of(squares) if line]
            wanted, found = wanted + len(own_lines), found + sum(line in lines for line in own_lines)
            for text, texts in beside(squares).items():
                assert spans.get(text, set()) <= texts
    assert found >= 0.95 * wanted  # a cell that a page's end cuts begins again on the next


def test_every_value_of_a_printed_form_stands_in_its_box(prints: dict[str, bytes]) -> None:
    """PDFium says what stands in the boxes, by a way of its own."""
    for stem in ("a-shuiwu", "d-canlian", "e-jiaoyu"):
        extraction = read(prints[stem])
        assert not extraction.ungrounded
        pages = list(pypdfium2.PdfDocument(prints[stem]))
        words = [one.get_textpage() for one in pages]
        for pointer, own in extraction.evidence.items():
            for place in own:
                assert place.page is not None
                assert place.bbox is not None
                x0, y0, x1, y1 = place.bbox
                width, height = pages[place.page - 1].get_size()
                assert 0 <= x0 < x1 <= width
                assert 0 <= y0 < y1 <= height
                there = words[place.page - 1].get_text_bounded(
                    x0 - 1, height - y1 - 1, x1 + 1, height - y0 + 1
                )
                wanted = squeezed(extraction.document.text[place.start : place.end].replace("<br>", ""))
                assert wanted in squeezed(there), pointer


def test_recorded_replies_of_a_real_model_to_a_pdf_score_and_have_boxes(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "extractor.cli.main", "extract", str(SAMPLES / "d-canlian.pdf"),
        "-o", str(tmp_path), "--no-model-checks", "--format", "json,html",
        "--replay", str(ROOT / "evals" / "recordings" / "forms"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    result = loads((tmp_path / "d-canlian.json").read_text("utf-8"))
    assert result["run"]["engine"] == "model"
    assert score("d-canlian", result["report"]) >= 0.99
    assert not result["ungrounded"]
    assert all(place["page"] and place["bbox"] for own in result["evidence"].values() for place in own)
    assert (tmp_path / "d-canlian.html").read_text("utf-8").count("<image ") == result["document"]["pages"]


def test_pages_are_counted_and_measured_in_points(prints: dict[str, bytes]) -> None:
    layout = document(prints["e-jiaoyu"], "x.pdf").layout
    assert layout is not None
    sizes = [one.get_size() for one in pypdfium2.PdfDocument(prints["e-jiaoyu"])]
    assert [one.number for one in layout.pages] == list(range(1, len(sizes) + 1))
    for one, size in zip(layout.pages, sizes, strict=True):
        assert (one.width, one.height) == pytest.approx(size, abs=0.1)
        assert one.origin == "text"


def test_a_word_file_keeps_its_automatic_numbers() -> None:
    import docx

    made = docx.Document()
    for words in ("完善预算管理", "加快支出进度"):
        made.add_paragraph(words, style="List Number")
    out = io.BytesIO()
    made.save(out)
    text = document(out.getvalue(), "x.docx").text
    assert "1.完善预算管理" in squeezed(text)
    assert "2.加快支出进度" in squeezed(text)


def test_figures_of_a_workbook_are_read_as_it_shows_them() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for i, (value, shape) in enumerate([(1234.5, "#,##0.00"), (0.962, "0.00%"), (12, "0"), (7.1, "General")]):
        cell = sheet.cell(2, i + 1, value)
        cell.number_format = shape
        sheet.cell(1, i + 1, "数")
    out = io.BytesIO()
    book.save(out)
    assert document(out.getvalue(), "x.xlsx").text.split("\n")[1].split("\t") == [
        "1,234.50",
        "96.20%",
        "12",
        "7.1",
    ]


def test_a_hidden_sheet_is_not_read() -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(page("a-shuiwu"))))
    hidden = book.create_sheet("旧")
    hidden["A1"] = "不应读到"
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert "不应读到" not in document(out.getvalue(), "x.xlsx").text


@pytest.mark.skipif(OFFICE is None, reason="no LibreOffice on this machine")
@pytest.mark.parametrize(
    ("kind", "made"), [("doc", as_docx), ("xls", as_xlsx), ("odt", as_docx), ("rtf", as_docx)]
)
def test_legacy_files_are_read_by_libreoffice(kind: str, made: Any, tmp_path: Path) -> None:
    source = tmp_path / f"x.{'xlsx' if made is as_xlsx else 'docx'}"
    source.write_bytes(made(page("a-shuiwu")))
    subprocess.run(
        [str(OFFICE), "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
         "--convert-to", kind, "--outdir", str(tmp_path / "out"), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    data = (tmp_path / "out" / f"x.{kind}").read_bytes()
    assert score("a-shuiwu", read(data, f"x.{kind}").report) >= 0.97


def test_legacy_files_without_libreoffice_are_said_to_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnreadableInput, match="LibreOffice"):
        document(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "x.doc")


def test_a_scan_without_the_extra_is_answered_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ocr, "NEEDED", ("a_package_that_is_not_there",))
    out = io.BytesIO()
    Image.new("L", (600, 800), 255).save(out, "PNG")
    with pytest.raises(UnreadableInput, match=r"pip install 'extractor\[ocr\]'"):
        document(out.getvalue(), "x.png")


def test_a_page_that_cannot_be_read_does_not_lose_the_others(
    monkeypatch: pytest.MonkeyPatch, prints: dict[str, bytes]
) -> None:
    monkeypatch.setattr(ocr, "missing", lambda: ["rapidocr"])
    made = pypdfium2.PdfDocument(prints["a-shuiwu"])
    sheet = pypdfium2.PdfImage.new(made)
    sheet.set_bitmap(pypdfium2.PdfBitmap.from_pil(Image.new("RGB", (400, 560), (20, 20, 20))))
    blank = made.new_page(595, 842)
    sheet.set_matrix(pypdfium2.PdfMatrix().scale(595, 842))
    blank.insert_obj(sheet)
    blank.gen_content()
    out = io.BytesIO()
    made.save(out)
    found = read(out.getvalue(), "x.pdf")
    assert score("a-shuiwu", found.report) >= 0.97
    assert found.coverage["complete"] is False
    assert "extractor[ocr]" in found.lost[0][2]


def test_the_name_of_a_file_decides_nothing(prints: dict[str, bytes]) -> None:
    for data, name in (
        (prints["a-shuiwu"], "x.txt"),
        (as_docx(page("a-shuiwu")), "x.pdf"),
        (as_xlsx(page("a-shuiwu")), "x.doc"),
        (page("a-shuiwu"), "x.xlsx"),
    ):
        assert score("a-shuiwu", read(data, name).report) >= 0.97
    assert document("部门整体支出绩效自评表".encode(), "x.pdf").text == "部门整体支出绩效自评表"


class _Asked(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), _Asked) as server:
        _Asked.asked.clear()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_nothing_that_a_document_refers_to_is_fetched(listener: str, prints: dict[str, bytes]) -> None:
    wanted = f"{listener}/x"
    referring = page("a-shuiwu").replace(
        b"<body>",
        f'<!DOCTYPE html [<!ENTITY e SYSTEM "{wanted}.ent">]><body><img src="{wanted}.png">'
        f'<link rel="stylesheet" href="{wanted}.css"><iframe src="{wanted}"></iframe>'.encode(),
    )
    files = [referring, _external(as_docx(page("a-shuiwu")), wanted)]
    files.append(_external(as_xlsx(page("a-shuiwu")), wanted))
    for data in files:
        assert score("a-shuiwu", read(data).report) >= 0.97
    if OFFICE is not None:
        with pytest.raises(UnreadableInput):
            document(b'{\\rtf1 {\\field{\\*\\fldinst INCLUDEPICTURE "%s.png"}}}' % wanted.encode(), "x.rtf")
    assert not _Asked.asked


def _external(data: bytes, url: str) -> bytes:
    """The office file with relationships to pictures and templates elsewhere, and an entity in its XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename in ("word/_rels/document.xml.rels", "xl/_rels/workbook.xml.rels"):
                kinds = ("image", "attachedTemplate", "externalLink")
                space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
                more = "".join(
                    f'<Relationship Id="rX{i}" Type="{space}/{kind}" Target="{url}.{kind}" '
                    'TargetMode="External"/>'
                    for i, kind in enumerate(kinds)
                )
                content = content.replace(b"</Relationships>", more.encode() + b"</Relationships>")
            new.writestr(entry, content)
    return out.getvalue()


def test_an_entity_in_an_office_file_is_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("机密内容")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_docx(page("a-shuiwu")))) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "word/document.xml":
                head, rest = content.split(b"?>", 1)
                entity = f'<!DOCTYPE d [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'.encode()
                content = head + b"?>" + entity + rest.replace("水务局".encode(), b"&s;", 1)
            new.writestr(entry, content)
    try:
        text = document(out.getvalue(), "x.docx").text
    except UnreadableInput:
        return
    assert "机密" not in text


def test_tables_inside_markdown_keep_their_merged_cells() -> None:
    body = re.search(r"<body.*?>(.*)</body>", page("a-shuiwu").decode(), re.S)
    assert body is not None
    lines = re.sub(r"<(?!/?(?:table|thead|tbody|tr|td|th)\b)[^>]*>", "\n", body[1])
    found = read(f"# 自评表\n\n{lines}".encode(), "x.md")
    assert found.document.layout is not None
    assert found.document.media_type == "text/markdown"
    assert score("a-shuiwu", found.report) >= 0.97


def test_what_a_page_hides_is_not_read() -> None:
    data = "<html><body><script>预算 1</script><style>p{}</style><p>单位：万元</p></body></html>".encode()
    assert document(data, "x.html").text.strip() == "单位：万元"


def test_a_text_goes_on_as_it_was() -> None:
    read_again: Document = document("一\r\n二\t三".encode("gb18030"), "x.txt")
    assert read_again.text == "一\r\n二\t三"
    assert read_again.layout is None


def test_the_pages_of_the_samples_agree_with_the_maker() -> None:
    for stem in STEMS:
        tree = html.fromstring(page(stem).decode("utf-8"))
        wanted = squeezed(said(tree.find("body")))
        assert len(squeezed(document(page(stem), "x").text.replace("<br>", ""))) == len(wanted)


def test_figures_of_a_printed_form_are_those_of_its_page(prints: dict[str, bytes]) -> None:
    for stem in STEMS:
        first, second = (read(data).report.model_dump() for data in (page(stem), prints[stem]))
        assert first["budget"] == second["budget"]


def test_reading_pulls_in_nothing_that_text_does_not_need() -> None:
    code = (
        "import sys; from extractor.ingest.reading import document; document('部门'.encode(), 'x');"
        "heavy = {'cv2', 'pdfplumber', 'docx', 'openpyxl', 'PIL', 'pypdfium2', 'rapidocr'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
