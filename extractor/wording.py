"""When two texts say the same: alike at 0.90, with the same figures, units, years, operators and negations.

Likeness alone cannot judge meaning: 已完成 and 未完成 differ by one character in three, 3500万元 and 3500亿元
by one in six, and in a longer text that is less than a tenth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
# Words in which a numeral tells no number; every other numeral counts, spelled or not.
_NO_NUMBERS = re.compile(
    r"进一步|统一|一般|一体|一些|一定|一系列|一律|一并|一直|一旦|一致|一线|一流|一环|唯一|单一|同一|万众|千方百计|四通八达"
)
_MEASURES = frozenset("个家项条次名人所座栋处户件批期年月日天倍成元米里亩吨公平台套场届类种级轮只")
_UNIT = (
    r"个百分点|[%‰]|(?:万亿|千万|百万|亿|万|千|百)?(?:美元|欧元|港元|日元|元)"
    r"|平方[公千]?[里米]|立方米|[万亿]?[人户家车班场批台件]次|[万亿]?[人工]日|人天|小时|分钟|个月|季度"
    r"|[万亿]?[公千毫厘微兆][\u3400-\u9fff]|[A-Za-z]+[23²³]?(?:/[A-Za-z]+)?|[万亿]?[\u3400-\u9fff]|[万亿]"
)
_BOUNDS_BEFORE: Mapping[str, str] = {
    "ge": "不低于 不少于 不小于 不得低于 不得少于 至少 最少",
    "le": "不高于 不多于 不大于 不超过 不超 不得超过 控制在 至多 最多",
    "gt": "超过 超出 高于 多于 大于 突破",
    "lt": "低于 少于 小于 不足 不到",
    "up": "增长 增加 上升 提高 提升 上涨 调增 新增",
    "down": "下降 减少 降低 下滑 下跌 压减 调减",
}
_BOUNDS_BEHIND: Mapping[str, str] = {
    "ge": "及以上 以上", "le": "及以下 以下 以内 之内", "out": "以外", "near": "左右",
}  # fmt: skip
_BEFORE = {word: bound for bound, words in _BOUNDS_BEFORE.items() for word in words.split()}
_BEHIND = {word: bound for bound, words in _BOUNDS_BEHIND.items() for word in words.split()}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_NUMBER = re.compile(
    rf"(?:(?P<before>{_any_of(_BEFORE)})[了至到率约近为已]{{0,2}})?"
    rf"(?:(?P<figure>\d+(?:,\d{{3}})*(?:\.\d+)?)|(?P<spelled>第?{CHINESE_NUMBER}(?:分之(?:{CHINESE_NUMBER})?)?))"
    rf"[余多]?(?P<unit>{_UNIT})?(?P<behind>(?:\([^)]{{1,6}}\))?(?:{_any_of(_BEHIND)}))?"
)
_FAR = 16
_LABEL = re.compile(r"([\u3400-\u9fff]+?)(?:[写列]?为|是|共|约|达到?|到|计|的|有|“|”|\"|[(:|])*-?$")
NEGATION = re.compile(r"[未不无没非否]")
_COMPARISONS = re.compile(r"[≥≤<>±]|-(?=\d)")
# Characters whose change turns a sentence, wherever else the sentence has the same ones.
_TURNS = frozenset("未不无没非否免缺欠失禁勿")
_OPPOSITES = frozenset(
    frozenset(pair)
    for pair in (
        "增减",
        "升降",
        "高低",
        "多少",
        "上下",
        "大小",
        "内外",
        "前后",
        "有无",
        "优劣",
        "快慢",
        "盈亏",
        "超欠",
    )
)


@dataclass(frozen=True)
class Told:
    """One number of a text: its digits or numerals, the unit behind it, the words that bound and name it."""

    number: str
    unit: str
    bound: tuple[str, str]
    spelled: bool
    label: str
    negative: bool


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """The text folded, without white space and closing punctuation."""
    return squeezed(text).rstrip(_CLOSING)


def alike(a: str, b: str) -> float:
    """Likeness of two texts by Levenshtein, 0 to 1, over the longer one."""
    return float(Levenshtein.normalized_similarity(plain(a), plain(b)))


@lru_cache(maxsize=100_000)
def figures(text: str) -> tuple[tuple[str, str], ...]:
    """The figures of a text in order, each with the unit behind it; 1,200.50万元 → (1200.5, 万元).

    A spelled number is a figure before a measure word only, and has no unit here.
    """
    return tuple((one.number, "" if one.spelled else one.unit) for one in named_figures(text))


def named_figures(text: str) -> tuple[Told, ...]:
    """The same with the words before each: 实际支出数 28404.48万元 is named 实际支出数."""
    return tuple(one for one in _told(text) if not one.spelled or one.unit[:1] in _MEASURES)


@lru_cache(maxsize=100_000)
def _told(text: str) -> tuple[Told, ...]:
    return tuple(_numbers(_NO_NUMBERS.sub(lambda match: "□" * len(match[0]), _HEAD.sub("", plain(text)))))


def _numbers(text: str) -> Iterator[Told]:
    for match in _NUMBER.finditer(text):
        spelled = match["spelled"]
        number = spelled or str(Decimal(match["figure"].replace(",", "")).normalize())
        behind = re.sub(r"\(.*\)", "", match["behind"] or "")
        bound = _BEFORE.get(match["before"] or "", ""), _BEHIND.get(behind, "")
        at = match.start("spelled" if spelled else "figure")
        before = text[max(0, at - _FAR) : at]
        negative = before.endswith("-") and not before[-2:-1].isdigit()
        named = _LABEL.search(
            text[max(0, match.start() - _FAR) : match.start()] if match["before"] else before
        )
        label = named[1] if named else ""
        yield Told(number, match["unit"] or "", bound, spelled is not None, label, negative)


def differences(gold: str, got: str) -> tuple[str, ...]:
    """What two texts say differently, by its tag: figure, unit, year, operator, negation."""
    return tuple(dict.fromkeys(_differences(plain(gold), plain(got))))


def _differences(gold: str, got: str) -> Iterator[str]:
    ours, theirs = _told(gold), _told(got)
    if [one.number for one in ours] != [one.number for one in theirs]:
        yield "year" if _years(ours) != _years(theirs) else "figure"
    else:
        if [one.unit for one in ours] != [one.unit for one in theirs]:
            yield "unit"
        if [one.bound for one in ours] != [one.bound for one in theirs]:
            yield "operator"
    if _COMPARISONS.findall(gold) != _COMPARISONS.findall(got):
        yield "operator"
    if NEGATION.findall(gold) != NEGATION.findall(got):
        yield "negation"
    yield from _turned(gold, got)


def _years(told: Sequence[Told]) -> list[str]:
    return sorted(one.number for one in told if one.unit == "年" and len(one.number) == 4)


def _turned(gold: str, got: str) -> Iterator[str]:
    """What single characters turn round: a negation that moved, 上 for 下."""
    for edit in Levenshtein.editops(gold, got):
        before = gold[edit.src_pos] if edit.tag != "insert" else ""
        after = got[edit.dest_pos] if edit.tag != "delete" else ""
        if before in _TURNS or after in _TURNS:
            yield "negation"
        elif frozenset((before, after)) in _OPPOSITES:
            yield "operator"


def same_text(gold: str, got: str) -> bool:
    """Whether a text counts as right: the same after folding, or alike and of the same sense."""
    one, two = plain(gold), plain(got)
    return one == two or (
        Levenshtein.normalized_similarity(one, two, score_cutoff=LEAST_LIKENESS) >= LEAST_LIKENESS
        and not differences(one, two)
    )
