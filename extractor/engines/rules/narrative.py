"""Narratives (layout C): sections and sentences, without a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.drafts import Draft, Found, empty_draft
from extractor.engines.rules.flat import flat
from extractor.engines.rules.header import titled_department, used_unit, year_found
from extractor.engines.rules.items import inline_passages, measures_of, problems_of, split_passage
from extractor.engines.rules.paragraphs import first_paragraph_end, full_width, sentence_lines
from extractor.engines.rules.roles import role_of
from extractor.engines.rules.rows import level_words
from extractor.engines.rules.running import enumerated, funding_in, projects_in, rate_of
from extractor.engines.rules.sentences import indicators_in
from extractor.engines.rules.verdicts import grade_in, score_in
from extractor.folding import squeezed
from extractor.outline import Section, sections
from extractor.source import Source

# sections that speak of single projects or indicators, not of the department
_OF_PARTS = ("projects", "indicators", "problems", "measures")
_HANDED_DOWN = ("problems", "measures", "work", "goal", "conclusion", "overall")
_GOAL = re.compile(r"(?:预期|绩效|总体|整体|年度)目标(?:是|为)?\s*[:：]")
_ACHIEVED = re.compile(r"(?:目标(?:的)?(?:实际)?|实际)完成情况\s*[:：]")
_FIELD_HEAD = re.compile(r"(?P<name>[^\s。，；、：:,;\d()“”]{2,12})\s*。(?=\s*\S)")
_ATTACHMENTS = r"\n[ \t]*附[ \t]*件[ \t]*[\d:：][^\n]*"
_SIGNATURE = r"\n[ \t]*[^\n。；，]{4,40}\n+[ \t]*\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?=\n|$)"
_TAIL = re.compile(f"{_ATTACHMENTS}|{_SIGNATURE}")


def read_narrative(source: Source, start: int, end: int, unit: str | None = None) -> Draft:
    """The draft report of a narrative; amounts are given in `unit`, or in the unit that it mostly uses."""
    return _NarrativeReader(source, start, end, unit).read()


class _NarrativeReader:
    def __init__(self, source: Source, start: int, end: int, unit: str | None) -> None:
        self.source = source
        self.start, self.end = start, _body_end(source.text, start, end)
        self.sections = sections(source.text, start, self.end)
        self.full_width = full_width(source.text, start, self.end)
        self.roles = self._roles()
        self.draft = empty_draft()
        self.draft["money_unit"] = self._unit_found()
        found = self.draft["money_unit"]
        self.unit = unit or (str(found.value) if found else None)

    def _roles(self) -> list[str | None]:
        """The role of each section; a section without one takes its parent's."""
        out: list[str | None] = []
        parents: list[int] = []
        for i, section in enumerate(self.sections):
            while parents and self.sections[parents[-1]].level >= section.level:
                parents.pop()
            inherited = out[parents[-1]] if parents else None
            role = role_of(section.title) if not section.run_in or section.level <= 2 else None
            if role == "achieved" and level_words(self.source.text[section.body : section.end]):
                role = "indicators"
            if inherited in _HANDED_DOWN:
                role = role if role in ("problems", "measures") and inherited != "work" else inherited
            out.append(role)
            parents.append(i)
        return out

    def _of(self, role: str) -> list[Section]:
        """The outermost sections of a role."""
        out: list[Section] = []
        for section, kind in zip(self.sections, self.roles, strict=True):
            if kind == role and (not out or section.start >= out[-1].end):
                out.append(section)
        return out

    def _unit_found(self) -> Found | None:
        for section in self._of("budget"):
            found = used_unit(self.source, section.body, section.end)
            if found is not None:
                return found
        return used_unit(self.source, self.start, self.end)

    def read(self) -> Draft:
        draft, source = self.draft, self.source
        draft["department"] = titled_department(source, self.start, self.end)
        draft["fiscal_year"] = year_found(source, self.start, min(self.end, self.start + 400))
        draft["budget"] = self._budget()
        self._goal()
        self._work()
        self._evaluation()
        self._indicators()
        self._texts()
        self._problems()
        return draft

    def _budget(self) -> list[Draft]:
        lines: list[Draft] = []
        for section in self._of("budget"):
            for line in funding_in(self.source, section.body, section.end, self.unit):
                known = next((other for other in lines if _named(line) == _named(other)), None)
                if known is None:
                    lines.append(line)
                elif _named(line) != "合计":
                    known.update({key: value for key, value in line.items() if known[key] is None})
        for section in self._of("fund"):
            if enumerated(self.source, section.body, section.end, self.unit):
                continue
            lines += [
                line
                for line in funding_in(self.source, section.start, section.end, self.unit)
                if _named(line) != "合计" and len(_figures(line)) >= 2
            ]
        return lines

    def _goal(self) -> None:
        goal = self.draft["goal"]
        for role, key, cue in (("goal", "expected", _GOAL), ("achieved", "achieved", _ACHIEVED)):
            for section in self._of(role)[:1]:
                goal[key] = self.source.found([self._told_in(section, cue)])
            match = cue.search(self.source.text, self.start, self.end)
            if goal[key] is None and match:
                goal[key] = self.source.found([(match.end(), self._paragraph_end(match.end()))])

    def _told_in(self, section: Section, cue: re.Pattern[str]) -> tuple[int, int]:
        """A section's text from the words that announce it, up to those that announce the result."""
        start = cue.search(self.source.text, section.body, section.end)
        stop = _ACHIEVED.search(self.source.text, section.body, section.end) if cue is _GOAL else None
        begin = start.end() if start else section.body
        return begin, stop.start() if stop and stop.start() > begin else section.end

    def _paragraph_end(self, position: int) -> int:
        stops = [section.start for section in self.sections if section.start >= position]
        end = min(stops, default=self.end)
        return first_paragraph_end(self.source.text, position, end, self.full_width)

    def _work(self) -> None:
        for section in self._of("work"):
            children = [
                s
                for s in self.sections
                if section.start < s.start and s.end <= section.end and (not s.run_in or len(s.title) <= 20)
            ]
            level = min((s.level for s in children), default=0)
            children = [leaf for s in children if s.level == level for leaf in self._leaves(s)]
            if len(children) >= 2:
                self._tasks([(c.title, c.start, c.body, c.end) for c in children])
            else:
                self._headed(section.body, section.end)

    def _leaves(self, section: Section) -> list[Section]:
        """The headings below a heading that has no text of its own, else the heading itself."""
        below = [
            s for s in self.sections if section.start < s.start and s.end <= section.end and not s.run_in
        ]
        below = [s for s in below if s.level == min(other.level for other in below)]
        bare = below and not self.source.text[section.body : below[0].start].strip()
        return below if bare and len(below) >= 2 else [section]

    def _headed(self, start: int, end: int) -> None:
        """商贸业。… passages: paragraphs that open with a short field of work and a full stop."""
        text = self.source.text
        heads: list[tuple[str, int, int]] = []
        for a, b in sentence_lines(text, start, end):
            match = _FIELD_HEAD.match(text, a, b)
            if match and not re.match(r"[一二三四五六七八九十]+是|第|其", match["name"]):
                heads.append((match["name"], a, match.end()))
        self._tasks(
            [
                (name, a, body, heads[i + 1][1] if i + 1 < len(heads) else end)
                for i, (name, a, body) in enumerate(heads)
            ]
        )

    def _tasks(self, found: Sequence[tuple[str, int, int, int]]) -> None:
        for title, start, body, end in found:
            place = self.source.text.find(title, start, body)
            name = self.source.found([(place, place + len(title))]) if place >= 0 else None
            achieved = self.source.found([(body, end)])
            if name is not None and achieved is not None:
                self.draft["tasks"].append(
                    {"name": name, "expected": None, "achieved": achieved, "funds": None, "indicators": []}
                )

    def _evaluation(self) -> None:
        evaluation = self.draft["self_evaluation"]
        for section in self._of("conclusion")[:1]:
            start, end = self._own_text(section)
            evaluation["conclusion"] = self.source.found([(start, end)])
            text = flat(self.source, start, end)
            evaluation["grade"] = grade_in(text, 0, len(text.text), whole=True)
            evaluation["score"] = score_in(text, 0, len(text.text))
        if evaluation["score"] is None and evaluation["grade"] is None:
            self._verdict()

    def _own_text(self, section: Section) -> tuple[int, int]:
        """A section's text up to a part of it that tells problems or measures, a first heading left out."""
        below = [
            (s, r)
            for s, r in zip(self.sections, self.roles, strict=True)
            if section.start < s.start < section.end
        ]
        end = min((s.start for s, role in below if role in ("problems", "measures")), default=section.end)
        first = below[0][0] if below else None
        bare = (
            first is not None
            and not first.run_in
            and not self.source.text[section.body : first.start].strip()
        )
        return (first.body if bare and first is not None and first.body < end else section.body), end

    def _verdict(self) -> None:
        """A verdict outside a section of that name."""
        evaluation = self.draft["self_evaluation"]
        text = flat(self.source, self.start, self.end)
        told = [section for role in _OF_PARTS for section in self._of(role)]
        for match in re.finditer(r"(?:绩效)?自评(?:总?得分|总分|分数|等级|结果)[^。；;]{0,40}", text.text):
            at = text.at[match.start()]
            if any(section.start <= at < section.end for section in told):
                continue
            start, stop = match.start(), min(len(text.text), match.end() + 10)
            evaluation["score"] = evaluation["score"] or score_in(text, *match.span())
            evaluation["grade"] = evaluation["grade"] or grade_in(text, start, stop, whole=True)

    def _indicators(self) -> None:
        for section in self._of("indicators"):
            self.draft["indicators"] += indicators_in(self.source, section.body, section.end)
            if not self.draft["projects"]:
                self.draft["projects"] += projects_in(self.source, section.body, section.end, self.unit)
        for section in self._of("fund"):
            self.draft["projects"] += enumerated(self.source, section.body, section.end, self.unit)
        for section in self._of("projects"):
            self.draft["projects"] += projects_in(self.source, section.body, section.end, self.unit)
            self.draft["indicators"] += indicators_in(self.source, section.body, section.end)
        for section in self._of("key_project"):
            self.draft["projects"] += projects_in(self.source, section.body, section.end, self.unit)
        for section in self._of("budget"):
            if not self.draft["projects"]:
                self.draft["projects"] += projects_in(self.source, section.body, section.end, self.unit)
        self.draft["projects"] = [p for p in self.draft["projects"] if not self._in_fund(p)]
        for project in self.draft["projects"]:
            if project["execution_rate"] is None:
                project["execution_rate"] = rate_of(
                    self.source, self.start, self.end, str(project["name"].value)
                )

    def _in_fund(self, project: Draft) -> bool:
        """Whether a passage on special funds as a whole was taken for a project."""
        name = squeezed(str(project["name"].value))
        return any(name.startswith(squeezed(section.title)) for section in self._of("fund"))

    def _texts(self) -> None:
        for role, key in (("overall", "overall_performance"), ("key_project", "key_project_performance")):
            for section in self._of(role)[:1]:
                if role == "key_project" and self.draft["projects"]:
                    continue
                self.draft[key] = self.source.found([(section.body, section.end)])

    def _told_apart(self, section: Section, role: str) -> list[tuple[str, tuple[int, int]]]:
        """The parts of a section that have headings of their own for problems and for measures."""
        below = [inner for inner in self.sections if section.start < inner.start < section.end]
        top = min((inner.level for inner in below), default=0)
        named = [(role_of(inner.title), inner) for inner in below if inner.level == top]
        if {kind for kind, _ in named} != {"problems", "measures"}:
            return [(role, (section.body, section.end))]
        return [(str(kind), (inner.body, inner.end)) for kind, inner in named]

    def _problems(self) -> None:
        draft, source = self.draft, self.source
        told: list[tuple[int, str, tuple[int, int]]] = []
        for role in ("problems", "measures"):
            for section in self._of(role):
                for kind, place in self._told_apart(section, role):
                    problems, measures = split_passage(source, [place], kind)
                    told += [(r[0], "problems", r) for r in problems] + [
                        (r[0], "measures", r) for r in measures
                    ]
        own = [s for role in ("problems", "measures") for s in self._of(role)]
        for kind, (a, b) in inline_passages(source, self.start, self.end):
            if not any(s.start <= a < s.end for s in own):
                told.append((a, kind, (a, min(b, self._paragraph_end(a)))))
        for _, kind, r in sorted(set(told)):
            if kind == "problems":
                draft["problems"] += problems_of(source, [r])
            else:
                draft["measures"] += measures_of(source, [r])


def _body_end(text: str, start: int, end: int) -> int:
    """Where the report ends: before its list of attachments, its signature and its date."""
    tail = max(start, end - 400)
    match = _TAIL.search(text, tail, end)
    return match.start() if match else end


def _named(line: Draft) -> str:
    source = line["source"]
    return str(source.value if isinstance(source, Found) else source)


def _figures(line: Draft) -> list[str]:
    return [key for key, value in line.items() if isinstance(value, Found) and key != "source"]
