"""Grounding beside LangExtract's aligner: how many values are placed, where, and how fast.

    python -m benchmarks.grounding [--times 1,10,50] [--values 3000]

Values are taken from the document, so their right places are known. LangExtract (its Unicode tokenizer) is
asked for fewer values where the text is long, since it takes seconds for each.
"""

from __future__ import annotations

import argparse
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.values import Taken, folders, misspelt, spaced, taken, text_of, widened, wrong_figures
from extractor.chunking import chunks
from extractor.document import Document, Span
from extractor.grounding import Index, Wanted

SEED = 20261121
PEER_VALUES = {1: 400, 10: 60, 50: 20}
Place = tuple[int, int] | None
Aligner = Callable[[Sequence[Taken]], list[Place]]


def ours(index: Index) -> Aligner:
    """Our placing over a prepared index."""

    def place(values: Sequence[Taken]) -> list[Place]:
        found = index.place_all([Wanted(value.value, value.kind) for value in values])
        return [(p.spans[0].start, p.spans[-1].end) if p else None for p in found]

    return place


def ours_in_chunks(index: Index) -> Aligner:
    """Our placing where the caller knows the chunk that a value was read from, as an engine does."""
    found = chunks(index.document)
    starts = [chunk.start for chunk in found]

    def place(values: Sequence[Taken]) -> list[Place]:
        own = [found[bisect_right(starts, value.start) - 1] for value in values]
        asked = [
            Wanted(value.value, value.kind, Span(chunk.start, max(chunk.end, value.end)))
            for value, chunk in zip(values, own, strict=True)
        ]
        return [(p.spans[0].start, p.spans[-1].end) if p else None for p in index.place_all(asked)]

    return place


def peer(text: str) -> Aligner | None:
    """LangExtract's aligner, None where it is not installed."""
    try:
        from langextract.core import data, tokenizer
        from langextract.resolver import WordAligner
    except ImportError:
        return None

    def place(values: Sequence[Taken]) -> list[Place]:
        asked: list[Any] = [data.Extraction("v", value.value) for value in values]
        groups = WordAligner().align_extractions([asked], text, tokenizer_impl=tokenizer.UnicodeTokenizer())
        intervals = [e.char_interval for group in groups for e in group]
        return [(i.start_pos, i.end_pos) if i is not None else None for i in intervals]

    return place


def overlap(place: Place, value: Taken) -> bool:
    """Whether a place is the value's own: more than half of either lies in the other."""
    if place is None:
        return False
    common = min(place[1], value.end) - max(place[0], value.start)
    return common * 2 > min(place[1] - place[0], value.end - value.start)


def row(name: str, values: Sequence[Taken], aligner: Aligner, text: str) -> str:
    """One line of the table: placed, at its own place, the same for repeated values, time a value."""
    began = time.process_time()
    places = aligner(values)
    spent = time.process_time() - began
    placed = sum(place is not None for place in places)
    own = sum(overlap(place, value) for place, value in zip(places, values, strict=True))
    repeated = [(p, v) for p, v in zip(places, values, strict=True) if text.count(v.value) > 1]
    again = sum(overlap(place, value) for place, value in repeated)
    share = f"{again / len(repeated):7.1%} of {len(repeated):5}" if repeated else " " * 16
    n = len(values)
    return f"{name:34}{n:6} {placed / n:8.2%} {own / n:8.2%}   {share} {spent / n * 1e6:12.1f}"


def measure(folder: str, text: str, times: int, most: int) -> None:
    """All disguises on one text, both aligners."""
    document = Document(name=folder, text=text)
    began = time.process_time()
    index = Index(document)
    index.prepare()
    built = time.process_time() - began
    values = taken(document, most, SEED)
    print(
        f"\n{folder} x {times}: {len(text):,} characters, index {built * 1e6 / len(text):.2f} us a character"
    )
    print(f"{'':34}{'n':>6} {'placed':>8} {'own':>8}   {'own, if repeated':>16} {'us a value':>12}")
    ask = ours(index)
    disguises = {
        "as printed": values,
        "white space changed": list(spaced(values, SEED)),
        "width and commas changed": list(widened(values, SEED)),
        "one wrong character": list(misspelt(values, SEED)),
    }
    for name, asked in disguises.items():
        print(row(name, asked, ask, text))
    print(
        row("one wrong character, chunk known", disguises["one wrong character"], ours_in_chunks(index), text)
    )
    wrong = wrong_figures(values, document, SEED, 2000)
    places = ask([Taken(figure, "figure", 0, 0) for figure in wrong])
    print(f"{'wrong figures placed':34}{len(wrong):6} {sum(p is not None for p in places):8}")
    other = peer(text)
    if other is None:
        print("LangExtract is not installed: pip install langextract")
        return
    few = PEER_VALUES.get(times, 20)
    for name, asked in disguises.items():
        part = asked[:few]
        print(row(f"LangExtract: {name}", part, other, text))
    part = [Taken(figure, "figure", 0, 0) for figure in wrong[:few]]
    places = other(part)
    print(f"{'LangExtract: wrong figures placed':34}{len(part):6} {sum(p is not None for p in places):8}")


def main() -> None:
    """Measure on the first folder at each length, on the others as they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", default="1,10,50")
    parser.add_argument("--values", type=int, default=3000)
    asked = parser.parse_args()
    for n, folder in enumerate(folders()):
        for times in map(int, asked.times.split(",")) if n == 0 else (1,):
            measure(folder.name, text_of(folder, times, SEED), times, asked.values)


if __name__ == "__main__":
    main()
