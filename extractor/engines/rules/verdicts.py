"""Grades and scores told in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.drafts import Draft, Found
from extractor.engines.rules.flat import Flat, flat
from extractor.quantities import NUMBER, number
from extractor.source import Source

_OF_PROJECTS = re.compile(r"\d+个|各个?项目|项目(?:绩效)?(?:自评)?(?:等级|评级)")
_GRADE = re.compile(
    r"(?:等级|等次|评级|评定|结果|评价)[^。，,;]{0,6}?[“\"]?(?P<grade>优秀|良好|优|良|中|差)[”\"]?"
)
_SCORE = re.compile(
    rf"(?:(?:得分|评分|总分|打分)[^。；;,，\d]{{0,10}}(?P<score>{NUMBER})(?![\d.年])分?|自评[^。；;,，\d]{{0,4}}(?P<points>{NUMBER})分)"
)


def verdict(source: Source, ranges: Sequence[tuple[int, int]], evaluation: Draft) -> None:
    """Fills grade and score of an evaluation from the words of its conclusion."""
    text = flat(source, ranges[0][0], ranges[-1][1])
    evaluation["grade"] = evaluation["grade"] or grade_in(text, 0, len(text.text), whole=True)
    evaluation["score"] = evaluation["score"] or score_in(text, 0, len(text.text))


def grade_in(text: Flat, a: int, b: int, whole: bool = False) -> Found | None:
    """A grade as printed, 绩效等级为优; with `whole` not one of single projects (12个项目为优)."""
    for match in _GRADE.finditer(text.text, a, b):
        sentence = re.split(r"[。；;]", text.text[max(0, match.start() - 40) : match.start()])[-1] + match[0]
        if whole and _OF_PROJECTS.search(sentence):
            continue
        return text.found(*match.span("grade"))
    return None


def score_in(text: Flat, a: int, b: int) -> Found | None:
    """A score in points: 自评得分95.6分."""
    match = _SCORE.search(text.text, a, b)
    if match is None:
        return None
    group = "score" if match["score"] else "points"
    value = number(match[group])
    return text.found(*match.span(group), value) if value is not None else None
