"""Figures of a target against those of a result, clause by clause, where a cell holds several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from extractor.assessment import Verdict, assess
from extractor.folding import squeezed
from extractor.quantities import NUMBER, Kind, parse

_DATES = re.compile(
    r"\d{4}年度?(?:\d{1,2}月(?:\d{1,2}日)?)?(?:前|底|末)?|\d{1,2}月\d{1,2}日|(?<![\d.])\d{1,2}[.、)](?=\D)"
)
_BY_DATE = re.compile(r"\d日前|\d月底?前|年底前|月末前")
_CLAUSE = re.compile(r"[,，。;；、\n]+")
_UNIT = (
    r"%|万人次|人次|家次|[百千万亿]{0,2}(?:元|美元)|平方米|公里"
    r"|[个家栋项人名次件场亩吨户所条辆台册本份期批套处座组幅部]|[^\d\s%/]{1,2}"
)
_FIGURE = re.compile(
    rf"(?P<lead>[^\d]*?)(?P<value>(?:≥|≤|>|<)?{NUMBER}(?:[-~至]{NUMBER})?(?:多|余)?(?:{_UNIT})?)(?!/)"
)
_EACH = re.compile(r"每|平均|人均|户均")  # what each of many has is no result of the whole
_LEAST_SHARED = 0.34


class Part(NamedTuple):
    """One figure of a cell: the words around it, and the figure with its bound and unit."""

    words: str
    value: str


class Pair(NamedTuple):
    """One figure of the target and the figure of the result that answers it, with the verdict."""

    target: str
    actual: str
    verdict: Verdict


@lru_cache(maxsize=20_000)
def judged(target: str | None, actual: str | None, name: str = "") -> tuple[Pair, ...]:
    """The verdict on a cell: whole where it is one figure, else by figures; empty where none compares."""
    if not target or not actual:
        return ()
    whole = assess(target, actual, name)
    if _BY_DATE.search(squeezed(target)):
        return (Pair(target, actual, whole),) if whole is Verdict.NOT_MET else ()
    single = all(parse(text).kind in (Kind.NUMERIC, Kind.RANGE, Kind.BOOLEAN) for text in (target, actual))
    if whole is not Verdict.NOT_ASSESSABLE or (single and not _prose(target) and not _prose(actual)):
        return (Pair(target, actual, whole),) if whole is not Verdict.NOT_ASSESSABLE else ()
    return tuple(_paired(list(parts(target)), list(parts(actual)), name))


def _prose(text: str) -> bool:
    return len(squeezed(text)) > 12


def parts(text: str) -> Iterator[Part]:
    """The figures of a cell with the words of their clause."""
    plain = _DATES.sub("", squeezed(text))
    for clause in _CLAUSE.split(plain):
        found = list(_FIGURE.finditer(clause))
        for i, match in enumerate(found):
            end = found[i + 1].start("value") if i + 1 < len(found) else len(clause)
            if _EACH.search(match["lead"]):
                continue
            words = clause[match.start("lead") : match.start("value")] + clause[match.end("value") : end]
            yield Part(words, match["value"])


def _paired(targets: list[Part], actuals: list[Part], name: str) -> Iterator[Pair]:
    """Each figure of the target with the result's figure whose words and unit are nearest."""
    left = list(actuals)
    for target in targets:
        best = max(left, key=lambda one: _shared(target, one), default=None)
        if best is None or _shared(target, best) < _LEAST_SHARED:
            continue
        if target.value.endswith("%") != best.value.endswith("%"):
            continue
        verdict = assess(target.value, best.value, name)
        if verdict is not Verdict.NOT_ASSESSABLE:
            left.remove(best)
            yield Pair(target.value, best.value, verdict)


def _shared(one: Part, other: Part) -> float:
    """How much the words of two figures share: pairs of characters, the fewer ones as the measure."""
    a, b = ({words[i : i + 2] for i in range(len(words) - 1)} for words in (one.words, other.words))
    if not a or not b:
        return 0.5 if not a and not b else 0.0
    return len(a & b) / min(len(a), len(b))
