"""The numbers that Word sets before a paragraph by itself: 一、（一）1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_CHINESE = frozenset(
    {"chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
     "taiwaneseCountingThousand", "chineseLegalSimplified"}
)  # fmt: skip
_CIRCLED = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
_PLACE = re.compile(r"%(\d)")


@dataclass(frozen=True)
class _Level:
    kind: str
    text: str
    start: int


@dataclass
class Numbering:
    """The lists of a document: number id → its levels; style → the list and level that it sets."""

    lists: Mapping[str, Mapping[int, _Level]] = field(default_factory=dict)
    styles: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, numbering: Any | None, styles: Any | None) -> Numbering:
        """The lists that numbering.xml and styles.xml define."""
        if numbering is None:
            return cls()
        plans = {node.get(f"{_W}abstractNumId"): _levels(node) for node in numbering.iter(f"{_W}abstractNum")}
        lists = {}
        for node in numbering.iter(f"{_W}num"):
            plan = node.find(f"{_W}abstractNumId")
            if plan is not None:
                lists[node.get(f"{_W}numId")] = plans.get(plan.get(f"{_W}val"), {})
        return cls(lists, _styles(styles))

    def number(self, paragraph: Any, counts: dict[str, list[int]]) -> str:
        """The number before a paragraph, counted on in `counts`; empty where it has none."""
        found = self._place(paragraph)
        if found is None:
            return ""
        key, level = found
        levels = self.lists.get(key, {})
        if level not in levels or levels[level].kind in ("bullet", "none"):
            return ""
        count = counts[key]
        count[level] = count[level] + 1 if count[level] else levels[level].start
        count[level + 1 :] = [0] * (8 - level)
        return _PLACE.sub(lambda m: _shown(levels, count, int(m[1]) - 1), levels[level].text)

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        if own is not None:
            key, level = own.find(f"{_W}numId"), own.find(f"{_W}ilvl")
            if key is not None:
                return key.get(f"{_W}val"), _int(level)
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        return self.styles.get(style.get(f"{_W}val")) if style is not None else None


def _int(node: Any) -> int:
    value = "0" if node is None else node.get(f"{_W}val") or "0"
    return min(int(value), 8) if value.isdigit() else 0


def _levels(plan: Any) -> dict[int, _Level]:
    out: dict[int, _Level] = {}
    for node in plan.iter(f"{_W}lvl"):
        values = {
            name: (found.get(f"{_W}val") or "") if (found := node.find(f"{_W}{name}")) is not None else ""
            for name in ("numFmt", "lvlText", "start")
        }
        at = node.get(f"{_W}ilvl") or "0"
        if at.isdigit() and int(at) < 9:
            start = int(values["start"]) if values["start"].isdigit() else 1
            out[int(at)] = _Level(values["numFmt"] or "decimal", values["lvlText"], start)
    return out


def _styles(styles: Any | None) -> dict[str, tuple[str, int]]:
    out: dict[str, tuple[str, int]] = {}
    for node in [] if styles is None else styles.iter(f"{_W}style"):
        key = node.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        if key is not None:
            out[node.get(f"{_W}styleId")] = (
                key.get(f"{_W}val"),
                _int(node.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")),
            )
    return out


def _shown(levels: Mapping[int, _Level], count: list[int], level: int) -> str:
    if level not in levels:
        return ""
    number = count[level] or levels[level].start
    kind = levels[level].kind
    if kind in _CHINESE:
        return chinese(number)
    if kind in _CIRCLED and 1 <= number <= 20:
        return chr(0x245F + number)
    if kind == "upperLetter" and number <= 26:
        return chr(64 + number)
    if kind == "lowerLetter" and number <= 26:
        return chr(96 + number)
    return str(number)


def chinese(number: int) -> str:
    """1 to 99 as 一 to 九十九; others in digits."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")
