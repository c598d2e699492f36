"""≥85家 → operator, bounds and unit, by code and never by a model.

The grammar is the table "A value, parsed" of the guide: kinds numeric, range, compound, boolean,
qualitative and text. Numbers are `Decimal`; `unit` is the measure word or unit as printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

from extractor.folding import squeezed

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
CHINESE_DIGITS = {
    c: i
    for i, cs in enumerate(("〇零", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for c in cs
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
CHINESE_NUMBER = "[" + "".join(CHINESE_DIGITS) + "".join(_SMALL) + "万亿]+"


_NO_NUMBERS = re.compile(r"进一步|统一|一般|一定|一致|一流|一体|逐一|唯一|同一")


class Op(StrEnum):
    """How a value bounds what it is compared with."""

    EQ = "eq"
    GE = "ge"
    GT = "gt"
    LE = "le"
    LT = "lt"
    RANGE = "range"


class Kind(StrEnum):
    """What sort of value a cell holds."""

    NUMERIC = "numeric"
    RANGE = "range"
    COMPOUND = "compound"
    BOOLEAN = "boolean"
    QUALITATIVE = "qualitative"
    TEXT = "text"


@dataclass(frozen=True)
class Quantity:
    """One value. `low` and `high` are bounds in `unit`; `parts` holds the figures of a compound."""

    kind: Kind
    op: Op | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    approx: bool = False
    baseline: str | None = None
    truth: bool | None = None
    parts: tuple[Quantity, ...] = ()


_OPERATORS = (
    ("不少于|不低于|不小于|不得低于|不得少于|至少|最少|大于等于|大于或等于|>=|≥|达到|达", Op.GE),
    ("不超过|不多于|不高于|不大于|不得超过|不得高于|至多|最多|小于等于|小于或等于|控制在|<=|≤", Op.LE),
    ("超过|多于|大于|高于|超额|突破|逾|超|>", Op.GT),
    ("少于|低于|小于|不足|不到|<", Op.LT),
)
_OPERATOR = re.compile("|".join(f"(?P<{op.value}>{words})" for words, op in _OPERATORS))
_UNIT = r"[%‰]|个百分点|[^\d\s,，。;；:：、()<>≥≤=+\-~/~]{0,8}"
_ONE = re.compile(
    rf"(?P<lead>[^\d]*?)(?P<sign>[-+])?(?P<number>{NUMBER})(?P<more>多|余|几)?(?P<unit>{_UNIT})(?P<tail>.*)",
    re.S,
)
_RANGE = re.compile(
    rf"(?P<a>{NUMBER})(?P<ua>{_UNIT})?(?:-|~|至|到)(?P<b>{NUMBER})(?P<unit>{_UNIT})(?P<tail>.*)", re.S
)
_TAIL_BOUND = re.compile(r"(及)?(以上|以下|以内|之内|左右|上下)$")
_DONE = re.compile(r"^(?:已?完成|实际|已|共|全年|约|增长|下降|提高|降低|提升|减少|增加|同比)+")
_DONE_TAIL = re.compile(r"^[,，(（]?(?:已?完成|已达标|达标|达到目标)[)）]?$")
_BOOLEAN = {
    "是": True,
    "有": True,
    "已完成": True,
    "完成": True,
    "达标": True,
    "否": False,
    "无": False,
    "未完成": False,
}
_BASELINE = re.compile(r"(上年|去年|上一年|往年|历年|同期|基期|\d{4}年)(?:度)?(?:水平)?")
_QUALITY = re.compile(
    r"提升|提高|改善|增强|满意|持平|良好|优秀|明显|显著|有效|稳定|加强|保障|进度|符合|合格|完善|促进|规范|"
    r"增长|及时|持续|长期|较好|较高|减少|下降|降低"
)
_QUALITATIVE_LENGTH = 20
_PROSE_LENGTH = 40


def chinese_number(text: str) -> Decimal | None:
    """三百 or 叁佰 → 300; 两 → 2; 二〇二一 → 2021. None where the text is no such number."""
    if not re.fullmatch(CHINESE_NUMBER, text):
        return None
    if all(c in CHINESE_DIGITS for c in text):
        return Decimal("".join(str(CHINESE_DIGITS[c]) for c in text))
    total = section = digit = 0
    for c in text:
        if c in CHINESE_DIGITS:
            digit = CHINESE_DIGITS[c]
        elif c in _SMALL:
            section += (digit or 1) * _SMALL[c]
            digit = 0
        else:
            total = (total + section + digit) * _LARGE[c] if total + section + digit else _LARGE[c]
            section = digit = 0
    return Decimal(total + section + digit)


def number(text: str) -> Decimal | None:
    """A printed figure as `Decimal`, its digits kept: 1,234.50, １２３．４, (171.31), 96.20%, 叁佰."""
    plain = squeezed(text)
    if not plain or len(plain) > 60:
        return None
    negative = False
    if plain[0] == "(" and plain[-1] == ")":
        negative, plain = True, plain[1:-1]
    plain = plain.rstrip("%")
    if plain[:1] in ("+", "-"):
        negative, plain = negative != (plain[0] == "-"), plain[1:]
    if re.fullmatch(NUMBER, plain) or re.fullmatch(r"\d+(?:,\d+)*(?:\.\d+)?", plain):
        try:
            value = Decimal(plain.replace(",", ""))
        except InvalidOperation:
            return None
    else:
        spelled = chinese_number(plain)
        if spelled is None:
            return None
        value = spelled
    return -value if negative and value else value


@lru_cache(maxsize=20_000)
def parse(text: str) -> Quantity:
    """The cell's value. Long prose is `text`, which no one can measure."""
    plain = squeezed(text).rstrip("。;.,")
    if plain in _BOOLEAN:
        return Quantity(Kind.BOOLEAN, truth=_BOOLEAN[plain])
    figures = re.findall(NUMBER, _without_dates(plain))
    if not figures:
        spelled = _spelled(plain)
        return spelled or _words(plain)
    ranged = _RANGE.search(plain)
    if ranged and len(figures) == 2:
        return _ranged(ranged)
    if len(figures) == 1:
        return _single(_without_dates(plain))
    parts = tuple(_parts(_without_dates(plain)))
    return Quantity(Kind.COMPOUND, parts=parts) if len(plain) <= _PROSE_LENGTH * 4 else Quantity(Kind.TEXT)


def _without_dates(plain: str) -> str:
    return re.sub(
        r"\d{4}年(?:度)?(?:\d{1,2}月(?:份|底)?(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日|\d+\.(?=[^\d])", "", plain
    )


def _spelled(plain: str) -> Quantity | None:
    match = re.fullmatch(rf"(?P<lead>\D*?)(?P<number>{CHINESE_NUMBER})(?P<unit>[^\d一-十]{{1,3}})", plain)
    if not match or match["number"][0] in "万亿" or _NO_NUMBERS.search(plain):
        return None
    value = chinese_number(match["number"])
    op = _operator(match["lead"])
    return Quantity(Kind.NUMERIC, op or Op.EQ, value, value, match["unit"]) if value is not None else None


def _words(plain: str) -> Quantity:
    baseline = _BASELINE.search(plain)
    if len(plain) <= _QUALITATIVE_LENGTH or (len(plain) <= _PROSE_LENGTH and _QUALITY.search(plain)):
        return Quantity(Kind.QUALITATIVE, baseline=baseline[1] if baseline else None)
    return Quantity(Kind.TEXT)


def _ranged(match: re.Match[str]) -> Quantity:
    low, high = number(match["a"]), number(match["b"])
    unit = match["unit"] or match["ua"] or None
    return Quantity(Kind.RANGE, Op.RANGE, low, high, unit)


def _operator(lead: str) -> Op | None:
    found = None
    for match in _OPERATOR.finditer(lead):
        found = Op(str(match.lastgroup))
    return found


def _single(plain: str) -> Quantity:
    match = _ONE.match(plain)
    if match is None:
        return Quantity(Kind.TEXT)
    lead, unit, tail = match["lead"], match["unit"], match["tail"]
    bound = _TAIL_BOUND.search(unit) or _TAIL_BOUND.match(tail)
    word = bound[2] if bound else ""
    unit = _TAIL_BOUND.sub("", unit)
    op = _operator(lead) or {"以上": Op.GE, "以下": Op.LE, "以内": Op.LE, "之内": Op.LE}.get(word)
    if unit.endswith(("日内", "天内", "时内", "钟内", "月内")):
        unit, op = unit[:-1], op or Op.LE
    approx = bool(match["more"]) or word in ("左右", "上下") or lead.endswith(("约", "近", "超"))
    if match["more"] and op is None:
        op = Op.GT
    value = number((match["sign"] or "") + match["number"])
    baseline = _BASELINE.search(lead)
    return Quantity(
        Kind.NUMERIC, op or Op.EQ, value, value, unit or None, approx, baseline[1] if baseline else None
    )


def _parts(plain: str) -> list[Quantity]:
    pieces = re.findall(rf"[^\d]*{NUMBER}[^\d]*?(?=[,，;；、。]|[^\d,，;；、。]*\d|$)", plain)
    return [part for part in (_single(piece) for piece in pieces) if part.kind is Kind.NUMERIC]


@dataclass(frozen=True)
class Money:
    """An amount of money in `unit` (元, 万元, 亿元, 亿美元 …) and the role that its label gives it."""

    amount: Decimal
    unit: str
    role: str | None = None

    @property
    def currency(self) -> str:
        """What it is paid in: 元, 美元, 欧元 …"""
        return re.sub(r"^[百千万亿]+", "", self.unit)

    def converted(self, unit: str) -> Money:
        """The same amount in another unit of the same currency, by a power of ten."""
        if re.sub(r"^[百千万亿]+", "", unit) != self.currency:
            raise ValueError(f"{self.unit} is not a unit of {unit}")
        shift = _power(self.unit) - _power(unit)
        return Money(self.amount.scaleb(shift) if shift else self.amount, unit, self.role)


_POWERS = {"": 0, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_CURRENCY = r"(?:元|美元|欧元|港元|港币|日元|英镑)"
_MONEY = re.compile(
    rf"(?P<amount>\([-+]?{NUMBER}\)|[-+]?{NUMBER}|{CHINESE_NUMBER})(?:多|余)?"
    rf"(?P<unit>(?:万亿|千万|百万|亿|万|千|百)?{_CURRENCY})"
)


# A whole text that is one amount with its unit: 98,000元, 叁佰万元.
AMOUNT_WORDS = re.compile(rf"(?:\(?[-+]?{NUMBER}\)?|{CHINESE_NUMBER})(?:亿|万|千|百)?元")


def _power(unit: str) -> int:
    return _POWERS[re.sub(_CURRENCY, "", unit)]


def money(text: str, role: str | None = None) -> Money | None:
    """The first amount of money in a text, with its unit: 叁佰万元 → 300 万元, 2.9亿美元 → 2.9 亿美元."""
    match = _MONEY.search(squeezed(text))
    if match is None:
        return None
    words, unit = match["amount"], match["unit"]
    if re.fullmatch(CHINESE_NUMBER, words) and words[-1] in "万亿":
        words, unit = words[:-1], words[-1] + unit
    amount = number(words)
    return None if amount is None else Money(amount, unit, role)
