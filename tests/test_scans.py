"""Scans: what is read in them, where it stands, and which figures a person is asked to look at."""

from __future__ import annotations

import ctypes
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import simplejson
from PIL import Image, ImageDraw

from extractor.document import Document
from extractor.engines.rules.engine import RulesEngine
from extractor.extraction import extract
from extractor.ingest import ocr
from extractor.ingest.blocks import Piece, Table, TableCell
from extractor.ingest.columns import compared
from extractor.ingest.doubting import doubted
from extractor.ingest.lines import Line
from extractor.ingest.reading import document
from extractor.layout import Cell, Flaw, Layout, Page, Run
from extractor.quantities import NUMBER
from extractor.render.html import page as html_page
from extractor.render.json import dumps
from extractor.render.markdown import markdown
from extractor.result import Extraction
from tests.conftest import FORMS, SAMPLES, plain_count
from tests.maker import LEVELS, Level, bound, pictures, scanned, worn

needs_ocr = pytest.mark.skipif(bool(ocr.missing()), reason="the extra ocr is not installed")
STEM = "a-shuiwu"
PLAIN = Level(150)


def gold(stem: str) -> dict[str, Any]:
    text = (FORMS / f"{stem}.gold.json").read_text("utf-8")
    held: dict[str, Any] = simplejson.loads(text, use_decimal=True)["report"]
    return held


def score(stem: str, read: Document) -> float:
    return plain_count(gold(stem), extract(read, RulesEngine()).report.model_dump()).f1


def figures(text: str) -> Counter[str]:
    import re

    return Counter(re.findall(rf"{NUMBER}%?", text.replace(" ", "")))


def right_share(read: Document, printed: Document) -> float:
    """The part of the printed figures that were read, each as often as it stands there."""
    wanted, got = figures(printed.text), figures(read.text)
    return (wanted & got).total() / wanted.total()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("pictures"))


@needs_ocr
@pytest.mark.parametrize(("level", "least"), [("200-stamped", 0.95), ("fax", 0.90)])
def test_a_scan_scores_nearly_as_its_print_does(
    level: str, least: float, prints: dict[str, bytes], cache: str
) -> None:
    read = document(scanned(prints[STEM], LEVELS[level], "x"), "x.pdf", cache=cache)
    assert score(STEM, read) >= least
    assert right_share(read, document(prints[STEM], "x")) >= 0.98
    assert read.layout is not None
    assert all(one.origin == "ocr" for one in read.layout.pages)
    assert all(run.confidence is not None for run in read.layout.runs)


@pytest.fixture(scope="module")
def sheet(prints: dict[str, bytes]) -> Image.Image:
    """The first page of a form as a clean picture of 150 dots per inch."""
    return pictures(prints[STEM], 150)[0]


def as_tiff(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    pages[0].save(
        out, "TIFF", save_all=True, append_images=list(pages[1:]), dpi=(150, 150), compression="tiff_lzw"
    )
    return out.getvalue()


@pytest.fixture(scope="module")
def upright(sheet: Image.Image, cache: str) -> Extraction:
    return extract(document(as_tiff(sheet), "x.tif", cache=cache), RulesEngine())


@needs_ocr
def test_values_of_a_scan_stand_where_the_print_has_them(
    upright: Extraction, prints: dict[str, bytes]
) -> None:
    printed = extract(document(prints[STEM], "x.pdf"), RulesEngine())
    near = 0
    for pointer, own in upright.evidence.items():
        for one, other in zip(own, printed.evidence.get(pointer, ()), strict=False):
            assert one.bbox is not None
            assert other.bbox is not None
            near += one.page == other.page and all(
                abs(a - b) < 8 for a, b in zip(one.bbox[:2], other.bbox[:2], strict=True)
            )
    assert near >= 0.9 * sum(map(len, upright.evidence.values()))


@needs_ocr
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_set_upright(turn: int, sheet: Image.Image, upright: Extraction, cache: str) -> None:
    read = extract(document(as_tiff(sheet.rotate(turn, expand=True)), "x.tif", cache=cache), RulesEngine())
    assert read.document.layout is not None
    assert read.document.layout.pages[0].turned == turn
    assert read.report.department == upright.report.department
    assert [line.actual for line in read.report.budget] == [line.actual for line in upright.report.budget]
    one, other = (extraction.evidence["/budget/0/actual"][0].bbox for extraction in (read, upright))
    assert one is not None
    assert other is not None
    assert one == pytest.approx(other, abs=4)


@needs_ocr
def test_two_pages_side_by_side_are_read_one_after_the_other(prints: dict[str, bytes], cache: str) -> None:
    left, right = pictures(prints["e-minzheng"], 150)[:2]
    spread = Image.new("RGB", (left.width + right.width, left.height), (255, 255, 255))
    spread.paste(left, (0, 0))
    spread.paste(right, (left.width, 0))
    text = document(as_tiff(spread), "x.tif", cache=cache).text
    parts = [document(as_tiff(one), "x.tif", cache=cache).text for one in (left, right)]
    wanted = figures("\n".join(parts))
    assert (figures(text) & wanted).total() >= 0.97 * wanted.total()
    first = [line for line in parts[0].split("\n") if len(line) > 12][-1][:8]
    second = next(line for line in parts[1].split("\n") if len(line) > 12)[:8]
    assert text.index(first) < text.index(second)


def with_text(pdf: bytes, words: str, times: int = 60, shown: bool = False, over: bool = False) -> bytes:
    """The PDF with words on every page: hidden, as a faulty OCR leaves them, or shown; `over` the form."""
    from pypdfium2 import raw

    made = pypdfium2.PdfDocument(pdf)
    for page in made:
        for i in range(times):
            text = raw.FPDFPageObj_NewTextObj(made, b"Helvetica", 6.0)
            coded = (words + "\0").encode("utf-16-le")
            buffer = ctypes.cast(ctypes.create_string_buffer(coded), ctypes.POINTER(ctypes.c_ushort))
            raw.FPDFText_SetText(text, buffer)
            if not shown:
                raw.FPDFTextObj_SetTextRenderMode(text, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
            height = page.get_height() / 2 - 3 * i if over else 20 + 4 * i
            raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, 60, height)
            raw.FPDFPage_InsertObject(page, text)
        page.gen_content()
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@needs_ocr
@pytest.mark.parametrize(
    ("words", "times", "shown", "over"),
    [
        ("- 1 -", 1, True, False),  # a page number that was printed upon the scan
        ("Scanned with a camera", 1, True, False),
        ("9999.99 8888.88 7777.77 6666.66 5555.55 4444.44", 60, False, True),  # a searchable PDF, misread
    ],
)
def test_a_scan_with_a_page_number_or_hidden_text_is_still_a_scan(
    words: str, times: int, shown: bool, over: bool, sheet: Image.Image, upright: Extraction, cache: str
) -> None:
    made = with_text(bound([sheet], PLAIN), words, times, shown, over)
    read = extract(document(made, "x.pdf", cache=cache), RulesEngine())
    assert read.document.layout is not None
    assert read.document.layout.pages[0].origin == "ocr"
    assert read.report.department == upright.report.department
    assert "9999.99" not in read.document.text


def test_a_printed_page_with_a_picture_on_it_is_no_scan(prints: dict[str, bytes]) -> None:
    made = pypdfium2.PdfDocument(prints[STEM])
    picture = pypdfium2.PdfImage.new(made)
    picture.set_bitmap(pypdfium2.PdfBitmap.from_pil(Image.new("RGB", (60, 40), (200, 220, 240))))
    width, height = made[0].get_size()
    picture.set_matrix(pypdfium2.PdfMatrix().scale(width * 0.3, height * 0.2))
    made[0].insert_obj(picture)
    made[0].gen_content()
    out = io.BytesIO()
    made.save(out)
    read = document(out.getvalue(), "x.pdf")
    assert read.layout is not None
    assert {page.origin for page in read.layout.pages} == {"text"}


@needs_ocr
def test_a_photograph_from_aside_is_read_and_its_boxes_lie_on_the_photograph(
    sheet: Image.Image, upright: Extraction, cache: str
) -> None:
    import cv2

    picture = np.asarray(sheet.convert("RGB"))
    height, width = picture.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array(
        [[width * 0.05, height * 0.03], [width * 0.97, 0], [width, height], [0, height * 0.96]], np.float32
    )
    there = cv2.getPerspectiveTransform(flat, seen)
    taken = cv2.warpPerspective(picture, there, (width, height), borderValue=(120, 120, 120))
    out = io.BytesIO()
    Image.fromarray(taken).save(out, "PNG")
    read = extract(document(out.getvalue(), "x.png", cache=cache), RulesEngine())
    assert [one.actual for one in read.report.budget] == [one.actual for one in upright.report.budget]
    places = [one.evidence["/budget/0/actual"][0].bbox for one in (read, upright)]
    assert places[0] is not None
    assert places[1] is not None
    x0, y0, x1, y1 = places[1]
    scale = max(height, width) / 842
    middle = np.array([[[(x0 + x1) / 2 * scale, (y0 + y1) / 2 * scale]]], np.float32)
    wanted = cv2.perspectiveTransform(middle, there).ravel() / scale
    assert places[0][0] - 4 <= wanted[0] <= places[0][2] + 4
    assert places[0][1] - 4 <= wanted[1] <= places[0][3] + 4


@pytest.mark.parametrize("level", list(LEVELS))
def test_a_flat_scan_is_not_taken_for_a_photograph(level: str, prints: dict[str, bytes]) -> None:
    from extractor.ingest.pictures import grey, rectified

    for stem in ("a-shuiwu", "b-shichang", "d-canlian", "e-minzheng"):
        for page in pictures(prints[stem], LEVELS[level].dots):
            picture = np.asarray(worn(page, LEVELS[level], random.Random(stem)).convert("RGB"))
            assert np.array_equal(rectified(grey(picture))[1], np.eye(3))


@needs_ocr
def test_what_is_transparent_or_of_sixteen_bits_is_read_as_it_looks(
    sheet: Image.Image, upright: Extraction, cache: str
) -> None:
    grey = np.asarray(sheet.convert("L"))
    ink = Image.fromarray(np.dstack([np.zeros((*grey.shape, 3), np.uint8), 255 - grey]), "RGBA")
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    for image in (ink, deep):
        out = io.BytesIO()
        image.save(out, "PNG")
        read = extract(document(out.getvalue(), "x.png", cache=cache), RulesEngine())
        assert read.report.department == upright.report.department
        assert [one.actual for one in read.report.budget] == [one.actual for one in upright.report.budget]


@needs_ocr
def test_strokes_of_a_large_title_are_no_rulings() -> None:
    from extractor.ingest.rulings import rulings

    picture = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(picture)
    for left in range(200, 1000, 90):  # boxes and bars as large characters have them
        draw.rectangle((left, 150, left + 44, 194), outline=0, width=3)
        draw.line((left, 172, left + 44, 172), fill=0, width=3)
    assert rulings(np.asarray(picture)) == []
    draw.rectangle((100, 400, 1100, 900), outline=0, width=2)
    for y in (450, 500, 550):
        draw.line((100, y, 1100, y), fill=0, width=2)
    draw.line((160, 400, 160, 900), fill=0, width=2)
    draw.line((100, 525, 160, 525), fill=0, width=2)  # a short rule between two upright ones
    found = rulings(np.asarray(picture))
    assert any(r.x1 - r.x0 < 70 and abs(r.y0 - 525) < 4 for r in found)
    assert all(r.y0 > 300 for r in found)


@needs_ocr
@pytest.mark.parametrize("words", ["Ã»ÓÐÈËÖªµÀ ²¿ÃÅÕûÌå", "Ô¤Ëã ÊÕÈë Ö§³ö ¼¨Ð§"])
def test_a_text_layer_that_is_rubbish_is_not_believed(
    words: str, sheet: Image.Image, upright: Extraction, cache: str
) -> None:
    read = document(with_text(bound([sheet], PLAIN), words), "x.pdf", cache=cache)
    assert read.layout is not None
    assert read.layout.pages[0].origin == "ocr"
    assert "Ã" not in read.text
    assert "Ô" not in read.text
    assert extract(read, RulesEngine()).report.department == upright.report.department


@needs_ocr
def test_pages_of_one_file_are_read_each_as_it_is(
    prints: dict[str, bytes], sheet: Image.Image, cache: str
) -> None:
    both = pypdfium2.PdfDocument.new()
    both.import_pages(pypdfium2.PdfDocument(prints[STEM]), [1])
    both.import_pages(pypdfium2.PdfDocument(bound([sheet], PLAIN)))
    out = io.BytesIO()
    both.save(out)
    layout = document(out.getvalue(), "x.pdf", cache=cache).layout
    assert layout is not None
    assert [one.origin for one in layout.pages] == ["text", "ocr"]


@needs_ocr
def test_a_picture_that_was_read_is_not_read_again(
    sheet: Image.Image, upright: Extraction, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "engine", lambda: pytest.fail("the OCR engine was asked"))
    again = document(as_tiff(sheet), "y.tif", cache=cache)
    assert again.text == upright.document.text
    assert again.layout == upright.document.layout


def flaws(text: str, second: str) -> list[tuple[str, str]]:
    line = doubted(Line(text, 0.99, (0, 0, 10, 10)), second)
    return [(flaw.reason, line.text[flaw.start : flaw.end]) for flaw in line.flaws]


@pytest.mark.parametrize(
    ("text", "second", "marked"),
    [
        ("1,234.50", "1,234.50", []),
        ("支出8642.57万元，占97.09%", "支出8642.57万元，占97.09%。", []),
        ("2024年3月20日", "2024年3月20日", []),
        ("1.完成2.4公里", "1.完成2.4公里", []),
        ("≥95%", "≥95%", []),
        ("4A级景区", "4A级景区", []),
        ("12km", "12km", []),
        ("23.796.50", "23.796.50", ["grammar"]),
        ("1,23.5", "1,23.5", ["grammar"]),
        ("12,3456", "12,3456", ["grammar"]),
        ("1.500", "1.500", ["grammar"]),
        ("97.09ºa", "97.09ºa", ["grammar"]),
        ("1O5.3", "1O5.3", ["grammar"]),
        ("70P%", "70P%", ["grammar"]),
        ("5386人", "5886人", ["second reading"]),
        ("≥48", "48", ["second reading"]),
        ("97.44", "97.44%", ["second reading"]),
        ("105.3", "1O5.3", ["second reading"]),
    ],
)
def test_figures_that_may_be_misread_are_marked_and_others_are_not(
    text: str, second: str, marked: list[str]
) -> None:
    assert sorted({reason for reason, _ in flaws(text, second)}) == marked


def test_only_the_figure_in_doubt_is_marked() -> None:
    assert flaws("第12条：支出100元，结余5386元", "第12条：支出100元，结余5886元") == [
        ("second reading", "5386")
    ]


def column(*texts: str) -> Table:
    cells = tuple(
        TableCell(i, 0, 1, 1, ((Piece(text, 1, (0, 0, 1, 1), confidence=0.9),),))
        for i, text in enumerate(texts)
    )
    return Table(cells)


@pytest.mark.parametrize(
    ("texts", "odd"),
    [
        (("97.4%", "98%", "99.1%", "100%", "95.2"), [4]),
        (("8642.57", "7905.30", "73727", "8391.16", "12.00"), [2]),
        (("10", "9.5", "8", "6.77"), []),
        (("8642.57", "7905.30"), []),
        (("100%", "12个", "≥3次", "99.2%"), []),
    ],
)
def test_a_figure_written_otherwise_than_its_column_is_marked(texts: tuple[str, ...], odd: list[int]) -> None:
    marked = [i for i, cell in enumerate(compared(column(*texts)).cells) if cell.paragraphs[0][0].flaws]
    assert marked == odd


def scan_of(text: str, marked: str) -> Document:
    """A text as if it were read in a picture, one figure of it marked."""
    runs, at = [], 0
    for line in text.split("\n"):
        if line:
            place = line.find(marked)
            own = (Flaw("second reading", place, place + len(marked)),) if place >= 0 else ()
            top = 10.0 * len(runs)
            runs.append(Run(at, at + len(line), 1, (20, top, 20 + 5.0 * len(line), top + 9), None, 0.95, own))
        at += len(line) + 1
    layout = Layout((Page(1, 595, 842, "ocr"),), tuple(runs), (Cell(0, 0, 0, 1, 1, 0, 4),))
    return Document("x.png", text, "0" * 64, "image/png", layout=layout)


@pytest.fixture(scope="module")
def marked() -> Extraction:
    text = (SAMPLES / "a-zhengwu.txt").read_text("utf-8").replace("\r\n", "\n")
    plain = extract(Document("x", text), RulesEngine())
    place = plain.evidence["/budget/0/actual"][0]
    return extract(scan_of(text, text[place.start : place.end]), RulesEngine())


def test_a_marked_figure_is_said_in_the_result_and_shown_everywhere(marked: Extraction) -> None:
    pointers = {one.pointer: one.reasons for one in marked.doubtful}
    assert "second reading" in pointers["/budget/0/actual"]
    told = json.loads(dumps(marked))["doubtful"]
    assert {"pointer": "/budget/0/actual", "reasons": list(pointers["/budget/0/actual"])} in told
    shown = html_page(marked, {1: b"picture"})
    assert "识别存疑" in shown
    assert "两次识别不一致" in shown
    assert "img-src data:" in shown
    assert '<rect x="' in shown
    assert "两次识别不一致" in markdown(marked)


def test_a_figure_that_does_not_fit_its_row_is_marked(marked: Extraction) -> None:
    text = marked.document.text
    place = marked.evidence["/budget/0/execution_rate"][0]
    wrong = text[: place.start] + "19.47" + text[place.end :]
    read = extract(scan_of(wrong, "no such figure"), RulesEngine())
    assert any("arithmetic" in one.reasons for one in read.doubtful)


def test_what_was_not_read_in_a_picture_is_never_marked() -> None:
    text = (SAMPLES / "a-zhengwu.txt").read_text("utf-8")
    assert extract(Document("x", text), RulesEngine()).doubtful == ()


def test_the_cache_is_a_help_and_never_a_need(tmp_path: Path) -> None:
    from extractor.ingest.cache import Cache

    kept = Cache(str(tmp_path / "none" / "there"))
    assert kept.get("0" * 64) is None
    (tmp_path / "file").write_text("")
    Cache(str(tmp_path / "file")).put("0" * 64, [])
