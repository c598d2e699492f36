"""What of a form arrives when it is printed and scanned: characters, figures, cells, values, time and memory.

python -m benchmarks.reading [LEVEL ...]

The forms of evals/datasets/forms are printed by a headless browser and scanned by the tests' own maker. The
print is what a scan is measured against; the gold is what both are. Each document is read in a process of its
own with one thread, without the cache of earlier readings. Levels: 150, 200, 200-stamped, 300, fax, and the
poor ones, 110-noisy and 150-fax, which are worse than what is asked for and tell how often a wrong figure is
marked.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import simplejson

from extractor.document import Document
from extractor.engines.rules.engine import RulesEngine
from extractor.extraction import extract
from extractor.folding import squeezed
from extractor.ingest import ocr
from extractor.ingest.reading import document
from extractor.result import Extraction
from tests.conftest import FORMS, plain_count
from tests.maker import LEVELS, POOR, Level, printed, scanned

_FIGURE = re.compile(r"[≥≤≧≦＞＜><]?(?:(?<!\d)[-−–])?\d[\d.,，]*%?")


@dataclass
class Tally:
    """What was measured of one document or of several."""

    wrong_characters: float = 0.0
    right: int = 0
    wrong: int = 0
    lost: int = 0
    right_marked: int = 0
    wrong_marked: int = 0
    cells: float | None = None
    f1: float = 0.0
    seconds: float = 0.0
    pages: int = 0
    megabytes: float = 0.0


def main() -> None:
    """Every form as a page, as a print, and at every level asked for."""
    levels = {**LEVELS, **POOR}
    asked = sys.argv[1:] or list(levels)
    prints = {path.stem: data for path, data in printed(sorted(FORMS.glob("*.html")))}
    print(f"{'':12} {'F1':>7} {'characters':>11} {'figures':>16} {'cells':>7} {'marked wrong':>13} "
          f"{'lost':>5} {'marked right':>13} {'pages/min':>10} {'MB':>6}")  # fmt: skip
    as_pages = {stem: (FORMS / f"{stem}.html").read_bytes() for stem in prints}
    _row("web page", [measured(data, data, stem) for stem, data in as_pages.items()])
    _row("PDF", [measured(data, data, stem) for stem, data in prints.items()])
    scans: list[Tally] = []
    for name in asked:
        own = [measured(_scan(data, levels[name], stem + name), data, stem) for stem, data in prints.items()]
        _row(name, own)
        scans += own
    if scans:
        _pooled(scans)


def _scan(pdf: bytes, level: Level, seed: str) -> bytes:
    return scanned(pdf, level, seed)


def measured(data: bytes, print_of_it: bytes, stem: str) -> Tally:
    """One document, read in a process of its own."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(far, data, print_of_it, stem))
    process.start()
    far.close()  # with no end of it here, a process that dies is an end of file and not a wait
    try:
        tally: Tally = near.recv()
    except EOFError:
        process.join()
        raise SystemExit(f"{stem}: the process that read it ended with {process.exitcode}") from None
    process.join()
    return tally


def _measure(pipe: Any, data: bytes, print_of_it: bytes, stem: str) -> None:
    ocr.bounded(1)
    reference = document(print_of_it, stem)
    began = time.perf_counter()
    read = document(data, stem)
    seconds = time.perf_counter() - began
    gold = simplejson.loads((FORMS / f"{stem}.gold.json").read_text("utf-8"), use_decimal=True)["report"]
    extraction = extract(read, RulesEngine())
    tally = Tally(
        wrong_characters=_wrong_share(reference.text, read.text),
        cells=_cells(reference, read),
        f1=plain_count(gold, extraction.report.model_dump()).f1,
        seconds=seconds,
        pages=len(read.layout.pages) if read.layout else 0,
    )
    _count_figures(tally, reference.text, extraction)
    tally.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send(tally)


def _wrong_share(wanted: str, got: str) -> float:
    """The edit distance of two texts, white space and width apart, by the characters of the first."""
    from rapidfuzz.distance import Levenshtein

    a, b = (squeezed(text.replace("<br>", "").replace("\f", "")) for text in (wanted, got))
    return Levenshtein.distance(a, b) / len(a)


def _cells(wanted: Document, got: Document) -> float | None:
    """The part of the cells that have the same place and reach; None where the form has none."""
    if wanted.layout is None or got.layout is None or not wanted.layout.cells:
        return None
    first, second = (
        Counter((cell.row, cell.column, cell.rows, cell.columns) for cell in layout.cells)
        for layout in (wanted.layout, got.layout)
    )
    return (first & second).total() / first.total()


def _count_figures(tally: Tally, wanted: str, extraction: Extraction) -> None:
    """Figures in the order of the text: those that are there, those that are not, and which are marked."""
    first = [squeezed(match[0]).rstrip(".,") for match in _FIGURE.finditer(wanted.replace("<br>", " " * 4))]
    found = list(_FIGURE.finditer(extraction.document.text.replace("<br>", " " * 4)))
    second = [squeezed(match[0]).rstrip(".,") for match in found]
    marks = [_is_marked(extraction, *match.span()) for match in found]
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        marked = sum(marks[c:d])
        if kind == "equal":
            tally.right += b - a
            tally.right_marked += marked
        else:
            tally.wrong += d - c
            tally.lost += max(0, (b - a) - (d - c))
            tally.wrong_marked += marked


def _is_marked(extraction: Extraction, start: int, end: int) -> bool:
    layout = extraction.document.layout
    if layout is not None and layout.flaws_in(start, end):
        return True
    return any(
        place.start < end and start < place.end
        for one in extraction.doubtful
        if "arithmetic" in one.reasons
        for place in extraction.evidence[one.pointer]
    )


def _row(name: str, own: Sequence[Tally]) -> None:
    right, wrong = sum(one.right for one in own), sum(one.wrong for one in own)
    lost = sum(one.lost for one in own)
    cells = [one.cells for one in own if one.cells is not None]
    seconds, pages = sum(one.seconds for one in own), sum(one.pages for one in own)
    marked = sum(one.wrong_marked for one in own)
    pace = 60 * pages / seconds if pages else float("nan")
    print(
        f"{name:12} {_mean(one.f1 for one in own):7.4f} {_mean(one.wrong_characters for one in own):10.2%} "
        f"{right:6} of {right + wrong + lost:6} {_mean(cells):7.3f} {marked:6} of {wrong:3} {lost:5} "
        f"{sum(one.right_marked for one in own) / right:12.2%} {pace:10.1f} "
        f"{max(one.megabytes for one in own):6.0f}",
        flush=True,
    )


def _mean(values: Iterable[float]) -> float:
    held = list(values)
    return sum(held) / len(held) if held else float("nan")


def _pooled(scans: Sequence[Tally]) -> None:
    from scipy.stats import binomtest

    marked, wrong = sum(one.wrong_marked for one in scans), sum(one.wrong for one in scans)
    for name, k, n in (
        ("wrong figures marked", marked, wrong),
        ("the same, figures lost among the wrong", marked, wrong + sum(one.lost for one in scans)),
        ("right figures marked", sum(one.right_marked for one in scans), sum(one.right for one in scans)),
    ):
        if n:
            low, high = binomtest(k, n).proportion_ci(method="wilson")
            print(f"{name}, all scans: {k} of {n}, {k / n:.1%} (95% {low:.1%} to {high:.1%})")


if __name__ == "__main__":
    main()
