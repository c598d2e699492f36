"""When two texts say the same: alike at 0.90, with the same figures, units, years, operators and negations.

Likeness alone cannot judge meaning: 已完成 and 未完成 differ by one character in three, 3500万元 and 3500亿元
by one in six, and in a longer text that is less than a tenth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from extractor.folding import squeezed
from extractor.quantities import CHINESE_NUMBER

LEAST_LIKENESS = 0.90
_CLOSING = "。;,."
_HEAD = re.compile(
    r"^(?:[(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)]?[、.)](?!\d)|[①-⑳]|[一二三四五六七八九十]是)"
)
# A spelled number counts before a measure word only: 一般, 进一步 and 统一 tell no number.
_MEASURES = "个家项条次名人所座栋处户件批期年月日天倍成元米里亩吨公平台套场届类种级轮只"
_NUMBER = re.compile(rf"\d+(?:,\d{{3}})*(?:\.\d+)?|{CHINESE_NUMBER}(?=[余多]?[{_MEASURES}])")
_UNIT = re.compile(
    r"个百分点|[%‰]|(?:万亿|千万|百万|亿|万|千|百)?(?:美元|欧元|港元|日元|元)|[亿万]|平方[公千]?[里米]|立方米|公[\u3400-\u9fff]|[\u3400-\u9fff]"
)
NEGATION = re.compile(r"[未不无没非否]")
_COMPARISONS = re.compile(r"[≥≤<>±]|-(?=\d)")


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """The text folded, without white space and closing punctuation."""
    return squeezed(text).rstrip(_CLOSING)


def alike(a: str, b: str) -> float:
    """Likeness of two texts by Levenshtein, 0 to 1, over the longer one."""
    return float(Levenshtein.normalized_similarity(plain(a), plain(b)))


@lru_cache(maxsize=100_000)
def figures(text: str) -> tuple[tuple[str, str], ...]:
    """The figures of a text in order, each with the unit behind it; 1,200.50万元 → (1200.5, 万元)."""
    return tuple(_figures(_HEAD.sub("", plain(text))))


def _figures(text: str) -> Iterator[tuple[str, str]]:
    for match in _NUMBER.finditer(text):
        unit = _UNIT.match(text, match.end())
        words = match[0].replace(",", "")
        spelled = not words[0].isdigit()
        yield words if spelled else str(Decimal(words).normalize()), unit[0] if unit and not spelled else ""


def differences(gold: str, got: str) -> tuple[str, ...]:
    """What two texts say differently, by its tag: figure, unit, year, operator, negation."""
    return tuple(_differences(plain(gold), plain(got)))


def _differences(gold: str, got: str) -> Iterator[str]:
    ours, theirs = figures(gold), figures(got)
    if ours != theirs:
        numbers = [number for number, _ in ours] == [number for number, _ in theirs]
        years = [
            sorted(number for number, unit in one if unit == "年" and len(number) == 4)
            for one in (ours, theirs)
        ]
        yield "unit" if numbers else "year" if years[0] != years[1] else "figure"
    if _COMPARISONS.findall(gold) != _COMPARISONS.findall(got):
        yield "operator"
    if NEGATION.findall(gold) != NEGATION.findall(got):
        yield "negation"


def same_text(gold: str, got: str) -> bool:
    """Whether a text counts as right: the same after folding, or alike and of the same sense."""
    one, two = plain(gold), plain(got)
    return one == two or (
        Levenshtein.normalized_similarity(one, two, score_cutoff=LEAST_LIKENESS) >= LEAST_LIKENESS
        and not differences(one, two)
    )
