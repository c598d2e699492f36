"""Whether a department gives a reason for what it did not reach, or for what it did far beyond its target."""

from __future__ import annotations

import re

from extractor.checks.case import Case, Placed
from extractor.folding import squeezed
from extractor.pairing import subjects
from extractor.report import Indicator

_NO_REASON = re.compile(r"[无/—\-–]*|不适用|没有偏差|无偏差|未偏差|暂无")
_LOW = re.compile(r"(?:目标|指标)[^。]{0,20}(?:偏低|过低|保守|脱节)")
_MORE = re.compile(
    r"承接|追加|(?:相应|随之|范围|对象)[^,，。]{0,6}扩大|扩大到|新增[^,，。]{0,8}(?:任务|补助)|推开|新发现|增加一轮"
)
_SHARED = 0.5
_TAIL = 80
_MOSTLY = 0.6
_GREW = re.compile(r"放宽|扩容|扩面|追加|上调|调增|提标|政策[^,，。]{0,6}(?:调整|变化)|按[^,，。]{0,8}要求")
_WHY = re.compile(
    r"因|由于|受[^,，。]{1,20}影响|考虑|原因|所致|(?:按照|根据)[^。]{2,24}(?:要求|部署|安排|规定)|超出年初|延期|延至|推迟|追加|只有|不足"
    r"|承接|(?:相应|随之|范围|对象)[^,，。]{0,6}扩大|扩大到|新发现|增加的|新增[^,，。]{0,8}(?:任务|补助|资金)|推开到|下达的?[^,，。]{0,12}任务"
)


def explained(case: Case, one: Placed) -> bool:
    """Whether a reason is given for an indicator: in its cells, behind its result, or beside its name."""
    it = one.it
    if _WHY.search(_behind(case, f"{one.at}/actual")):
        return True
    if it.deviation_reason and not _NO_REASON.fullmatch(squeezed(it.deviation_reason)):
        return True
    if _WHY.search(squeezed(it.actual or "")):
        return True
    names = [squeezed(one) for one in (it.name, it.definition) if one and len(squeezed(one)) >= 4]
    result = squeezed(it.actual or "")
    told = [sentence for sentence in case.sentences if _WHY.search(sentence)]
    named = any(name in sentence for sentence in told for name in names)
    return named or any(_about(it, result, sentence) for sentence in told)


def _behind(case: Case, pointer: str) -> str:
    """How the sentence goes on behind a value, blank where it does not."""
    places = case.places.get(pointer)
    tail = case.text[places[-1][1] : places[-1][1] + _TAIL] if places else ""
    return squeezed(re.split(r"[。；;]|\n\s*\n", tail)[0]) if tail.lstrip()[:1] in tuple(",，(（") else ""


def over_explained(case: Case, one: Placed) -> bool:
    """Whether the text tells why there was more: a target owned to be low, or more to do in its task."""
    own = subjects(one.it.name)
    texts = [problem.text for problem in case.report.problems if _LOW.search(problem.text)]
    if any(len(own & subjects(text)) >= _SHARED * len(own) > 0 for text in texts):
        return True
    told = [sentence for sentence in case.sentences if _WHY.search(sentence) or _GREW.search(sentence)]
    if any(len(own & subjects(sentence)) >= _MOSTLY * len(own) > 0 for sentence in told):
        return True
    if not one.at.startswith("/tasks/"):
        return False
    done = squeezed(case.report.tasks[int(one.at.split("/")[2])].achieved or "")
    return any(_MORE.search(part) and own & subjects(part) for part in re.split(r"[。;\n]", done))


def _about(it: Indicator, result: str, sentence: str) -> bool:
    """Whether a sentence tells an indicator's result in other words: its figure beside a word of its name."""
    name = squeezed(it.name)
    known = len(result) > 2 and any(c.isdigit() for c in result) and result in sentence
    return known and any(name[i : i + 2] in sentence for i in range(max(1, len(name) - 1)))
