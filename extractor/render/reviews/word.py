"""A draft as a Word document in the form of an official one (GB/T 9704): 仿宋, 一、（一）1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from extractor.marks import MARK
from extractor.render.reviews.outline import EMPTY, evidence, heading, left_out, sections
from extractor.review import Review, Sentence, ordinal

_TITLE, _HEAD, _SUB, _BODY = "方正小标宋简体", "黑体", "楷体", "仿宋"
_SIZES = {_TITLE: Pt(22), _HEAD: Pt(16), _SUB: Pt(16), _BODY: Pt(16)}
_OPENS = re.compile(
    r"^(?:错误|警示|提示)（[A-D]\d+）|^问题[一二三四五六七八九十]+|^其他措施|^审核发现|^未见|^表述"
)
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
    _numbered(page)
    title = _paragraph(out, heading(review), _TITLE, indent=False)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for section in sections(review):
        _outlined(_paragraph(out, f"{section.ordinal}、{section.title}", _HEAD), 0)
        for head, one in _ordered(section.sentences):
            own = _paragraph(
                out, f"{head}{' '.join(one.text.split())}", _SUB if head.startswith("（") else _BODY
            )
            if one.proofs:
                _cited(own, one.proofs)
        if not section.sentences:
            _paragraph(out, EMPTY, _BODY)
    if said := left_out(review):
        _paragraph(out, said, _BODY)
    _paragraph(out, "附：所引材料", _HEAD)
    for note in evidence(review, text):
        line = f"（第{note.line}行）" if note.line else ""
        own = _paragraph(out, f"［{note.number}］{line}{' '.join(note.text.split())}", _BODY, indent=False)
        own.runs[0].font.size = _NOTE
        _bookmarked(own, note.number)
        own.paragraph_format.line_spacing = Pt(16)
    data = BytesIO()
    out.save(data)
    return data.getvalue()


def _ordered(sentences: Sequence[Sentence]) -> Iterator[tuple[str, Sentence]]:
    """Each sentence with its number: （一） for one that opens a group or tells a problem, else 1."""
    groups = [i for i, one in enumerate(sentences) if _OPENS.search(one.text)]
    if len(sentences) < 2 or not groups:
        yield from ((f"{i + 1}." if len(sentences) > 1 else "", one) for i, one in enumerate(sentences))
        return
    group = item = 0
    for i, one in enumerate(sentences):
        if i in groups or (item == 0 and group == 0 and i < groups[0]):
            group, item = group + 1, 0
            yield f"（{ordinal(group - 1)}）", one
        else:
            item += 1
            yield f"{item}.", one


def _numbered(section: Any) -> None:
    """Page numbers as official documents have them: — 1 —, at the foot."""
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "— ", _BODY).font.size = Pt(14)
    run = _run(foot, "", _BODY)
    run.font.size = Pt(14)
    for kind, words in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = words
        run._element.append(part)
    _run(foot, " —", _BODY).font.size = Pt(14)


def _outlined(paragraph: Any, level: int) -> None:
    """A heading of the outline, so that the document can be walked through."""
    mark = OxmlElement("w:outlineLvl")
    mark.set(qn("w:val"), str(level))
    paragraph._element.get_or_add_pPr().append(mark)


def _cited(paragraph: Any, proofs: Sequence[int]) -> None:
    """The numbers of the proofs, each a link to its place in the list at the end."""
    _run(paragraph, "［", _BODY).font.superscript = True
    for i, number in enumerate(proofs):
        if i:
            _run(paragraph, "、", _BODY).font.superscript = True
        run = _run(paragraph, str(number), _BODY)
        run.font.superscript = True
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), f"proof{number}")
        paragraph._element.append(link)
        link.append(run._element)
    _run(paragraph, "］", _BODY).font.superscript = True


def _bookmarked(paragraph: Any, number: int) -> None:
    for kind in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(kind)
        mark.set(qn("w:id"), str(number))
        if kind.endswith("Start"):
            mark.set(qn("w:name"), f"proof{number}")
        paragraph._element.append(mark)


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
