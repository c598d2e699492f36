"""A run as one page to look at, beside another run if there is one; it needs no network and runs no script.

What documents say is only ever text. Labels are in Chinese, as on every page of the tool.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from statistics import fmean
from typing import TYPE_CHECKING

from markupsafe import Markup

from extractor.evaluation.comparing import Comparison
from extractor.evaluation.gating import Gate
from extractor.evaluation.records import LeafRecord, RunRecord
from extractor.evaluation.reports.marking import marked
from extractor.evaluation.reports.plots import Line, Mark, history, intervals
from extractor.evaluation.reports.words import sides, verdict, warnings
from extractor.evaluation.scores import Scores, by_document, field_f1, group_f1, scores
from extractor.evaluation.shape import GROUPS
from extractor.evaluation.statistics import interval

if TYPE_CHECKING:
    from jinja2 import Template

_GROUPS = {
    "header": "表头", "budget": "资金", "goal": "目标", "tasks": "任务", "indicators": "指标",
    "projects": "项目", "texts": "长文", "problems": "问题", "measures": "措施", "links": "问题与措施的对应",
}  # fmt: skip
_VERDICTS = {
    "right": "正确但出处不符", "wrong": "错误", "missed": "漏取", "invented": "多取", "invalid": "无效",
    "unlabelled": "未标注，不计分",
}  # fmt: skip
_TAGS = {
    "scale": "数量级", "unit": "单位", "sign": "正负号", "rounding": "进位", "year": "年份",
    "operator": "比较符", "negation": "否定词", "figure": "数字", "swapped": "与相邻值互换",
    "misplaced": "值对位置错",
}  # fmt: skip
_DECISIONS = {"better": "变好", "worse": "变差", "same": "无变化", "undecided": "现有材料不能判定"}
_OUTCOMES = {"pass": "通过", "regression": "退步", "undecided": "不能判定", "incomparable": "不可比"}
_SIDES = {
    "mean F1": "文档平均F1", "micro F1": "合并F1", "right and grounded": "正确且出处相符",
    "wrong and grounded figures": "错误而有出处的数字", "items missed / invented whole": "整条漏取／多取",
    "documents failed": "失败文档", "chunks lost": "丢失片段", "calls / tokens": "调用／token",
    "cost": "费用", "seconds a document, p50 / p95": "每份秒数 p50／p95",
    "repeat noise": "重复间标准差",
}  # fmt: skip
_AROUND = 1


@dataclass(frozen=True)
class Point:
    """One earlier run of the same suite."""

    at: str
    version: str
    title: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Cell:
    """One cell of the heat map: F1 of one document within one field, None where it has no such leaf."""

    f1: float | None
    before: float | None = None

    @property
    def shade(self) -> str:
        """The CSS class: ten steps, the last only for all right."""
        if self.f1 is None:
            return "none"
        return f"h{10 if self.f1 >= 1 else max(0, min(9, int((self.f1 - 0.5) * 20)))}"


@dataclass(frozen=True)
class Wrong:
    """One value on the page: where it stands, what the gold and the runs say, the source around it."""

    document: str
    field: str
    mark: str
    gold: str | None
    base: LeafRecord | None
    new: LeafRecord | None
    source: tuple[tuple[int, str, bool], ...] = ()


@dataclass(frozen=True)
class Beside:
    """What a page may show beside the run."""

    found: Comparison | None = None
    gate: Gate | None = None
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    earlier: Sequence[Point] = ()


def page(run: RunRecord, beside: Beside | None = None) -> str:
    """The page's HTML; `sources` leads from a document's hash to its lines."""
    beside = beside or Beside()
    own, style = scores(run), _asset("page.css")
    return _template().render(
        run=run,
        own=own,
        tiles=list(_tiles(own)),
        found=beside.found,
        decision=_DECISIONS[beside.found.decision] if beside.found else None,
        gate=(_OUTCOMES[beside.gate.outcome], beside.gate.reasons) if beside.gate else None,
        groups=[(_GROUPS[group], len(names)) for group, names in _columns(own).items()],
        columns=[name.split(".")[-1] for names in _columns(own).values() for name in names],
        said=verdict(beside.found) if beside.found else None,
        notes=warnings(beside.found) if beside.found else (),
        sides=[(_SIDES[row[0]], *row[1:]) for row in sides(beside.found)] if beside.found else (),
        group_plot=_group_plot(run, beside.found),
        difference_plot=_difference_plot(beside.found) if beside.found else None,
        history_plot=_history_plot(beside.earlier) if len(beside.earlier) > 1 else None,
        rows=list(_heat(run, beside.found, [f"{g}:{n}" for g, own_ in _columns(own).items() for n in own_])),
        wrong=list(_wrong(run, beside)),
        fields=own.fields,
        verdicts=_VERDICTS,
        tags=_TAGS,
        marked=marked,
        style=style,
        style_hash="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _tiles(own: Scores) -> Iterator[tuple[str, str]]:
    yield "文档平均F1", f"{own.mean:.4f}"
    yield "95%区间", f"{own.low:.4f}–{own.high:.4f}"
    yield "合并F1", f"{own.micro.f1:.4f}"
    yield "宽松F1（文本只看相似度）", f"{own.plain:.4f}"
    yield "正确且出处相符", "标注无出处" if own.placed is None else f"{own.placed:.4f}"
    yield (
        "错误而有出处的数字",
        f"{own.wrong_figures}{f'（{own.disputed}处已标争议）' if own.disputed else ''}",
    )
    yield "整条漏取／多取", f"{own.missed_whole}／{own.invented_whole}"
    yield "失败文档", str(own.failed)
    yield "丢失片段", f"{own.lost}／{own.chunks}"
    yield "调用／token", f"{own.calls}／{own.tokens}"
    yield "费用", {"none": "无", "unknown": "价格未知"}.get(own.cost, own.cost)
    yield "每份秒数 p50／p95", f"{own.p50:.2f}／{own.p95:.2f}"
    if own.noise is not None:
        yield "重复间标准差", f"{own.noise:.4f}"
    if own.unlabelled:
        yield "未标注，不计分", str(own.unlabelled)


def _group_plot(run: RunRecord, found: Comparison | None) -> Markup:
    runs = [("base", found.base), ("new", run)] if found else [("new", run)]
    lines = [Line("全部", tuple(_mark(kind, [fmean(r.f1 for r in own) for own in by_document(one).values()])
                              for kind, one in runs))]  # fmt: skip
    for group in GROUPS:
        known = [(kind, _of_group(one, group)) for kind, one in runs]
        if any(values for _, values in known):
            lines.append(Line(_GROUPS[group], tuple(_mark(kind, values) for kind, values in known if values)))
    return intervals(lines)


def _of_group(run: RunRecord, group: str) -> list[float]:
    found = (group_f1(records, group) for records in by_document(run).values())
    return [one for one in found if one is not None]


def _mark(kind: str, values: Sequence[float]) -> Mark:
    mean = fmean(values)
    low, high = interval(values) if len(values) > 1 else (mean, mean)
    low, high = max(0.0, low), min(1.0, high)
    return Mark(kind, mean, low, high, f"{mean:.4f}（{low:.4f}–{high:.4f}，{len(values)}份）")


def _difference_plot(found: Comparison) -> Markup:
    """The difference of each document that moved, then their mean with its interval."""
    own = found.paired
    moved = sorted((one for one in found.documents if one.difference), key=lambda one: one.difference)
    lines = [
        Line(one.name, (Mark(*_signed(one.difference), f"{one.base:.4f} → {one.new:.4f}"),)) for one in moved
    ]
    label = f"{own.mean:+.4f}（{own.low:+.4f}–{own.high:+.4f}）"
    lines.append(Line("平均差", (Mark("new", own.mean, own.low, own.high, label),)))
    return intervals(lines, zero=0.0)


def _signed(difference: float) -> tuple[str, float, float, float]:
    kind = "better" if difference > 0 else "worse"
    return kind, difference, min(0.0, difference), max(0.0, difference)


def _history_plot(earlier: Sequence[Point]) -> Markup:
    return history(
        [
            Mark(
                "new", one.mean, one.low, one.high, f"{one.at[:16]} {one.version} {one.title} {one.mean:.4f}"
            )
            for one in earlier
        ]
    )


def _columns(own: Scores) -> dict[str, list[str]]:
    """The fields of each group, as the heat map shows them."""
    out: dict[str, list[str]] = {}
    for name in own.fields:
        group, field_name = name.split(":")
        out.setdefault(group, []).append(field_name)
    return out


def _heat(run: RunRecord, found: Comparison | None, names: Sequence[str]) -> Iterator[tuple[str, list[Cell]]]:
    """The documents, the lowest first, and their cells: all, then each field."""
    before = by_document(found.base) if found else {}
    for key, records in sorted(by_document(run).items(), key=lambda item: fmean(one.f1 for one in item[1])):
        base = before.get(key)
        whole = Cell(fmean(one.f1 for one in records), fmean(one.f1 for one in base) if base else None)
        rest = [Cell(field_f1(records, one), field_f1(base, one) if base else None) for one in names]
        yield key, [whole, *rest]


def _wrong(run: RunRecord, beside: Beside) -> Iterator[Wrong]:
    """With another run: what changed, then what is wrong in both; alone: everything that is not right."""
    shas = {f"{one.dataset}/{one.name}": one.sha256 for one in run.documents}
    changed = set()
    for change in beside.found.changes if beside.found else ():
        changed.add(id(change.new))
        yield Wrong(
            change.document,
            change.field,
            change.effect,
            change.gold,
            change.base,
            change.new,
            _around(beside.sources.get(shas.get(change.document, ""), ()), change.line),
        )
    for one in run.documents:
        for leaf in one.leaves:
            if id(leaf) not in changed:
                lines = beside.sources.get(one.sha256, ())
                source = _around(lines, leaf.line or leaf.got_line)
                yield Wrong(f"{one.dataset}/{one.name}", leaf.field, "still", leaf.gold, None, leaf, source)


def _around(lines: Sequence[str], line: int | None) -> tuple[tuple[int, str, bool], ...]:
    """The line with its neighbours: number, text, whether it is the one."""
    if line is None or not 0 < line <= len(lines):
        return ()
    first, last = max(1, line - _AROUND), min(len(lines), line + _AROUND)
    return tuple((n, lines[n - 1][:400], n == line) for n in range(first, last + 1))


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
