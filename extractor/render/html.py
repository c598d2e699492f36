"""An extraction as one page: the source beside the report, every grounded value linked both ways.

The page needs no network, and what the document says is only ever text: it is escaped, and a content
security policy lets nothing run but the page's own script, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from extractor.render.places import doubt_words, lost_words
from extractor.render.words import (
    GRADE_WORDS,
    MATCHES,
    ORIGINS,
    TITLES,
    Value,
    blocks,
    candidate_value,
    path_words,
    shown,
)
from extractor.report import FundingLine, Report
from extractor.result import Evidence, Extraction

if TYPE_CHECKING:
    from jinja2 import Template

_MOST_BARS = 5
# bidirectional controls would show text in an order in which it does not stand
_TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "◦")


@dataclass(frozen=True)
class Segment:
    """A stretch of the source under the same values, `keys` their numbers on the page."""

    text: str
    keys: tuple[int, ...]
    fuzzy: bool = False


@dataclass(frozen=True)
class Bar:
    """One amount beside others of the table, as a share of the largest."""

    label: str
    text: str
    share: float


@dataclass(frozen=True)
class Box:
    """Where a part of a value stands on a page, in points from its top left, and the values' numbers."""

    x: float
    y: float
    width: float
    height: float
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Sheet:
    """A page to show: its number, its size in points, its picture as a data URL, and the boxes on it."""

    number: int
    width: float
    height: float
    picture: str
    boxes: tuple[Box, ...]


def page(extraction: Extraction, pictures: Mapping[int, bytes] | None = None) -> str:
    """The page's HTML; `pictures` are WebP images of pages of the source by their numbers."""
    places = {**extraction.evidence, **_candidates(extraction)}
    numbers = {pointer: i for i, pointer in enumerate(places)}
    style, script = _asset("page.css"), _asset("page.js")
    return _template().render(
        title=" ".join(filter(None, (_name(extraction), shown(extraction.report.fiscal_year)))),
        extraction=extraction,
        report=extraction.report,
        blocks=blocks(extraction.report),
        segments=segments(extraction.document.text, places, numbers),
        numbers=numbers,
        matches={pointer: MATCHES[own[0].match] for pointer, own in places.items()},
        disputed={conflict.pointer for conflict in extraction.conflicts},
        conflicts=_conflicts(extraction),
        lost=lost_words(extraction.lost, [line.start for line in extraction.document.lines]),
        missing=set(extraction.ungrounded),
        ungrounded=[path_words(pointer) for pointer in extraction.ungrounded],
        findings=_findings(extraction),
        finding_counts=_counted(extraction),
        standing=_standing(extraction, places),
        sheets=_sheets(extraction, places, numbers, pictures or {}),
        unsure={one.pointer: doubt_words(one) for one in extraction.doubtful},
        doubtful=[(path_words(one.pointer), doubt_words(one), one.pointer) for one in extraction.doubtful],
        tiles=_tiles(extraction),
        bars=_bars(extraction.report),
        style=style,
        script=script,
        style_hash=_sri(style),
        script_hash=_sri(script),
    )


def _findings(extraction: Extraction) -> list[tuple[str, str, str, list[dict[str, Any]]]]:
    """The findings of each check together, those of the highest grade first."""
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for one in extraction.findings:
        groups.setdefault(("EWI".index(one["grade"]), one["id"]), []).append(one)
    return [
        (id, TITLES.get(id, ""), GRADE_WORDS["EWI"[grade]], own)
        for (grade, id), own in sorted(groups.items(), key=lambda item: item[0][0])
    ]


def _counted(extraction: Extraction) -> str:
    counts = (
        (words, sum(one["grade"] == grade for one in extraction.findings))
        for grade, words in GRADE_WORDS.items()
    )
    return "、".join(f"{words}{number}项" for words, number in counts if number)


def _name(extraction: Extraction) -> str:
    return extraction.report.department or extraction.document.name


Places = Mapping[str, Sequence[Evidence]]


def segments(text: str, places: Places, numbers: Mapping[str, int]) -> list[Segment]:
    """The whole source, cut wherever a value begins or ends; control marks that turn text round are shown."""
    opening: dict[int, list[int]] = {}
    closing: dict[int, list[int]] = {}
    fuzzy = {numbers[pointer] for pointer, own in places.items() if own[0].match == "fuzzy"}
    for pointer, own in places.items():
        for place in own:
            opening.setdefault(place.start, []).append(numbers[pointer])
            closing.setdefault(place.end, []).append(numbers[pointer])
    cuts = sorted({0, len(text), *opening, *closing})
    out: list[Segment] = []
    active: list[int] = []
    for a, b in pairwise(cuts):
        for key in closing.get(a, ()):
            active.remove(key)
        active += opening.get(a, [])
        piece = text[a:b].replace("\r\n", "\n").replace("\r", "\n").translate(_TURNING)
        piece = piece.replace("<br>", "↵").replace("\f", "\n")
        out.append(Segment(piece, tuple(active), bool(fuzzy & set(active))))
    return out


def _candidates(extraction: Extraction) -> dict[str, tuple[Evidence, ...]]:
    """The places of all readings of what is in conflict, under pointers of the page's own."""
    return {
        f"#{i}/{j}": candidate.evidence
        for i, conflict in enumerate(extraction.conflicts)
        for j, candidate in enumerate(conflict.candidates)
        if candidate.evidence
    }


def _conflicts(extraction: Extraction) -> list[tuple[str, list[tuple[Value, str]]]]:
    """Each conflict's field and its readings with where they come from."""
    return [
        (
            path_words(conflict.pointer),
            [
                (Value(candidate_value(c.value), f"#{i}/{j}"), ORIGINS.get(c.origin, c.origin))
                for j, c in enumerate(conflict.candidates)
            ],
        )
        for i, conflict in enumerate(extraction.conflicts)
    ]


def _standing(extraction: Extraction, places: Places) -> dict[str, str]:
    """The page and line on which each value begins, in words."""
    starts = [line.start for line in extraction.document.lines]
    out: dict[str, str] = {}
    for pointer, own in places.items():
        page = f"第 {own[0].page} 页 " if own[0].page is not None else ""
        out[pointer] = f"{page}第 {bisect_right(starts, own[0].start)} 行"
    return out


def _sheets(
    extraction: Extraction, places: Places, numbers: Mapping[str, int], pictures: Mapping[int, bytes]
) -> list[Sheet]:
    """The pages that have pictures, with a box round every value on them."""
    layout = extraction.document.layout
    boxes: dict[int, dict[tuple[float, ...], list[int]]] = {}
    for pointer, own in places.items():
        for place in own:
            if place.page is not None and place.page in pictures and place.bbox is not None:
                keys = boxes.setdefault(place.page, {}).setdefault(tuple(place.bbox), [])
                keys.append(numbers[pointer])
    sizes = {one.number: (one.width, one.height) for one in layout.pages} if layout else {}
    return [
        Sheet(
            number,
            *sizes[number],
            "data:image/webp;base64," + base64.b64encode(pictures[number]).decode(),
            tuple(
                Box(x0, y0, round(x1 - x0, 1), round(y1 - y0, 1), tuple(keys))
                for (x0, y0, x1, y1), keys in boxes.get(number, {}).items()
            ),
        )
        for number in sorted(pictures)
    ]


def _tiles(extraction: Extraction) -> list[tuple[str, str]]:
    report = extraction.report
    indicators = len(report.indicators) + sum(len(task.indicators) for task in report.tasks)
    return [
        ("有出处的值", f"{extraction.grounded_share:.1%}"),
        ("资金行", str(len(report.budget))),
        ("任务", str(len(report.tasks))),
        ("指标", str(indicators)),
        ("项目", str(len(report.projects))),
        ("问题", str(len(report.problems))),
        ("措施", str(len(report.measures))),
        ("存疑", str(_doubts(extraction))),
    ]


def _doubts(extraction: Extraction) -> int:
    """How many things on the page a person has to look at."""
    own = (extraction.ungrounded, extraction.conflicts, extraction.lost, extraction.doubtful)
    return sum(map(len, own))


def _bars(report: Report) -> list[Bar]:
    """The total's amounts side by side."""
    if not report.budget:
        return []
    total: FundingLine = report.budget[0]
    wanted: tuple[tuple[str, Any], ...] = (
        ("年初预算", total.initial),
        ("调整后预算", total.adjusted if total.adjusted is not None else total.budget_unspecified),
        ("实际支出", total.actual),
    )
    known = [(label, value) for label, value in wanted if value is not None and value >= 0][:_MOST_BARS]
    largest = max((value for _, value in known), default=0)
    unit = report.money_unit or ""
    return (
        [Bar(label, f"{value:,} {unit}", float(value / largest)) for label, value in known] if largest else []
    )


def _sri(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("page.html.j2"))
