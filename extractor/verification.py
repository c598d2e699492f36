"""Whether a sentence of a draft holds: against the proofs that it cites, and nothing else.

Every figure with its unit, every year, name and negation must stand in a cited proof; what the department
says is not mixed with what the review found; no cause or motive is invented; some words are not used at all.
It errs on the side of refusing: a sentence that is left out is counted, one that is wrong is believed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from extractor.folding import squeezed
from extractor.review import Proof, Sentence
from extractor.wording import NEGATION, figures

FORBIDDEN = re.compile(
    r"造假|违规|违法|违纪|弄虚作假|舞弊|套取|挪用|贪污|侵占|骗取|欺骗|隐瞒|虚报|谎报|违反规定|渎职|腐败"
)
_CAUSES = re.compile(
    r"因为|由于|原因(?:是|在于)|归因|归咎|导致|致使|造成|引起|源于|出于|为了|意在|旨在|意图|企图|目的(?:是|在于)|故意|有意|所致|系因|缘于"
)
_ORGANISATION = re.compile(
    r"[\u3400-\u9fff]*?(?:(?<![布格结全大当])局|委员会|办公室|街道办事处|街道办|街道|集团|公司|中心(?=[，。；、）]|$))"
)
_VERDICTS = re.compile(r"修改后通过|退回完善|(?<![后不])通过(?=[。,，;；]|$)")
_QUOTED = re.compile(r"[“「『](.*?)[”」』]")
_CLAUSE = re.compile(r"[，。；：！？,;:!?\n]+")
# What a reviewer says around what is reviewed: no part of what must stand in a proof.
_FRAME = re.compile(
    r"建议|请|应当?|需要?|进一步|补充|说明|核实|完善|修改|该部门|该单位|部门|自评|材料|报告|显示|反映|提出|指出|认为|列明"
    r"|审核|发现|关注|其中|分别|以及|并|等|见|据|按|为|的|了|与|和|及|在|对|中|共|均|本次|情况|方面|如下|上述|同时|此外"
    r"|填报|载明|所述|自述|表示|未见|前后不一致|一致|不一致|依据|佐证|资料"
)
LEAST_COVER = 0.5
_ITEMS = frozenset("项条个处类")
_SPELLED = {2: "两", 3: "三", 4: "四", 5: "五", 6: "六", 7: "七", 8: "八", 9: "九", 10: "十"}
_LEAST_ALIGNED = 72.0
_COPY = 0.85
_LEAST_OF_CLAUSE = 0.25
_CHECK_ID = re.compile(r"(?<![A-Za-z0-9])[ABCD]\d{1,2}(?![\d.])")
_SHORTEST = 4


class Fault(NamedTuple):
    """Why a sentence does not hold: the kind of fault and the words concerned."""

    kind: str
    words: str


def faults_of(sentence: Sentence, proofs: Sequence[Proof], names: Iterable[str] = ()) -> list[Fault]:
    """Everything wrong with a sentence, given the proofs that it cites; `names` are those of the report."""
    if sentence.side == "fixed":
        return list(_forbidden(sentence.text, ""))
    missing = len(set(sentence.proofs)) - len({proof.number for proof in proofs})
    if not proofs or missing:
        return [Fault("uncited" if not sentence.proofs else "unresolved", sentence.text)]
    said, held = squeezed(sentence.text), squeezed("\n".join(proof.text for proof in proofs))
    return [
        *_sides(sentence, proofs),
        *_figures(said, proofs),
        *_copied(said, proofs),
        *_names(said, held, names),
        *_negations(said, held),
        *_causes(said, held),
        *(Fault("verdict", one) for one in _VERDICTS.findall(said) if one not in held),
        *_forbidden(sentence.text, held),
        *_quotations(sentence.text, held),
        *_uncovered(said, held),
    ]


def _sides(sentence: Sentence, proofs: Sequence[Proof]) -> Iterator[Fault]:
    """The department's word rests on the document, the review's on a check."""
    found = [proof for proof in proofs if proof.finding is not None]
    if sentence.side == "department" and found:
        yield Fault("side", found[0].text)
    if sentence.side == "review" and not found:
        yield Fault("side", sentence.text)


def _figures(said: str, proofs: Sequence[Proof]) -> Iterator[Fault]:
    """Each figure with its unit stands in a proof, and as often as the sentence tells it."""
    known = Counter(figure for proof in proofs for figure in _told(proof.text))
    bare = {number for p in proofs if p.finding is None for number, unit in _told(p.text) if not unit}
    counts = _counted(proofs)
    for (number, unit), times in Counter(_told(said)).items():
        held = known[number, unit]
        if unit in _ITEMS and number in counts:
            continue
        if not unit:
            held = sum(count for (other, _), count in known.items() if other == number)
        if held < times and not (unit and number in bare and _counts(unit)):
            kind = "year" if unit == "年" and len(number) == 4 else "figure"
            yield Fault(kind, f"{number}{unit}")


def _counted(proofs: Sequence[Proof]) -> set[str]:
    """How many findings are cited, in all and of each check: a sentence may count what it cites."""
    ids = Counter(proof.finding for proof in proofs if _CHECK_ID.fullmatch(proof.finding or ""))
    numbers = {sum(ids.values()), *ids.values()} - {0, 1}
    return {form for number in numbers for form in (str(number), _SPELLED.get(number, ""))}


def _told(text: str) -> tuple[tuple[str, str], ...]:
    """The figures of a text; the id of a check is none."""
    return figures(_CHECK_ID.sub("", squeezed(text)))


def _counts(unit: str) -> bool:
    """Whether a unit is a mere measure word, which a table leaves out."""
    return unit not in ("%", "‰", "年", "个百分点") and "元" not in unit and unit not in ("亿", "万")


def _names(said: str, held: str, names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        plain = squeezed(name)
        if len(plain) >= _SHORTEST and plain in said and plain not in held:
            yield Fault("name", name)
    organisations = [match[0] for match in _ORGANISATION.finditer(held)]
    for match in _ORGANISATION.finditer(said):
        name = match[0]
        if len(name) > 1 and not any(_same_end(name, other) for other in organisations):
            yield Fault("name", name)


def _same_end(one: str, other: str) -> bool:
    """Whether one name ends with the other: either may have words of its sentence before it."""
    return one.endswith(other) or other.endswith(one)


def _negations(said: str, held: str) -> Iterator[Fault]:
    """A negation that no proof has, and one that the clause of a proof has and the sentence left out."""
    for match in NEGATION.finditer(said):
        words = said[match.start() : match.start() + 2]
        if words not in held:
            yield Fault("negation", words)
    for clause in _CLAUSE.split(said):
        if len(clause) >= _SHORTEST and clause not in held:
            yield from _dropped(clause, said, held)


def _dropped(clause: str, said: str, held: str) -> Iterator[Fault]:
    """A negation of the proof's like clause that the sentence has nowhere, or that only turned."""
    place = partial_ratio_alignment(clause, held, score_cutoff=_LEAST_ALIGNED)
    if place is None:
        return
    near = held[place.dest_start : place.dest_end]
    window = held[max(0, place.dest_start - 1) : place.dest_end]
    lost = Counter(NEGATION.findall(window)) - Counter(NEGATION.findall(clause))
    turned = Levenshtein.distance(clause, near, score_cutoff=1) <= 1
    elsewhere = said.startswith(("请", "建议"))  # what is asked for turns what was found
    for match in NEGATION.finditer(window):
        told = elsewhere or window[match.start() : match.start() + 2] in said
        if match[0] in lost and (turned or not told):
            yield Fault("negation", window)
            return


def _copied(said: str, proofs: Sequence[Proof]) -> Iterator[Fault]:
    """A sentence that is all but a copy of its proof holds the same figures, one by one."""
    for proof in proofs:
        text = squeezed(proof.text)
        if Levenshtein.normalized_similarity(said, text, score_cutoff=_COPY) >= _COPY:
            other = Counter(_told(said)) - Counter(_told(text))
            yield from (Fault("figure", f"{number}{unit}") for number, unit in other)


def _causes(said: str, held: str) -> Iterator[Fault]:
    """A cause or motive that no proof gives: the word itself, or what stands beside it."""
    for match in _CAUSES.finditer(said):
        before, behind = _CLAUSE.split(said[: match.start()])[-1], _CLAUSE.split(said[match.end() :])[0]
        beside = before if match[0] == "所致" else behind
        if match[0] not in held or (len(beside) >= _SHORTEST and _cover(beside, held) < LEAST_COVER):
            yield Fault("cause", f"{match[0]}{behind}")


def _forbidden(text: str, held: str) -> Iterator[Fault]:
    """Words that a review does not use, unless they are quoted from a proof."""
    for match in _QUOTED.finditer(text):
        if FORBIDDEN.search(match[1]) and squeezed(match[1]) not in held:
            yield Fault("forbidden", match[1])
    for match in FORBIDDEN.finditer(_QUOTED.sub("", text)):
        yield Fault("forbidden", match[0])


def _quotations(text: str, held: str) -> Iterator[Fault]:
    """What is put in quotation marks and is nobody's words."""
    for match in _QUOTED.finditer(text):
        if squeezed(match[1]) not in held:
            yield Fault("quotation", match[1])


def _uncovered(said: str, held: str) -> Iterator[Fault]:
    """A sentence that says something else than what it cites, or a clause of it that does."""
    share = _cover(said, held)
    if share < LEAST_COVER:
        yield Fault("uncovered", f"{share:.2f}")
    for clause in _CLAUSE.split(said):
        if len(_FRAME.sub("", clause)) > _SHORTEST and _cover(clause, held) < _LEAST_OF_CLAUSE:
            yield Fault("uncovered", clause)


def _cover(said: str, held: str) -> float:
    """The share of a text's pairs of characters that stand in the proofs, the reviewer's frame apart."""
    pieces = [piece for piece in re.split(r"[^\u3400-\u9fff\d.%]+", _FRAME.sub(" ", said)) if piece]
    pairs = [piece[i : i + 2] for piece in pieces for i in range(max(1, len(piece) - 1))]
    return sum(pair in held for pair in pairs) / len(pairs) if pairs else 1.0
