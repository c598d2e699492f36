"""Money and projects told in running text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extractor.drafts import Draft, Found
from extractor.engines.rules.flat import Flat, flat
from extractor.engines.rules.verdicts import grade_in, score_in
from extractor.engines.rules.vocabulary import RATES, any_of, vocabulary
from extractor.folding import squeezed
from extractor.fundlines import SOURCES, empty_line, plain_source, settled
from extractor.quantities import NUMBER, Money, number
from extractor.report import TOTAL
from extractor.source import Source

_LABELS = vocabulary().running
_FILL = r"(?:总?(?:计|额)|为|是|共计?|合计|达到?|约|:|人民币|分别为|\([^()]{1,15}\))*"
_SIGN = {"调减": -1, "核减": -1, "净减少": -1}
_MONEY = re.compile(
    "(?:"
    + "|".join(f"(?P<{field}>{words})" for field, words in _LABELS.items())
    + rf")(?P<fill>{_FILL})(?P<figure>\([-+]?{NUMBER}\)|-?{NUMBER})(?P<unit>亿元|万元|元|%)"
)
_PLAIN = re.compile(rf"(?P<fill>{_FILL})(?P<figure>-?{NUMBER})(?P<unit>亿元|万元|元)(?!/)")
_PARTS = re.compile(r"其中|从来源看|按(?:资金)?来源")
_PROJECT_NAME = re.compile(r"[\u3400-\u9fff]{4,}(?:项目|工程)$")
_BARE_SOURCE = re.compile(r"(?:一般公共|政府性基金|国有资本经营)预算$")
_OWN_FUND = re.compile(r"(?<=[，,。；;：:、])[\u3400-\u9fff]{2,10}$")
_INCOME = re.compile(r"收入(?:决算)?(?:总额|合计|数)?$")
_SENTENCE = re.compile(r"[^。；;]+[。；;]?")
_NAMED_PROJECT = re.compile(
    r"(?:^|[,，；;。:：])(?:此外|另外|同时)?[,，]?(?P<name>[\u3400-\u9fff]{3,28}(?:经费|项目|资金|工程|补贴|补助))(?=(?:年初|年度|全年)?预算)"
)
_HEADED_PROJECT = re.compile(
    r"(?:^|(?<=[。；;]))(?P<name>[\u3400-\u9fff()\"]{3,30})[:：](?=(?:年初|全年|年度)?预算|安排)"
)
_PROJECT_LEAD = re.compile(
    r"(?:\(\d{1,2}\)|\d{1,2}[.、](?!\d)|[①-⑳]|[一二三四五六七八九十]{1,2}是|\([一二三四五六七八九十]+\))"
)


def funding_in(source: Source, start: int, end: int, unit: str | None) -> list[Draft]:
    """Draft funding lines of a passage on income and spending."""
    text = flat(source, start, end)
    lines: dict[str, Draft] = {}
    for sentence in _SENTENCE.finditer(text.text):
        _sentence(text, sentence.start(), sentence.end(), unit, lines)
    ordered = [lines[name] for name in ([TOTAL] if TOTAL in lines else []) + [n for n in lines if n != TOTAL]]
    return settled(ordered)


def _sentence(text: Flat, start: int, end: int, unit: str | None, lines: dict[str, Draft]) -> None:
    current: tuple[str, Found | str, bool] = (TOTAL, TOTAL, False)
    position = start
    part = False
    field: str | None = None
    for match in _figures(text.text, start, end):
        between = text.text[position : match.start()]
        part = part or bool(_PARTS.search(between))
        project = _PROJECT_NAME.search(between + ("项目" if match[0].startswith("项目") else ""))
        named = (
            None
            if project
            else _source_before(text, position, match)
            or (_unknown_source(text, position, match) if part else None)
        )
        if named is not None:
            current = (*named, True)
        elif "其中" in between or project:
            current = ("", "", True)
        position = match.end()
        if not current[0] or _INCOME.search(
            text.text[max(start, match.start() - 6) : match.start("figure")].rstrip("为是:")
        ):
            continue
        field = _inherited(text.text, match, current[2], field)
        _enter(text, match, field, current, unit, lines)


def _inherited(text: str, match: re.Match[str], part: bool, last: str | None) -> str | None:
    """The field of a figure; a part that only names its source is of the kind that the whole was."""
    field = _field(match)
    bare = bool(_BARE_SOURCE.search(text[: match.start("fill")])) or "kind" in match.groupdict()
    told = "kind" in match.groupdict() and match["kind"] not in (None, "资金")
    if part and last in ("initial", "adjusted") and ((bare and not told) or field == "budget_unspecified"):
        return last
    return "actual" if field == "budget_unspecified" and bare and last == "actual" else field


def _figures(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    position = start
    while position < end:
        labelled = _MONEY.search(text, position, end)
        sourced = _sourced(text, position, end)
        found = min((m for m in (labelled, sourced) if m), key=lambda m: m.start("figure"), default=None)
        if found is None:
            return
        yield found
        position = found.end()


def _sourced(text: str, position: int, end: int) -> re.Match[str] | None:
    """一般公共预算拨款支出28万元: a source with its figure and no label of its own."""
    pattern = re.compile(
        rf"{any_of(SOURCES)}(?:预算)?(?:财政)?(?:拨款)?(?P<kind>支出|资金|收入)?{_PLAIN.pattern}"
    )
    return pattern.search(text, position, end)


def _source_before(text: Flat, position: int, match: re.Match[str]) -> tuple[str, Found | str] | None:
    """The source named between the last figure and this one, the last such name."""
    stop = match.start("figure")
    names = list(
        re.finditer(any_of(SOURCES) + r"(?:结转|补助|拨款)?(?:资金|收入)?", text.text[position:stop])
    )
    if not names:
        return None
    last = names[-1]
    for earlier in reversed(names[:-1]):
        if text.text[position + earlier.end() : position + last.start()] not in ("", "预算"):
            break
        last = earlier
    start = position + last.start()
    if last[0] == "专项资金":
        own = _OWN_FUND.search(text.text[position:start])
        start -= len(own[0]) if own else 0
    name = plain_source(text.text[start : position + last.end()])
    return name, text.found(start, position + last.end(), name) or name


def _unknown_source(text: Flat, position: int, match: re.Match[str]) -> tuple[str, Found | str] | None:
    """A source that the vocabulary does not know: the noun before the label, 单位往来资金支出数."""
    noun = re.search(
        r"[\u3400-\u9fff]{1,12}(?:资金|拨款|收入|经费|基金|结转|补助)$", text.text[position : match.start()]
    )
    if noun is None:
        return None
    found = text.found(position + noun.start(), position + noun.end())
    return noun[0], found or noun[0]


def _enter(
    text: Flat,
    match: re.Match[str],
    field: str | None,
    current: tuple[str, Found | str, bool],
    unit: str | None,
    lines: dict[str, Draft],
) -> None:
    name, source, partial = current
    if field is None or (field in RATES) != (match["unit"] == "%"):
        return
    value = number(match["figure"])
    if value is None:
        return
    if field == "adjustment" and any(word in match[0] for word in _SIGN) and value > 0:
        value = -value
    line = lines.setdefault(name, empty_line(source, partial))
    if line[field] is None:
        line[field] = _value(text, match, value, unit)


def _field(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    if "kind" in groups:
        return None if groups["kind"] == "收入" else "actual"
    return next((field for field in _LABELS if groups.get(field)), None)


def _value(text: Flat, match: re.Match[str], value: Decimal, unit: str | None) -> Found | None:
    if match["unit"] == "%":
        return text.found(*match.span("figure"), value)
    figure = text.found(*match.span("figure"), value)
    printed = text.found(*match.span("unit"))
    if figure is None or printed is None or match["unit"] == unit or unit is None:
        return figure
    amount = Money(value, match["unit"]).converted(unit).amount
    return Found(Decimal(format(amount, "f")), figure.spans + printed.spans)


def projects_in(source: Source, start: int, end: int, unit: str | None) -> list[Draft]:
    """Draft projects of the items that give a project's budget and spending."""
    text = flat(source, start, end)
    out: list[Draft] = []
    found = [*_items(source, text), *_in_passing(text)]
    for a, b in sorted(found):
        draft = _project(text, a, b, unit)
        if draft is not None and not any(draft["name"].value == other["name"].value for other in out):
            out.append(draft)
    return out


def enumerated(source: Source, start: int, end: int, unit: str | None) -> list[Draft]:
    """The projects that a passage on special funds enumerates; none where it tells of one fund."""
    found = projects_in(source, start, end, unit)
    return found if len(found) >= 2 else []


def _in_passing(text: Flat) -> Iterator[tuple[int, int]]:
    """Clauses that give a project's budget outside of an enumeration: 宣传经费预算38万元，支出36万元."""
    for match in (*_NAMED_PROJECT.finditer(text.text), *_HEADED_PROJECT.finditer(text.text)):
        stop = re.compile(r"[；;。]").search(text.text, match.end())
        yield match.start("name"), stop.end() if stop else len(text.text)


def _items(source: Source, text: Flat) -> Iterator[tuple[int, int]]:
    marks: list[tuple[int, int]] = []
    for i, position in enumerate(text.at):
        fresh = i == 0 or "\n" in source.text[text.at[i - 1] : position] or text.text[i - 1] in "。；;:：、"
        lead = _PROJECT_LEAD.match(text.text, i) if fresh else None
        if lead:
            marks.append((i, lead.end()))
    for n, (_, inner) in enumerate(marks):
        yield inner, marks[n + 1][0] if n + 1 < len(marks) else len(text.text)


def _project(text: Flat, a: int, b: int, unit: str | None) -> Draft | None:
    item = text.text[a:b]
    stop = re.search(r"[。:：,，;；(（]|(?:年初|全年|年度|安排)?预算", item)
    if stop is None or not 3 <= stop.start() <= 40:
        return None
    draft: Draft = {
        "name": text.found(a, a + stop.start()),
        "budget": None,
        "actual": None,
        "execution_rate": None,
        "score": None,
        "grade": None,
    }
    for match in _MONEY.finditer(text.text, a, b):
        field = {"initial": "budget", "adjusted": "budget", "budget_unspecified": "budget"}.get(
            _field(match) or "", _field(match)
        )
        value = number(match["figure"])
        if (
            field in draft
            and draft[field] is None
            and value is not None
            and (field == "execution_rate") == (match["unit"] == "%")
        ):
            draft[field] = _value(text, match, value, unit)
    draft["score"], draft["grade"] = score_in(text, a, b), grade_in(text, a, b)
    told = any(draft[key] is not None for key in ("actual", "execution_rate", "score", "grade"))
    return draft if draft["budget"] is not None and told else None


def rate_of(source: Source, start: int, end: int, name: str) -> Found | None:
    """The execution rate that some sentence gives for a project of this name."""
    text = flat(source, start, end)
    plain = squeezed(name)
    position = text.text.find(plain)
    while position >= 0:
        sentence = _SENTENCE.match(text.text, position)
        for match in _MONEY.finditer(text.text, position, sentence.end() if sentence else position):
            if _field(match) == "execution_rate" and match["unit"] == "%":
                value = number(match["figure"])
                return text.found(*match.span("figure"), value) if value is not None else None
        position = text.text.find(plain, position + 1)
    return None
