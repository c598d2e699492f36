"""The rules engine: what of a document is a form, a grid or a narrative, and one draft from them all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from extractor.document import Document
from extractor.drafts import Draft, Lost
from extractor.engines.base import Reading
from extractor.engines.rules.forms import read_form
from extractor.engines.rules.grid import read_grid
from extractor.engines.rules.gridlines import is_grid
from extractor.engines.rules.gridrange import FORM_TITLE, LEAST_NARRATIVE, grid_range, tables_among
from extractor.engines.rules.header import titled_department, year_found
from extractor.engines.rules.narrative import read_narrative
from extractor.engines.rules.projectlines import listed_projects
from extractor.engines.rules.regions import Region, regions
from extractor.engines.rules.vocabulary import FUNDING
from extractor.errors import NotSelfEvaluation
from extractor.merging import merged
from extractor.outline import sections
from extractor.pairing import paired
from extractor.recognition import groups_found, may_be_self_evaluation
from extractor.source import Source

_PROJECT_TITLE = re.compile(
    r"^[ \t*#]*[^\n。，；]{0,40}项目(?:支出)?绩效\s*(?:目标)?(?:完成情况)?自评\s*表[ \t*]*$", re.M
)
_SHORTEST_FORM = 400
_REPORT_TITLE = re.compile(r"^[ \t*#]*[^\n。，；:]{0,40}自评\s*报告[ \t*]*$", re.M)
_MONEY_LABELS = tuple((kind,) for kind in FUNDING)
_LEAST_LABELS = 5


class RulesEngine:
    """Reads self-evaluations of layouts A to E without a model."""

    name = "rules"

    def read(self, document: Document) -> Reading:
        """The draft report; raises `NotSelfEvaluation` for any other text."""
        source = Source(document)
        if not may_be_self_evaluation(source.text):
            raise NotSelfEvaluation(f"{document.name}: not a self-evaluation of government spending")
        reading = _read(source)
        draft = reading.draft
        if groups_found(draft) + bool(reading.lost) < 2:
            raise NotSelfEvaluation(f"{document.name}: not a self-evaluation of government spending")
        _fill_head(source, draft)
        if not draft["projects"]:
            unit = draft["money_unit"]
            draft["projects"] = listed_projects(source, str(unit.value) if unit else None)
        paired(draft)
        return reading


def _fill_head(source: Source, draft: Draft) -> None:
    end = len(source.text)
    if draft["department"] is None:
        draft["department"] = titled_department(source, 0, end)
    if draft["fiscal_year"] is None:
        draft["fiscal_year"] = year_found(source, 0, end)


def _read(source: Source) -> Reading:
    text = source.text
    end = len(text)
    form = form_range(source)
    if form is None:
        return Reading(_with_tables(source, read_narrative(source, 0, end), 0, end))
    start, stop = form
    first, *others = form_ranges(source, start, stop)
    draft, lost = _form(source, *first)
    for other in others:
        project, missed = _form(source, *other)
        draft["projects"] += project["projects"]
        lost += missed
    for a, b in sorted(((0, start), (stop, end)), key=lambda part: part[0] - part[1]):
        if b - a >= LEAST_NARRATIVE and sections(text, a, b):
            unit = draft["money_unit"]
            told = _with_tables(source, read_narrative(source, a, b, str(unit.value) if unit else None), a, b)
            both, conflicts = merged(draft, told, ("form", "narrative"))
            return Reading(both, conflicts, lost)
    return Reading(draft, lost=lost)


def _with_tables(source: Source, draft: Draft, first: int, last: int) -> Draft:
    """The draft of a narrative with what only the tables among its paragraphs tell."""
    for start, end in tables_among(source, first, last):
        told = read_grid(source, start, end)
        if len(told["projects"]) >= 2:
            draft["projects"] = told["projects"]
        for group in ("tasks", "indicators", "budget"):
            draft[group] = draft[group] or told[group]
    return draft


def _form(source: Source, start: int, end: int) -> tuple[Draft, list[Lost]]:
    """One form, as a grid or as a stream of pieces."""
    return (
        (read_grid(source, start, end), []) if is_grid(source, start, end) else read_form(source, start, end)
    )


def form_ranges(source: Source, start: int, end: int) -> list[tuple[int, int]]:
    """The forms of a range: the department's, and those of single projects behind it."""
    titles = [match.start() for match in _PROJECT_TITLE.finditer(source.text, start, end)]
    cuts = [start, *(title for title in titles if title - start > _SHORTEST_FORM), end]
    return list(pairwise(cuts))


def _labelled(found: Sequence[Region]) -> int:
    """How many values and passages of a form stand behind labels of their own."""
    return sum(region.kind == "passage" or region.columns[:1] in _MONEY_LABELS for region in found)


def form_range(source: Source) -> tuple[int, int] | None:
    """Where the document's form stands, None where it has none."""
    text = source.text
    grid = grid_range(source)
    if grid is not None:
        return grid
    found = regions(text, 0, len(text))
    heads = [region for region in found if region.kind in ("table", "budget") and len(region.columns) >= 3]
    if not heads:
        return (0, len(text)) if _labelled(found) >= _LEAST_LABELS else None
    first = heads[0].labels[0].start
    titles = [match.start() for match in FORM_TITLE.finditer(text, 0, first)]
    names = [
        region.labels[0].start
        for region in found
        if region.columns[:1] == ("department",) and region.labels[0].start < first
    ]
    start = titles[-1] if titles and first - titles[-1] < 1500 else names[-1] if names else first
    if start < LEAST_NARRATIVE or not sections(text, 0, start):
        start = 0
    after = _REPORT_TITLE.search(text, heads[-1].end)
    return start, after.start() if after else len(text)
