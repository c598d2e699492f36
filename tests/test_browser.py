"""The page in a real browser: links both ways, nothing runs, nothing is fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor.cli.desk import Desk
from extractor.cli.inputs import Source
from extractor.ingest.limits import Limits
from extractor.render.html import page
from extractor.result import Extraction
from tests.conftest import SAMPLES

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """A tab that opens an extraction's page and records all that it asks for, says and shows."""
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    tab.asked, tab.said = [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.on("dialog", lambda dialog: (tab.said.append(dialog.message), dialog.dismiss()))

    def show(extraction: Extraction) -> Any:
        path = tmp_path / "page.html"
        path.write_text(page(extraction), "utf-8")
        tab.goto(path.as_uri())
        return tab

    yield show
    tab.close()


def test_a_value_leads_to_its_place_and_back(shown: Any, sample: Extraction) -> None:
    tab = shown(sample)
    value = tab.locator(".report .v", has_text="20744.06").first
    value.click()
    lit = tab.locator("mark.on")
    assert lit.all_inner_texts() == ["20,744.06"]
    assert lit.first.evaluate(
        "node => { const r = node.getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight }"
    )
    tab.locator("mark", has_text="16.08%").first.click()
    assert tab.locator(".report .v.on").all_inner_texts() == ["16.08"]


def test_a_value_of_a_pdf_is_boxed_on_the_picture_of_its_page(browser: Any, tmp_path: Path) -> None:
    source = Source(SAMPLES / "d-canlian.pdf", Path("x"))
    extraction, pictures = Desk(Limits()).shown(source, pictured=True)
    (tmp_path / "page.html").write_text(page(extraction, pictures), "utf-8")
    tab = browser.new_page(viewport={"width": 1600, "height": 900})
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto((tmp_path / "page.html").as_uri())
    assert tab.locator(".pages image").count() == len(pictures) > 1
    tab.locator(".report .v", has_text="3866.05").first.click()
    (place,) = extraction.evidence["/budget/0/actual"]
    lit = tab.locator(".pages rect.on")
    assert lit.count() == 1
    assert place.bbox is not None
    assert [float(lit.get_attribute(name)) for name in ("x", "y")] == list(place.bbox[:2])
    inside = "node => { const r = node.getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight }"
    assert lit.evaluate(inside)
    assert tab.locator(".source mark.on").all_inner_texts() == ["3866.05"]
    lit.click()
    assert "3866.05" in tab.locator(".report .v.on").all_inner_texts()
    drawn = tab.evaluate("document.querySelector('.pages svg').getBoundingClientRect().height")
    assert drawn > 300
    assert said == []
    tab.close()


def test_all_of_the_source_is_shown(shown: Any, sample: Extraction) -> None:
    text = shown(sample).locator(".source pre").inner_text()
    assert "".join(text.split()) == "".join(sample.document.text.split())


def test_nothing_of_a_hostile_document_runs_or_becomes_markup(shown: Any, hostile: Extraction) -> None:
    tab = shown(hostile)
    assert tab.said == []
    assert len(tab.asked) == 1
    assert tab.locator("img, iframe, object, a").count() == 0
    assert tab.locator("script").count() == 1
    assert "<script>alert(1)</script>" in "".join(tab.locator(".report").inner_text().split())


def test_doubts_stand_out(shown: Any, sample: Extraction) -> None:
    tab = shown(sample)
    assert tab.locator(".doubts .v").all_inner_texts() == ["97.7", "97.5"]
    assert "自评结论 得分" in tab.locator(".doubts").inner_text()
    assert tab.locator(".report .v.disputed").inner_text() == "97.7"
    tab.locator(".doubts .v", has_text="97.5").click()
    assert tab.locator("mark.on").all_inner_texts() == ["97.5"]


def test_marks_that_turn_text_round_are_shown_and_turn_nothing(shown: Any, hostile: Extraction) -> None:
    text = shown(hostile).locator(".source pre").inner_text()
    assert "\u202e" in hostile.document.text
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert "◦≤15分钟" in "".join(text.split())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_dark(shown: Any, sample: Extraction, scheme: str) -> None:
    tab = shown(sample)
    tab.emulate_media(color_scheme=scheme)
    contrast = tab.evaluate(
        """() => { const lum = c => { const v = c.match(/[0-9.]+/g).slice(0, 3).map(x => x / 255)
            .map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
            return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
          const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          const card = getComputedStyle(document.querySelector('.report')).backgroundColor;
          const mark = getComputedStyle(document.querySelector('mark'));
          return [ratio(lum(getComputedStyle(document.querySelector('.report')).color), lum(card)),
                  ratio(lum(mark.color), lum(mark.backgroundColor)),
                  ratio(lum(getComputedStyle(document.querySelector('article dt')).color), lum(card))]; }"""
    )
    assert all(value >= 4.5 for value in contrast)


def test_a_narrow_window_does_not_scroll_sideways(shown: Any, sample: Extraction) -> None:
    tab = shown(sample)
    tab.set_viewport_size({"width": 390, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_prints_the_report(shown: Any, sample: Extraction) -> None:
    assert shown(sample).pdf().startswith(b"%PDF")


def test_a_page_is_enlarged_to_read_its_figures_and_put_back(browser: Any, tmp_path: Path) -> None:
    source = Source(SAMPLES / "d-canlian.pdf", Path("d-canlian"))
    extraction, pictures = Desk(Limits()).shown(source, pictured=True)
    (tmp_path / "p.html").write_text(page(extraction, pictures), "utf-8")
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    tab.goto((tmp_path / "p.html").as_uri())
    picture = tab.locator(".pages figure svg").first
    before = picture.bounding_box()["width"]
    tab.locator(".pages .zoom").first.click()
    assert picture.bounding_box()["width"] >= 1800 > 2 * before
    tab.keyboard.press("Escape")
    assert picture.bounding_box()["width"] == before
    tab.close()
