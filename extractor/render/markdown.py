"""An extraction as Markdown: tables and lists, the document's own words escaped."""

from __future__ import annotations

import re

from extractor.marks import COMMENT
from extractor.render.places import doubt_words, lost_words
from extractor.render.words import Block, Value, blocks, candidate_words, path_words
from extractor.result import Extraction

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+\-!|~=@])")


def markdown(extraction: Extraction) -> str:
    """The report as Markdown, with the lines of the source behind each list entry."""
    report = extraction.report
    out = [COMMENT, "", f"# {_escaped(report.department or extraction.document.name)}", ""]
    for block in blocks(report):
        out += _block(block, extraction)
    out += [
        "## 出处",
        "",
        f"有出处的值 {extraction.grounded_share:.1%}；无出处 {len(extraction.ungrounded)}；"
        f"前后不一致 {len(extraction.conflicts)}",
    ]
    out += [f"- 无出处：{path_words(pointer)}" for pointer in extraction.ungrounded]
    starts = [line.start for line in extraction.document.lines]
    out += [f"- 未能读取：{words}" for words in lost_words(extraction.lost, starts)]
    for conflict in extraction.conflicts:
        told = "；".join(map(candidate_words, conflict.candidates))
        out.append(f"- 前后不一致：{path_words(conflict.pointer)} {_escaped(told)}")
    out += [f"- 请人工核对：{path_words(one.pointer)}（{doubt_words(one)}）" for one in extraction.doubtful]
    out += [f"- 疑点：{_escaped(str(finding['message']))}" for finding in extraction.findings]
    return "\n".join(out) + "\n"


def _block(block: Block, extraction: Extraction) -> list[str]:
    out = [f"## {block.title}", ""]
    out += [f"- {label}：{_cell(value, extraction)}" for label, value in block.values]
    for grid in block.grids:
        out += ["", "| " + " | ".join(grid.titles) + " |", "|" + " --- |" * len(grid.titles)]
        out += ["| " + " | ".join(_cell(value, extraction) for value in row) + " |" for row in grid.rows]
    out += [
        f"{n}. {_cell(value, extraction)}" + (f"（{value.note}）" if value.note else "")
        for n, value in enumerate(block.items, 1)
    ]
    return [*out, ""]


def _cell(value: Value | None, extraction: Extraction) -> str:
    if value is None:
        return ""
    text = _escaped(value.text).replace("\n", "<br>")
    return text + "（无出处）" if value.pointer in extraction.ungrounded else text


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
