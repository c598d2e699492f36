"""Figures of a sentence: each stands in a cited proof, with its unit and sign, and under the same name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio

from extractor.folding import squeezed
from extractor.quantities import chinese_number
from extractor.review import Proof
from extractor.verification.faults import Fault
from extractor.wording import Told, named_figures

_ITEMS = frozenset("项条个处类")
_COPY = 0.85
_HEAD = 5  # 存在问题, 问题一：
_CHECK_ID = re.compile(r"(?<![A-Za-z0-9])[ABCD]\d{1,2}(?![\d.])")
_REFERENCE = re.compile(r"(?:任务|指标|问题|措施|项目|资金)\d{1,3}(?![\d.%])(?![个项条家])")
_LESS = re.compile(r"减|降|负|少|压|核|收回|下跌|下滑")
_MORE = re.compile(r"增|追加|上升|提高|上涨")
_LISTED = re.compile(r"^/(problems|measures|tasks|projects|indicators)/")


def figure_faults(said: str, proofs: Sequence[Proof]) -> Iterator[Fault]:
    """Figures that no proof has so, that stand under another's name, or that turned their sign."""
    texts = [squeezed(proof.text) for proof in proofs]
    for shape in (_CHECK_ID, _REFERENCE):
        known = {name for text in texts for name in shape.findall(text)}
        yield from (Fault("figure", name) for name in sorted(set(shape.findall(said)) - known))
    held = [one for text in texts for one in _told(text)]
    yield from _missing(said, proofs, held)
    yield from _copied(said, proofs)
    for one in _told(said):
        own = [other for other in held if (other.number, other.unit) == (one.number, one.unit)]
        if own and (_under_another_name(one, own, held) or _sign_turned(one, own)):
            yield Fault("figure", f"{one.label}{one.number}{one.unit}")


def _missing(said: str, proofs: Sequence[Proof], held: Sequence[Told]) -> Iterator[Fault]:
    """Each figure with its unit stands in a proof, and as often as the sentence tells it."""
    known = Counter((one.number, _unit(one)) for one in held)
    bare = {number for p in proofs if p.finding is None for number, unit in _pairs(p.text) if not unit}
    counts = _counted(proofs)
    few = {"1", "2"} if len(proofs) > 1 else {"1"}  # 一条, 两处: ways of speaking
    own = [one for one in _told(said) if one.unit[:1] not in _ITEMS or one.number not in counts]
    own = [one for one in own if not one.spelled or one.number not in few]
    for (number, unit), times in Counter((one.number, _unit(one)) for one in own).items():
        found = known[number, unit]
        if not unit:
            found = sum(count for (other, own), count in known.items() if other == number and _counts(own))
        if found < times and not (unit and number in bare and _counts(unit)):
            kind = "year" if unit == "年" and len(number) == 4 else "figure"
            yield Fault(kind, f"{number}{unit}")


def _counted(proofs: Sequence[Proof]) -> set[str]:
    """How many are cited: findings, in all and of each check, and problems, measures or tasks."""
    ids = Counter(proof.finding for proof in proofs if _CHECK_ID.fullmatch(proof.finding or ""))
    lists = Counter(match[1] for proof in proofs if (match := _LISTED.match(proof.pointer or "")))
    return set(map(str, {sum(ids.values()), *ids.values(), *lists.values()} - {0, 1}))


def _told(text: str) -> list[Told]:
    """The figures of a text, spelled ones in digits; the id of a check and the number of an item are none."""
    bare = _REFERENCE.sub("", _CHECK_ID.sub("", squeezed(text)))
    return [_in_digits(one) for one in named_figures(bare)]


def _in_digits(one: Told) -> Told:
    value = chinese_number(one.number) if one.spelled else Decimal(one.number)
    return one if value is None else replace(one, number=f"{value.normalize():f}")


def _unit(one: Told) -> str:
    return "" if one.spelled else one.unit


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(one.number, _unit(one)) for one in _told(text)]


def _counts(unit: str) -> bool:
    """Whether a unit is a mere measure word, which a table leaves out."""
    return unit not in ("%", "‰", "年", "个百分点") and "元" not in unit and unit not in ("亿", "万")


def _under_another_name(one: Told, own: Sequence[Told], held: Sequence[Told]) -> bool:
    """Whether the words before a figure are those of another figure of its unit, and not its own."""
    if len(one.label) < 2 or any(not other.label or _related(one, other) for other in own):
        return False
    return any(
        other.unit == one.unit and other.number != one.number and _related(one, other) for other in held
    )


def _related(one: Told, other: Told) -> bool:
    """Whether two figures go by the same name, or one by the end of the other's."""
    a, b = sorted((one.label, other.label), key=len)
    return len(a) > 1 and b.endswith(a)


def _sign_turned(one: Told, own: Sequence[Told]) -> bool:
    """A decrease told as an increase or without its sign, or the other way round."""
    less = {_is_less(other) for other in own}
    if len(less) > 1:
        return False
    more = not one.negative and (bool(_MORE.search(one.label[-4:])) or one.bound[0] == "up")
    return (less == {True} and (more or not _is_less(one))) or (less == {False} and one.negative)


def _is_less(one: Told) -> bool:
    """Whether a figure is told as a decrease: by its sign, or by the words before it."""
    return one.negative or one.bound[0] == "down" or _LESS.search(one.label[-4:]) is not None


def _copied(said: str, proofs: Sequence[Proof]) -> Iterator[Fault]:
    """A sentence that is all but a copy of its proof holds the same figures in the same order."""
    for proof in proofs:
        text = squeezed(proof.text)
        ours, theirs = _pairs(said), _pairs(text)
        if Levenshtein.normalized_similarity(said, text, score_cutoff=_COPY) >= _COPY:
            yield from (Fault("figure", f"{n}{unit}") for n, unit in Counter(ours) - Counter(theirs))
        if ours != theirs and Counter(ours) == Counter(theirs) and _worded_alike(said, text):
            yield Fault("figure", "、".join(f"{n}{unit}" for n, unit in ours))


def _worded_alike(said: str, text: str) -> bool:
    """Whether a sentence has the words of a text, figures apart."""
    one, two = (re.sub(r"[\d.]+", "", words) for words in (text, said))
    return partial_ratio(one[_HEAD:], two[_HEAD:]) >= _COPY * 100
