"""Where in a document its form stands as a grid, with a narrative before or behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractor.engines.rules.gridlines import grid_rows, is_grid
from extractor.outline import sections
from extractor.source import Source

FORM_TITLE = re.compile(r"^[ \t*#]*[^\n。，；]{0,40}(?:自评表|自评\s*表|评价表)[ \t*]*$", re.M)
LEAST_NARRATIVE = 200
_APART = 600
_CHAPTERS = 2
_LEAST_ROWS = 8
_LEAST_KINDS = 4
_TITLES = 300
_NEAR, _ABOVE, _LEAST_TABLE = 60, 60, 3


@dataclass
class _Patch:
    """Rows of cells with no narrative between them: where they stand and how many they are."""

    start: int
    end: int
    rows: int


def grid_range(source: Source) -> tuple[int, int] | None:
    """The range of the grid that is the document's form, None where no grid is one."""
    patches = list(_patches(source.text))
    if not patches:
        return None
    best = max(patches, key=lambda patch: patch.rows)
    if not (is_grid(source, 0, len(source.text)) or _is_form(source, best)):
        return None
    last = max(patch.end for patch in patches if patch is best or patch.rows >= _LEAST_ROWS)
    behind = max(best.end, last)
    end = behind if _told(source.text, behind, len(source.text)) else len(source.text)
    return _start(source.text, best.start), end


def tables_among(source: Source, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The ranges of tables that stand in a narrative, each with the lines above that name it."""
    text = source.text
    for patch in _patches(text, _NEAR):
        if patch.rows >= _LEAST_TABLE and start <= patch.start < end:
            yield max(start, text.rfind("\n", 0, max(0, patch.start - _ABOVE)) + 1), patch.end


def _patches(text: str, apart: int | None = None) -> Iterator[_Patch]:
    """Rows with no narrative between them; with `apart`, no more than so many characters between them."""
    current: _Patch | None = None
    for line in re.finditer(r"[^\n]+", text):
        if line[0].count("\t") < 2 and line[0].count("|") < 3:
            continue
        far = current is not None and apart is not None and line.start() - current.end > apart
        if current is not None and (far or _told(text, current.end, line.start())):
            yield current
            current = None
        if current is None:
            current = _Patch(line.start(), line.end(), 0)
        current.end, current.rows = line.end(), current.rows + 1
    if current is not None:
        yield current


def _told(text: str, start: int, end: int) -> bool:
    """Whether a narrative with chapters of its own stands in a range."""
    return end - start >= _APART and sum(one.level == 1 for one in sections(text, start, end)) >= _CHAPTERS


def _is_form(source: Source, patch: _Patch) -> bool:
    """Whether a patch of rows beside a long narrative is a form: many rows, with the labels of one."""
    beside = _told(source.text, 0, patch.start) or _told(source.text, patch.end, len(source.text))
    if patch.rows < _LEAST_ROWS or not beside or not is_grid(source, patch.start, patch.end):
        return False
    kinds: Sequence[str | None] = [
        kind for row in grid_rows(source, patch.start, patch.end) for kind in row.kinds
    ]
    return len(set(kinds) - {None, "side"}) >= _LEAST_KINDS


def _start(text: str, first: int) -> int:
    """Where a grid's form begins: at its title behind a narrative, else where the document does."""
    titles = [match.start() for match in FORM_TITLE.finditer(text, max(0, first - _TITLES), first)]
    start = titles[0] if titles else first
    return start if start >= LEAST_NARRATIVE and sections(text, 0, start) else 0
