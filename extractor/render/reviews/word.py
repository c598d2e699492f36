"""A draft as a Word document in the form of an official one (GB/T 9704): 仿宋, 一、（一）1."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from extractor.marks import MARK
from extractor.render.reviews.outline import EMPTY, evidence, heading, left_out, sections
from extractor.review import Review

_TITLE, _HEAD, _BODY = "方正小标宋简体", "黑体", "仿宋"
_SIZES = {_TITLE: Pt(22), _HEAD: Pt(16), _BODY: Pt(16)}
_INDENT = Pt(32)  # two characters of 16 points
_LEADING = Pt(28)
_NOTE = Pt(10.5)


def document(review: Review, text: str) -> bytes:
    """The draft's .docx; `text` is the document's."""
    out = docx.Document()
    page = out.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    out.core_properties.title = heading(review)
    out.core_properties.author = ""
    out.core_properties.keywords = MARK
    title = _paragraph(out, heading(review), _TITLE, indent=False)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for section in sections(review):
        _paragraph(out, f"{section.ordinal}、{section.title}", _HEAD)
        for i, one in enumerate(section.sentences):
            head = f"{i + 1}." if len(section.sentences) > 1 else ""
            own = _paragraph(out, f"{head}{' '.join(one.text.split())}", _BODY)
            if one.proofs:
                _run(own, f"［{'、'.join(map(str, one.proofs))}］", _BODY).font.superscript = True
        if not section.sentences:
            _paragraph(out, EMPTY, _BODY)
    if said := left_out(review):
        _paragraph(out, said, _BODY)
    _paragraph(out, "附：所引材料", _HEAD)
    for note in evidence(review, text):
        line = f"（第{note.line}行）" if note.line else ""
        own = _paragraph(out, f"［{note.number}］{line}{' '.join(note.text.split())}", _BODY, indent=False)
        own.runs[0].font.size = _NOTE
        own.paragraph_format.line_spacing = Pt(16)
    data = BytesIO()
    out.save(data)
    return data.getvalue()


def _paragraph(out: Any, text: str, face: str, indent: bool = True) -> Any:
    own = out.add_paragraph()
    form = own.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, _LEADING
    if indent:
        form.first_line_indent = _INDENT
    _run(own, text, face)
    return own


def _run(paragraph: Any, text: str, face: str) -> Any:
    run = paragraph.add_run("".join(c for c in text if c in "\t\n" or c >= " "))
    run.font.name, run.font.size = face, _SIZES[face]
    run._element.rPr.rFonts.set(qn("w:eastAsia"), face)
    return run
