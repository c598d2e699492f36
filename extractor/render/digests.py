"""A digest as a page with plots, as Markdown, and as the sheets of a workbook."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from extractor.marks import COMMENT

if TYPE_CHECKING:
    from jinja2 import Template

_WIDTH, _LEFT = 420, 220
_MOST_ROWS = 60


class Bar(NamedTuple):
    """One bar: its label, its value, its share of the largest."""

    label: str
    value: int
    share: float


class Dot(NamedTuple):
    """One department on a scale: where it stands, and its words."""

    x: float
    label: str


class Held(Protocol):
    """A digest, as `extractor.reviewing.digest` makes it."""

    rows: list[Any]
    problems: list[Any]
    measures: list[Any]

    def groups(self, told: Sequence[Any]) -> list[tuple[str, list[Any]]]:
        """Sentences by theme."""
        ...

    def told(self, id: str) -> list[Any]:
        """The findings of a check."""
        ...

    def ids(self) -> list[tuple[str, int, int]]:
        """Each check with its findings and departments."""
        ...

    def outliers(self) -> list[Any]:
        """Figures far from the others."""
        ...


def page(digest: Held, titles: dict[str, str]) -> str:
    """The page's HTML; `titles` explains the checks."""
    style = _asset("digest.css")
    return _template().render(
        digest=digest,
        titles=titles,
        problems=digest.groups(digest.problems),
        measures=digest.groups(digest.measures),
        problem_bars=bars(digest.groups(digest.problems)),
        measure_bars=bars(digest.groups(digest.measures)),
        execution=dots([(row.department, row.execution) for row in digest.rows]),
        adjustment=dots([(row.department, row.adjustment) for row in digest.rows]),
        outliers=digest.outliers(),
        grades=grades(digest.rows),
        left=_LEFT,
        style=style,
        style_hash="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def bars(groups: Sequence[tuple[str, list[Any]]]) -> list[Bar]:
    """The departments behind each theme."""
    counts = [(name, len({one.file for one in own})) for name, own in groups]
    most = max((count for _, count in counts), default=1)
    return [Bar(name, count, count / most * _WIDTH) for name, count in counts]


class Grades(NamedTuple):
    """The findings of one department: its name, and where each grade's part of the bar begins and ends."""

    label: str
    parts: tuple[tuple[str, float, float, int], ...]
    total: int


def grades(rows: Sequence[Any]) -> list[Grades]:
    """The departments with their errors, warnings and notes side by side, the most errors first."""
    most = max((sum(row.counts) for row in rows), default=0) or 1
    out = []
    for row in sorted(rows, key=lambda one: (-one.counts[0], -one.counts[1]))[:_MOST_ROWS]:
        at, parts = 0.0, []
        for grade, count in zip("EWI", row.counts, strict=True):
            width = count / most * _WIDTH
            parts.append((grade, at, width, count))
            at += width
        out.append(Grades(row.department, tuple(parts), sum(row.counts)))
    return out


def dots(values: Sequence[tuple[str, Decimal | None]]) -> tuple[list[Dot], str, str]:
    """The departments on one scale, and its ends."""
    known = [(name, value) for name, value in values if value is not None]
    if not known:
        return [], "", ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    span = (high - low) or Decimal(1)
    width = Decimal(_WIDTH + _LEFT - 40)
    made = [Dot(float(20 + (value - low) / span * width), f"{name} {value}%") for name, value in known]
    return made, f"{low}%", f"{high}%"


def markdown(digest: Held, titles: dict[str, str]) -> str:
    """The digest as Markdown."""
    parts = [
        f"# 部门整体支出绩效自评汇总（{len(digest.rows)}份）",
        "## 主要数据",
        _table(*_figures(digest)),
    ]
    parts += ["## 审核发现", _table(*_ids(digest, titles))]
    for title, told in (("反复出现的问题", digest.problems), ("反复出现的措施", digest.measures)):
        parts.append(f"## {title}")
        for name, own in digest.groups(told):
            parts.append(f"### {name}（{len(own)}条，{len({one.file for one in own})}个部门）")
            parts.append(
                "\n".join(
                    f"- {_safe(f'{one.department}：{one.text}（{one.file}第{one.line}行）')}" for one in own
                )
            )
    parts += ["## 离群值", _table(*_outliers(digest))]
    return "\n\n".join([*parts, COMMENT]) + "\n"


def sheets(digest: Held, titles: dict[str, str]) -> list[tuple[str, Sequence[str], list[list[Any]]]]:
    """The digest as sheets of a workbook."""
    out: list[tuple[str, Sequence[str], list[list[Any]]]] = [
        ("主要数据", *_figures(digest)),
        ("审核发现", *_ids(digest, titles)),
        ("发现明细", ("编号", "部门", "内容", "文件", "原文行"), _told(digest)),
    ]
    for title, told in (("问题", digest.problems), ("措施", digest.measures)):
        rows = [
            [name, one.department, one.text, one.file, one.line]
            for name, own in digest.groups(told)
            for one in own
        ]
        out.append((title, ("主题", "部门", "内容", "文件", "原文行"), rows))
    out.append(("离群值", *_outliers(digest)))
    return out


def _told(digest: Held) -> list[list[Any]]:
    return [
        [id, row.department, words, row.file, line]
        for id, _, _ in digest.ids()
        for row, words, line in digest.told(id)
    ]


def _figures(digest: Held) -> tuple[Sequence[str], list[list[Any]]]:
    head = (
        "部门",
        "年度",
        "预算（万元）",
        "支出（万元）",
        "完成率%",
        "调整率%",
        "错误",
        "警示",
        "提示",
        "文件",
    )
    return head, [
        [r.department, r.year, r.budget, r.actual, r.execution, r.adjustment, *r.counts, r.file]
        for r in digest.rows
    ]


def _ids(digest: Held, titles: dict[str, str]) -> tuple[Sequence[str], list[list[Any]]]:
    return ("编号", "内容", "条数", "部门数"), [[id, titles.get(id, ""), n, m] for id, n, m in digest.ids()]


def _outliers(digest: Held) -> tuple[Sequence[str], list[list[Any]]]:
    rows = [
        [one.name, one.department, one.value, f"{one.low:.2f} 至 {one.high:.2f}", one.file]
        for one in digest.outliers()
    ]
    return ("项目", "部门", "数值", "其余部门的常见范围", "文件"), rows


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join("" if c is None else _safe(str(c)) for c in line) + " |" for line in lines
    )


def _safe(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_[]<>~|#" else c for c in " ".join(text.split()))


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("digest.html.j2"))
