"""`extractor check`: what does not add up in results, what a person says of it, and a line to hold."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import simplejson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.checking import Checked, rechecked
from extractor.checks.case import GRADES, Finding, Thresholds
from extractor.checks.registry import checks
from extractor.cli.outputs import write
from extractor.cli.settings import Settings, settings
from extractor.document import Document
from extractor.errors import InputError, Refused
from extractor.extraction import grounded
from extractor.render.json import loads

NEVER = "never"


def thresholds(given: Settings) -> Thresholds:
    """The marks in force: those of [checks] in the settings, else the defaults."""
    own = {one.name: given.get(one.name) for one in fields(Thresholds)}
    return Thresholds(**{name: Decimal(str(value)) for name, value in own.items() if value is not None})


def listed(config: Path | None = None) -> None:
    """Explain every check, with the marks in force."""
    out, given = Table(), thresholds(settings({}, config))
    for title in ("id", "级别", "内容", "公式或依据", "所需", "阈值", "方式"):
        out.add_column(title, overflow="fold")
    for one in checks():
        how = "规则；可另由模型判断" if one.judgement else "规则"
        marks = "；".join(given.source(name) for name in one.thresholds)
        out.add_row(*map(Text, (one.id, one.grades, one.title, one.formula, one.needs, marks, how)))
    Console(highlight=False).print(out)


def check(
    paths: Sequence[Path],
    fail_on: str,
    marks: Mapping[str, Sequence[str]],
    reason: str | None,
    config: Path | None,
) -> None:
    """Check results anew and print what is found; raises `Refused` at or above the grade."""
    if fail_on not in (*GRADES, NEVER):
        raise InputError(f"--fail-on takes {', '.join((*GRADES, NEVER))}, not {fail_on}")
    wanted = [(word, status) for status, words in marks.items() for word in words]
    if wanted and not (reason or "").strip():
        raise InputError("--accept and --reject need a reason: --reason TEXT")
    if wanted and len(paths) != 1:
        raise InputError("--accept and --reject take one result")
    given = thresholds(settings({}, config))
    counted: Counter[str] = Counter()
    for path in paths:
        result = read_result(path)
        found = rechecked(result, grounded, given)
        if wanted:
            found = _marked(found, wanted, str(reason))
        _shown(path, found)
        if _plain(found.result) != _plain(result):
            write(path, _dumped(found.result))
        counted.update(one.grade for one in found.findings if one.status != "rejected")
    _hold(counted, fail_on)


def read_result(path: Path) -> dict[str, Any]:
    """A result file's content; raises `InputError`."""
    try:
        return loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{path}: not a result of extractor extract ({first})") from error


def _plain(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result in plain values, in the order of its keys."""
    return {**result, "report": result["report"].model_dump()}


def _dumped(result: Mapping[str, Any]) -> bytes:
    text = simplejson.dumps(_plain(result), use_decimal=True, ensure_ascii=False, indent=2)
    return f"{text}\n".encode()


def _marked(found: Checked, wanted: Sequence[tuple[str, str]], reason: str) -> Checked:
    own, starts = list(found.findings), _starts(found.result)
    for word, status in wanted:
        id, _, place = word.partition(":")
        place, _, nth = place.partition(".") if re.fullmatch(r"\d+\.\d+", place) else (place, "", "")
        hits = [i for i, one in enumerate(own) if one.id == id and _is_at(one, place, starts)]
        hits = hits[int(nth) - 1 : int(nth)] if nth else hits
        if not hits:
            raise InputError(f"no finding {word}")
        hits = [i for i in hits if place in own[i].pointers[:1]] or hits
        if len(hits) > 1:
            names = ", ".join(f"{id}:{name}" for name in _names([own[i] for i in hits], starts))
            raise InputError(f"there are {len(hits)} findings {word}: name one by its line, {names}")
        own[hits[0]] = replace(own[hits[0]], status=status, reason=reason)
    result = {**found.result, "findings": [one.as_dict() for one in own]}
    return Checked(result, tuple(own), found.corrected)


def _names(found: Sequence[Finding], starts: Sequence[int]) -> Iterator[str]:
    """What tells findings of one check apart: the line, with a number where one line has several."""
    lines = [_line(one, starts) or one.pointers[0] for one in found]
    for i, line in enumerate(lines):
        yield f"{line}.{lines[: i + 1].count(line)}" if lines.count(line) > 1 else line


def _is_at(one: Finding, place: str, starts: Sequence[int]) -> bool:
    """Whether a finding is the one named by its pointer or by the line that the table shows."""
    if place.isdigit():
        return _line(one, starts) == place
    return not place or place in one.pointers


def _starts(result: Mapping[str, Any]) -> list[int]:
    return [line.start for line in Document("", result["document"]["text"]).lines]


def _line(one: Finding, starts: Sequence[int]) -> str:
    """The number of the line on which a finding begins, blank where it has no place."""
    return str(bisect_right(starts, one.spans[0][0])) if one.spans else ""


def _shown(path: Path, found: Checked) -> None:
    report = found.result["report"]
    title = f"{path}: {report.department or ''} {report.fiscal_year or ''}"
    out = Table(title=Text(title), title_justify="left")
    pages = _pages(found.result)
    for head in ("级别", "编号", "页 / 行" if pages else "行", "发现", "计算", "状态"):
        out.add_column(head, overflow="fold")
    starts = _starts(found.result)
    order = {grade: i for i, grade in enumerate(GRADES)}
    for one in sorted(found.findings, key=lambda one: order[one.grade]):
        line = _line(one, starts)
        page = next((n for a, b, n in pages for c, d in one.spans[:1] if a < d and c < b), None)
        line = f"{page} / {line}" if page is not None else line
        state = {"open": "", "accepted": "已接受", "rejected": "已排除"}[one.status]
        said = f"{state} {one.reason or ''}".strip()
        out.add_row(*map(Text, (one.grade, one.id, line, one.message, one.computed or "", said)))
    Console(highlight=False).print(out)
    if found.corrected:
        print(f"{path}: corrected by a person: {', '.join(found.corrected)}", file=sys.stderr)


def _pages(result: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """Where each value stands in the text and on which page; none for a document without pages."""
    return [
        (one["start"], one["end"], one["page"])
        for own in result["evidence"].values()
        for one in own
        if one["page"] is not None
    ]


def _hold(counted: Mapping[str, int], fail_on: str) -> None:
    """Raises `Refused` where a finding at or above the grade stands."""
    if fail_on == NEVER:
        return
    above = GRADES[: next(i for i, grade in enumerate(GRADES) if grade == fail_on) + 1]
    standing = {grade: counted[grade] for grade in above if counted.get(grade)}
    if standing:
        words = ", ".join(f"{number} {grade}" for grade, number in standing.items())
        raise Refused(f"findings at or above {fail_on}: {words}")
