"""The same documents as other tools print them: what is read must not hang on blanks, lines and widths."""

from __future__ import annotations

import re
from collections.abc import Callable
from statistics import mean

import pytest

from extractor import extract_text
from tests.conftest import SAMPLES, UNSEEN, labelled, plain_count

WIDE = {ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789"}
HALF = {ord(c): half for c, half in zip("，；：（）", (", ", "; ", ": ", "(", ")"), strict=True)}
BESIDE = re.compile(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=[\u4e00-\u9fff])")


def without_blank_lines(text: str) -> str:
    return re.sub(r"\n\s*\n+", "\n", text)


DISGUISES: dict[str, tuple[Callable[[str], str], float]] = {
    "blank lines gone": (without_blank_lines, 0.95),
    "a blank line after every line": (lambda text: without_blank_lines(text).replace("\n", "\n\n"), 0.95),
    "carriage returns": (lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"), 0.95),
    "full-width digits": (lambda text: text.translate(WIDE), 0.95),
    "half-width punctuation with blanks": (lambda text: text.translate(HALF), 0.95),
    "blanks beside every figure": (lambda text: BESIDE.sub(" ", text), 0.90),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_costs_little(name: str) -> None:
    disguise, least = DISGUISES[name]
    scores = []
    for one in labelled(SAMPLES) + labelled(UNSEEN):
        report = extract_text(disguise(one.path.read_text("utf-8"))).report
        scores.append(plain_count(one.report, report.model_dump()).f1)
    assert mean(scores) >= least
    assert min(scores) >= least - 0.35
