"""Lines of the department's money: their plain names, which are parts, and which make up the total."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from extractor.drafts import Draft, Found
from extractor.folding import squeezed
from extractor.report import TOTAL, FundingLine

FIELDS = tuple(name for name in FundingLine.model_fields if name not in ("source", "partial"))
_PART = re.compile(r"^其中\s*[:：]?")
_TAIL = re.compile(r"(?:安排的支出|(?:财政)?拨款(?:支出|收入|资金)?)$|支出(?:合计|决算)?$")
_WITHOUT_TAIL = re.compile(r"^(?:一般公共预算|政府性基金|国有资本经营预算)")
_WORDS = tomllib.loads(Path(__file__).with_name("fundlines.toml").read_text("utf-8"))
TOTALS = frozenset(_WORDS["total"])
SOURCES = tuple(sorted(_WORDS["plain"], key=lambda word: (-len(word), word)))


def empty_line(source: Found | str, partial: bool) -> Draft:
    """A funding line that knows its source only."""
    return {"source": source, **dict.fromkeys(FIELDS), "partial": partial}


def plain_source(text: str) -> str:
    """一般公共预算财政拨款支出 → 一般公共预算; any word for the total → 合计."""
    name = squeezed(text).removeprefix("备注")
    name = _PART.sub("", re.sub(r"^(?:\(?[一二三四五\d]+\)?[.、])", "", name)).strip(":")
    if name in TOTALS or name in ("", "部门整体支出"):
        return TOTAL
    bare = _TAIL.sub("", name)
    if bare and (_WITHOUT_TAIL.match(name) or (bare in SOURCES and name.endswith("支出"))):
        name = re.sub(r"基金预算$", "基金", bare)
    return name


def is_part(text: str) -> bool:
    """Whether a line's name says that it is a part of the line above."""
    return squeezed(text).startswith("其中")


def settled(lines: list[Draft]) -> list[Draft]:
    """The total first; lines that together make up the total are no parts."""
    lines = [line for line in lines if any(line[field] is not None for field in FIELDS)]
    total = next((line for line in lines if _name(line) == TOTAL), None)
    parts = [line for line in lines if line is not total]
    if total is None:
        return lines
    whole = _full_set(total, parts)
    for line in parts:
        line["partial"] = not any(line is one for one in whole)
    return [total, *parts]


def _full_set(total: Draft, parts: list[Draft]) -> list[Draft]:
    """The lines that together make up the total: all, or all but those that 其中 takes out of others."""
    if len(parts) < 2:
        return []
    if _adds_up(total, parts):
        return parts
    plain = [line for line in parts if not line["partial"]]
    if len(plain) == len(parts) or (len(plain) >= 2 and _adds_up(total, plain)):
        return plain
    return []


def _name(line: Draft) -> str:
    source = line["source"]
    return str(source.value if isinstance(source, Found) else source)


def _adds_up(total: Draft, parts: Sequence[Draft]) -> bool:
    for field in ("actual", "adjusted", "initial"):
        figures = [line[field] for line in [total, *parts]]
        if all(isinstance(figure, Found) for figure in figures):
            whole, *rest = (Decimal(figure.value) for figure in figures)
            if abs(whole - sum(rest)) <= Decimal("0.05") and whole:
                return True
    return False


def project_form(name: Found, draft: Draft) -> Draft:
    """The project that a project's own form is about."""
    total = draft["budget"][0] if draft["budget"] else empty_line("合计", partial=False)
    evaluation = draft["self_evaluation"]
    return {
        "name": name,
        "budget": total["adjusted"] or total["initial"],
        "actual": total["actual"],
        "execution_rate": total["execution_rate"],
        "score": evaluation["score"],
        "grade": evaluation["grade"],
    }
