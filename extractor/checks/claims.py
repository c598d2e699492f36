"""What a department claims of itself: that its goals were met, wholly, and nobody takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.checks.case import Case
from extractor.folding import squeezed

_CLAIMS = re.compile(
    r"(?:均|全部|全面|都|已|较好|圆满|顺利)[^,，。;；]{0,12}(?:完成|达到|实现|达标)|达到(?:了)?预期|达到设定"
    r"|完成情况(?:良好|较好)|超额完成|目标完成率(?:为)?100%"
)
_DENIED = re.compile(r"[未没非尚]|不(?!断)|难以|有待|无法")
_HEDGED = re.compile(r"主要|大部分|部分|多数|基本|总体|大多|个别|少数|有的|除[^。]{1,40}外")
_EXCEPT = re.compile(r"除[^。]{1,40}外")
_AFTER = re.compile(r"^[^。]{0,40}?(?:但|不过|然而|除外|未(?:达|能|完成)|没有)")


def claim(case: Case) -> str | None:
    """The words by which the conclusion says that all goals were met, None where it does not or hedges it."""
    text = squeezed(case.report.self_evaluation.conclusion or "")
    return next(_claims(text), None)


def top_grade(case: Case) -> str | None:
    """The grade where it is the highest."""
    grade = case.report.self_evaluation.grade or ""
    return grade if grade.startswith("优") else None


def _claims(text: str) -> Iterator[str]:
    for match in _CLAIMS.finditer(text):
        sentence = text[text.rfind("。", 0, match.start()) + 1 : match.end()]
        clause = re.split(r"[,，;；:：]", sentence)[-1]
        if _DENIED.search(clause) or _HEDGED.search(clause) or _EXCEPT.search(sentence):
            continue
        if not _AFTER.match(text[match.end() :]):
            yield match[0]
