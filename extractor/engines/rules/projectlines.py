"""Projects in a table whose cells came out as a stream of words: its head, then a name and figures a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.drafts import Draft
from extractor.engines.rules.gridheads import PROJECT_FIELDS, draft_project
from extractor.engines.rules.gridlines import kind_of
from extractor.folding import squeezed
from extractor.fundlines import TOTALS
from extractor.quantities import NUMBER
from extractor.source import Source

_HEAD = re.compile(r"^[ \t]*(?:序号\s+)?项目名称(?=\s)", re.M)
_WORD = re.compile(r"\s+([^\s\d]{2,16})")
_NAME = r"\s*(?:\d{1,3}\s+)?(?P<name>[\u3400-\u9fff\d\"(][^\n。；;]{1,39}?(?:\n[^\n。；;]{1,20}?)?)(?=\s)"
_BLANK = r"[-—/]{1,2}"
_FIGURE = rf"{NUMBER}(?:\s*%)?"
_GRADE = r"[优良中差](?:秀|好)?"
_LEAST_COLUMNS, _LEAST_ROWS = 2, 2


def listed_projects(source: Source, unit: str | None) -> list[Draft]:
    """The draft projects of the first such table; none where fewer than two rows hold what its head says."""
    for head in _HEAD.finditer(source.text):
        columns, start = _columns(source.text, head.end())
        if len(columns) < _LEAST_COLUMNS or "actual" not in columns:
            continue
        found = list(_rows(source, columns, start, unit))
        if len(found) >= _LEAST_ROWS:
            return found
    return []


def _columns(text: str, position: int) -> tuple[list[str], int]:
    """The kinds of the words behind 项目名称 as far as they head columns of projects, and where they end."""
    columns: list[str] = []
    while (match := _WORD.match(text, position)) is not None:
        kind = kind_of(squeezed(match[1]))
        if kind not in PROJECT_FIELDS or kind in columns or not PROJECT_FIELDS[kind]:
            break
        columns.append(kind)
        position = match.end()
    return columns, position


def _rows(source: Source, columns: Sequence[str], position: int, unit: str | None) -> Iterator[Draft]:
    cells = r"\s+".join(rf"(?P<{kind}>{_GRADE if kind == 'grade' else _FIGURE}|{_BLANK})" for kind in columns)
    row = re.compile(rf"{_NAME}\s+{cells}(?=\s|$)")
    while (match := row.match(source.text, position)) is not None:
        position = match.end()
        name = source.found([match.span("name")], match["name"].replace("\n", ""))
        if name is not None and squeezed(match["name"]) not in TOTALS:
            places = {kind: match.span(kind) for kind in columns if not re.fullmatch(_BLANK, match[kind])}
            yield draft_project(source, name, places, unit)
