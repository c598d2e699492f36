"""Private strings of a text, blacked out before it leaves the machine.

What is masked is replaced character by character, so that every place in the masked text is the same place in
the text itself: what a model refers to is copied from the text, and nothing has to be put back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from extractor.document import Document, Span
from extractor.folding import folded

MASK = "●"
_BLANK = r"[ \t\u3000]*"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = re.compile(rf"(?<![\d.])[1-9]\d{{5}}(?:19|20)\d{{2}}{_DAY}\d{{3}}[\dXx](?![\d.])")
_MOBILE = re.compile(r"(?<![\d.,])1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d.,]|\s*(?:万|亿)?元)")
_LANDLINE = re.compile(r"(?<![\d.])0\d{2,3}[- ]\d{7,8}(?:[-转]\d{1,5})?(?![\d.])")
_PHONES = "联系电话|办公电话|联系方式|电话|手机(?:号码?)?|传真"
_PHONE = re.compile(rf"(?:{_PHONES}){_BLANK}:?{_BLANK}(?P<value>\d[\d\- ()、/转]{{4,40}})")
_PERSONS = (
    "项目经办人|经办人|项目负责人|单位负责人|部门负责人|科室负责人|主管领导|分管领导|联系人|填表人|填报人|制表人"
    "|审核人|复核人|负责人"
)
_NAME = r"[\u3400-\u9fff·]{2,4}"
_PERSON = re.compile(
    rf"(?:{_PERSONS})(?:\([^()\n]{{1,6}}\))?(?:{_BLANK}:{_BLANK}|[ \t\u3000]+)"
    rf"(?P<value>{_NAME}(?:[、,]{_BLANK}{_NAME}){{0,3}})(?=[ \t\u3000\n\r(;。|]|联系|电话|$)"
)
_NAMES = re.compile(_NAME)
_NO_NAME = re.compile(r"联系|电话|手机|日期|签字|签名|盖章|职务|填表|经办|审核|负责|填报|单位|部门")


def private_spans(text: str) -> list[Span]:
    """Telephone and identity numbers, and names in labelled places, in reading order."""
    plain = text.translate({ord(c): same for c in set(text) if len(same := folded(c)) == 1})
    out: list[Span] = []
    for span in sorted(_found(plain)):
        if out and span.start < out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


def masked(document: Document) -> Document:
    """The document with its private strings blacked out; every offset stays what it was."""
    text = document.text
    parts: list[str] = []
    position = 0
    for start, end in private_spans(text):
        parts.append(text[position:start])
        parts.append("".join(c if c.isspace() else MASK for c in text[start:end]))
        position = end
    return replace(document, text="".join([*parts, text[position:]]))


def _found(text: str) -> Iterator[Span]:
    for pattern in (_IDENTITY, _MOBILE, _LANDLINE):
        yield from (Span(*match.span()) for match in pattern.finditer(text))
    for match in _PHONE.finditer(text):
        value = match["value"].rstrip(" -(、/转")
        if len(re.sub(r"\D", "", value)) >= 5:
            yield Span(match.start("value"), match.start("value") + len(value))
    for match in _PERSON.finditer(text):
        for name in _NAMES.finditer(text, match.start("value"), match.end("value")):
            if not _NO_NAME.search(name[0]):
                yield Span(*name.span())
