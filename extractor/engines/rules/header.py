"""The head of a document: whose it is, of which year, in which unit its money is."""

from __future__ import annotations

import re

from extractor.drafts import Found
from extractor.folding import squeezed
from extractor.quantities import chinese_number
from extractor.source import Source

_YEAR = re.compile(r"((?:19|20)\s*\d\s*\d)\s*(?:年|$|\s)")
_CHINESE_YEAR = re.compile(r"([二两]\s*[〇零○]\s*[一二三四五六七八九〇零○]\s*[一二三四五六七八九〇零○])\s*年")
_UNIT = re.compile(r"(?:金\s*额\s*)?单\s*位\s*:\s*(?:人民币)?\s*(亿\s*元|万\s*元|元)")
_UNIT_NOTE = re.compile(r"\(\s*(?:单位\s*:\s*)?(亿元|万元|元)\s*\)")
_UNIT_USED = re.compile(r"\d\s*(亿元|万元|元)(?!/)")
_SUFFIX = re.compile(r"[（(](?:部门|盖章|公章|汇总|签章|本级|单位公章)[）)]|[（(]盖章[）)]")
_KIND = re.compile(
    r"(?:部门|单位|项目)?(?:预算)?(?:整体)?(?:财政)?(?:支出)?(?:绩效)?(?:自评|自我评价|评价)?(?:情况)?(?:的)?(?:报告|表|书)?$"
)
_REPORT = re.compile(
    r"(?:关于)?(?:部门|单位)?(?:预算)?整体(?:财政)?支出|(?:预算)?项目支出|绩效自(?:评|我评价)|预算绩效|财政支出绩效"
)
_WHOLE = re.compile(r"(?:部\s*门|单\s*位)?\s*(?:预\s*算\s*)?整\s*体\s*(?:财\s*政\s*)?支\s*出")
_BODY = (
    "局",
    "委员会",
    "委",
    "办公室",
    "办事处",
    "政府",
    "院",
    "中心",
    "联合会",
    "总工会",
    "部",
    "厅",
    "处",
    "校",
    "馆",
    "会",
    "所",
    "站",
    "队",
    "公司",
    "社",
)


def year_found(source: Source, start: int, end: int) -> Found | None:
    """The first year in a range."""
    match = _YEAR.search(source.text, start, end)
    if match:
        return Found(int(squeezed(match[1])), source.spans([match.span(1)]))
    spelled = _CHINESE_YEAR.search(source.text, start, end)
    if spelled:
        value = chinese_number(squeezed(spelled[1]).replace("○", "〇"))
        return Found(int(value), source.spans([spelled.span(1)])) if value else None
    return None


def money_unit_found(source: Source, start: int, end: int) -> Found | None:
    """The unit in which a range says its money is."""
    for pattern in (_UNIT, _UNIT_NOTE):
        match = pattern.search(source.text, start, end)
        if match:
            return Found(squeezed(match[1]), source.spans([match.span(1)]))
    return None


def used_unit(source: Source, start: int, end: int) -> Found | None:
    """The unit that most amounts of a running text are printed in, at its first use."""
    uses = list(_UNIT_USED.finditer(source.text, start, end))
    if not uses:
        return None
    words = [match[1] for match in uses]
    word = max(("万元", "元", "亿元"), key=words.count)
    first = next(match for match in uses if match[1] == word)
    return Found(word, source.spans([first.span(1)]))


_SEALED = re.compile(r"[(（](?:部门|盖章|公章|签章|汇总)[)）]")


def department_found(source: Source, start: int, end: int) -> Found | None:
    """The name behind a label: up to the next label, at most three lines."""
    text = source.text
    while start < end and text[start] in " :\n\t":
        start += 1
    end = min(end, start + 80)
    blank = re.compile(r"\n\s*\n\s*(?=[\d(]|[^\n]*[:：])").search(text, start, end)
    if blank:
        end = blank.start()
    for mark in (_UNIT, _SEALED):
        if (match := mark.search(text, start + 2, end)) is not None:
            end = match.start()
    found = source.found([(start, end)])
    if found is None:
        return None
    first = re.match(r"\S+", source.text[start:end])
    if first and first[0].endswith(_BODY) and len(first[0]) >= 6:
        found = source.found([(start, start + first.end())]) or found
    name = _SUFFIX.sub("", str(found.value).replace("\n", "")).strip()
    return Found(name, found.spans) if 2 <= len(name) <= 60 else None


def titled_department(source: Source, start: int, end: int) -> Found | None:
    """The department that a title names: 2023年度某某局部门整体支出绩效自评报告 → 某某局."""
    window = source.text[start : min(end, start + 400)]
    match = _WHOLE.search(window) or _REPORT.search(window)
    before = _title_lines(window, match.start()) if match else None
    if before is None:
        return None
    a, b = _last_name(window, *before)
    return source.found([(start + a, start + b)])


def _last_name(window: str, a: int, b: int) -> tuple[int, int]:
    """The last line of a title that is a name by itself, with the lines before it where it is not."""
    start = b
    for line in reversed(list(re.finditer(r"[^\n]*\S[^\n]*", window[a:b]))):
        start = a + line.start()
        if _named(window[start:b]):
            break
    return _strip(window, start, b)


def _title_lines(window: str, stop: int) -> tuple[int, int] | None:
    """Where the name stands before the kind of report: without a year, 附件 and 关于."""
    head = window[:stop]
    a = 0
    for match in re.finditer(
        r"附\s*件\s*\d*\s*[:：]?|关\s*于|\d{4}\s*年\s*度?|[〇零○一二三四五六七八九]{4}年度?|\*\*|#+|\(|\)|[:：]",
        head,
    ):
        if _named(head[match.end() :]) or not _named(head[a : match.start()]):
            a = match.end()
        else:
            return _strip(head, a, match.start())
    return _strip(head, a, stop) if _named(head[a:]) else None


def _named(text: str) -> bool:
    plain = squeezed(text)
    return 3 <= len(plain) <= 40 and any(body in plain for body in _BODY)


def _strip(head: str, a: int, b: int) -> tuple[int, int]:
    while a < b and head[a].isspace():
        a += 1
    while b > a and head[b - 1].isspace():
        b -= 1
    return a, b
