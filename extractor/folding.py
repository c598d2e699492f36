"""Characters that mean the same, as translation tables of one character to one or none.

Two tables. `GLYPHS` mends what a PDF font broke (radical forms, compatibility ideographs, invisible
marks): printed text passes through it and stays as printed otherwise. `WIDTHS` goes further, for matching
and parsing only: full-width forms, dashes, comparison signs, quotation marks. Blanket NFKC is not used: it
leaves ≧ and most supplement radicals alone and turns ①35 into 135 and 10² into 102.
"""

from __future__ import annotations

import unicodedata

# CJK Radicals Supplement with the ideograph that each stands for (Unicode's EquivalentUnifiedIdeograph).
_SUPPLEMENT = (
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺒巳⺓幺⺔彑⺕彐⺖忄⺗㣺⺘扌"
    "⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糹"
    "⺰纟⺱罓⺲罒⺳㓁⺶羊⺷羊⺹耂⺺肀⺻聿⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻈讠⻉贝"
    "⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻒镸⻓长⻔门⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻟飠⻠饣⻡首"
    "⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
# Radicals that Unicode equates with a traditional form; fonts for simplified Chinese mean the other.
_SIMPLIFIED = "⼾户⾭青⿈黄⾧长"
_INVISIBLE = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_LINE_ENDS = "\u000b\u000c\u0085\u2028\u2029"
_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
# What is written in several ways, by the way that it is folded to.
_VARIANTS = {
    "≥": "≧⩾",
    "≤": "≦⩽",
    ">": "﹥",
    "<": "﹤",
    "-": "−–—‐‑‒―﹣─",
    "~": "〜∼",
    '"': "“”„‟",
    "'": "‘’‚‛",
    "·": "・•‧",
    "%": "﹪",
    ":": "︰﹕",
    ";": "﹔",
    ",": "﹐",
    "、": "﹑",
    ".": "﹒",
    "(": "﹙〔【〖",
    ")": "﹚〕】〗",
    "¥": "￥",
}


def _pairs(text: str) -> dict[int, str]:
    return {ord(text[i]): text[i + 1] for i in range(0, len(text), 2)}


def _single(code: int) -> str:
    folded = unicodedata.normalize("NFKC", chr(code))
    return folded if len(folded) == 1 else chr(code)


def _glyphs() -> dict[int, str | None]:
    table: dict[int, str | None] = dict(_pairs(_SUPPLEMENT))
    for block in (range(0x2F00, 0x2FD6), range(0xF900, 0xFB00), range(0x2F800, 0x2FA20)):
        table.update({code: _single(code) for code in block if _single(code) != chr(code)})
    table.update({ord(mark): None for mark in _INVISIBLE})
    table.update(_pairs(_SIMPLIFIED))
    return table


def _widths() -> dict[int, str | None]:
    table = _glyphs()
    table.update({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
    table.update({code: _single(code) for code in range(0xFFE0, 0xFFE7)})
    table.update({ord(c): folded for folded, variants in _VARIANTS.items() for c in variants})
    table.update({ord(space): " " for space in _SPACES if space != "\t"})
    table.update({ord(end): "\n" for end in _LINE_ENDS})
    return table


GLYPHS = _glyphs()
# characters that a scan mixes up, by the one that they are folded to where a word is already known
ALIKE = str.maketrans("日曰己巳末入千土戊戍汇玫", "目目已已未人干士戌戌江政")
WIDTHS = _widths()
_WHITE = {ord(c): None for c in _SPACES + _LINE_ENDS + " \n\r\u001c\u001d\u001e\u001f"}
SQUEEZE: dict[int, str | None] = {**WIDTHS, **_WHITE}


def printed(text: str) -> str:
    """The text with broken glyphs mended and invisible marks dropped; width and signs stay as printed."""
    return text.translate(GLYPHS)


def folded(text: str) -> str:
    """The text with glyphs, widths and sign variants folded; no longer than the text, white space kept."""
    return text.translate(WIDTHS)


def squeezed(text: str) -> str:
    """The folded text without any white space: two texts that squeeze alike are the same as printed."""
    return "".join(text.split()) if text.isascii() else text.translate(SQUEEZE)
