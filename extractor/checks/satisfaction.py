"""B12: satisfaction figures and the surveys behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.checks.case import Case, Finding, Placed, indicators_words
from extractor.checks.indicators import is_bound
from extractor.checks.registry import check
from extractor.folding import squeezed
from extractor.pairing import subjects
from extractor.quantities import Kind, parse

_SURVEY = re.compile(
    r"问卷|满意度(?:调查|测评|测评表|评价表)|抽样(?!单位|企业|检[测验查])|回访|访谈|电话(?:访问|调查)|样本[量数]?"
    r"|走访.{0,8}满意|评价器|(?:民主|行风|群众)评议"
)
_ABOUT_SATISFACTION = re.compile(r"满意|问卷|测评|评价器|评议")
_MOSTLY = 0.6
_BEFORE, _BEHIND = 25, 50


@check("B12", "W", "满意度没有调查依据", "满意度应说明调查方式与样本")
def satisfaction(case: Case) -> Iterator[Finding]:
    """A satisfaction figure without a survey behind it."""
    surveys = [one for one in _surveys(case.plain) if _ABOUT_SATISFACTION.search(one)]
    asked = [one for one in case.indicators if "满意" in squeezed(one.it.name + (one.it.definition or ""))]
    for one in asked:
        others = [other for other in asked if other is not one]
        if any(_surveyed(one, survey, others) for survey in surveys):
            continue
        bound = one.it.target is None and is_bound(one.it.actual)
        if not bound and one.it.actual and parse(one.it.actual).kind is Kind.NUMERIC:
            yield case.finding(
                "B12",
                "W",
                [f"{one.at}/actual"],
                f"{indicators_words(one.it)}完成情况为“{one.it.actual}”，未见调查方式和样本量的说明。",
                source="满意度应说明调查方式与样本",
            )


def _surveys(text: str) -> Iterator[str]:
    """The words around each mention of a survey, within its sentence."""
    for match in _SURVEY.finditer(text):
        before = re.split("[。;]", text[max(0, match.start() - _BEFORE) : match.start()])[-1]
        yield before + match[0] + re.split("[。;]", text[match.end() : match.end() + _BEHIND])[0]


def _surveyed(one: Placed, survey: str, others: Sequence[Placed]) -> bool:
    """Whether a survey is about an indicator: it tells its figure or subject, or is about no other one."""
    if _tells(one, survey) or _SURVEY.search(squeezed(one.it.actual or "")):
        return True
    return not any(_tells(other, survey) for other in others)


def _tells(one: Placed, survey: str) -> bool:
    figure = re.search(r"[\d.]+%?", squeezed(one.it.actual or ""))
    if figure and len(figure[0]) > 2 and figure[0] in survey:
        return True
    own = subjects(re.sub(r"满意度?|服务|群众|公众", " ", squeezed(one.it.name)))
    return bool(own) and len(own & subjects(survey)) >= _MOSTLY * len(own)
