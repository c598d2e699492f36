"""Whether a sentence of a draft holds: against the proofs that it cites, and nothing else.

Every figure with its unit, every year, name and negation must stand in a cited proof; what the department
says is not mixed with what the review found; no cause or motive is invented; some words are not used at all.
It errs on the side of refusing: a sentence that is left out is counted, one that is wrong is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from extractor.folding import squeezed
from extractor.review import Proof, Sentence
from extractor.verification.faults import CLAUSE, SHORTEST, Fault
from extractor.verification.figures import figure_faults
from extractor.verification.meaning import meaning_faults

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
_QUOTED = re.compile(r"「([^」]*)」|『([^』]*)』|“([^”]*)”")
# What a reviewer says around what is reviewed: no part of what must stand in a proof.
_FRAME = re.compile(
    r"建议|请|应当?|需要?|进一步|补充|说明|核实|完善|修改|该部门|该单位|部门|自评|材料|报告|显示|反映|提出|指出|认为|列明"
    r"|审核|发现|关注|其中|分别|以及|并|等|见|据|按|为|的|了|与|和|及|在|对|中|共|均|本次|情况|方面|如下|上述|同时|此外"
    r"|填报|载明|所述|自述|表示|未见|前后不一致|一致|不一致|依据|佐证|资料"
)
# what a review does not say of people and their motives, unless the department itself says it
_JUDGING = re.compile(
    r"虚假|编造|失实|失职|作弊|追责|问责|混乱|责任心|人为|刻意|故意|涉嫌|敷衍|造成损失|严重失误|不负责任|弄虚|懈怠|推诿|应付"
)
LEAST_COVER = 0.51
_LEAST_OF_CLAUSE = 0.25
_LEAST_OF_SHORT = 0.01


def faults_of(sentence: Sentence, proofs: Sequence[Proof], names: Iterable[str] = ()) -> list[Fault]:
    """Everything wrong with a sentence, given the proofs that it cites; `names` are those of the report."""
    if sentence.side == "fixed":
        return list(_forbidden("".join(sentence.text.split()), ""))
    missing = len(set(sentence.proofs)) - len({proof.number for proof in proofs})
    if not proofs or missing:
        return [Fault("uncited" if not sentence.proofs else "unresolved", sentence.text)]
    said, held = squeezed(sentence.text), squeezed("\n".join(proof.text for proof in proofs))
    return [
        *_sides(sentence, proofs),
        *figure_faults(said, proofs),
        *_names(said, held, names),
        *meaning_faults(said, [squeezed(proof.text) for proof in proofs]),
        *_causes(said, held),
        *(Fault("verdict", one) for one in set(_VERDICTS.findall(said)) - set(_VERDICTS.findall(held))),
        *(Fault("forbidden", one) for one in _JUDGING.findall(said) if one not in held),
        *_forbidden("".join(sentence.text.split()), held),
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


def _names(said: str, held: str, names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        plain = squeezed(name)
        if len(plain) >= SHORTEST and plain in said and plain not in held:
            yield Fault("name", name)
    organisations = [match[0] for match in _ORGANISATION.finditer(held)]
    for match in _ORGANISATION.finditer(said):
        name = match[0]
        if len(name) > 1 and not any(_same_end(name, other) for other in organisations):
            yield Fault("name", name)


def _same_end(one: str, other: str) -> bool:
    """Whether one name ends with the other: either may have words of its sentence before it."""
    return one.endswith(other) or other.endswith(one)


def _causes(said: str, held: str) -> Iterator[Fault]:
    """A cause or motive that no proof gives: the word itself, or what stands beside it."""
    for match in _CAUSES.finditer(said):
        before, behind = CLAUSE.split(said[: match.start()])[-1], CLAUSE.split(said[match.end() :])[0]
        beside = before if match[0] == "所致" else behind
        if match[0] not in held or (len(beside) >= SHORTEST and _cover(beside, held) < LEAST_COVER):
            yield Fault("cause", f"{match[0]}{behind}")


def _forbidden(text: str, held: str) -> Iterator[Fault]:
    """Words that a review does not use, unless they are quoted from a proof."""
    for words in _quoted(text):
        if FORBIDDEN.search(words) and squeezed(words) not in held:
            yield Fault("forbidden", words)
    for match in FORBIDDEN.finditer(_QUOTED.sub("", text)):
        yield Fault("forbidden", match[0])


def _quotations(text: str, held: str) -> Iterator[Fault]:
    """What is put in quotation marks and is nobody's words."""
    for words in _quoted(text):
        if squeezed(words) not in held:
            yield Fault("quotation", words)


def _quoted(text: str) -> Iterator[str]:
    """What stands in quotation marks, of whichever kind."""
    for match in _QUOTED.finditer(text):
        yield next(words for words in match.groups() if words is not None)


def _uncovered(said: str, held: str) -> Iterator[Fault]:
    """A sentence that says something else than what it cites, or a clause of it that does."""
    share = _cover(said, held)
    if share < LEAST_COVER:
        yield Fault("uncovered", f"{share:.2f}")
    for clause in CLAUSE.split(said):
        own = _FRAME.sub("", clause)
        least = _LEAST_OF_CLAUSE if len(own) > SHORTEST else _LEAST_OF_SHORT if len(own) > 2 else 0.0
        if _cover(clause, held) < least:
            yield Fault("uncovered", clause)


def _cover(said: str, held: str) -> float:
    """The share of a text's pairs of characters that stand in the proofs, the reviewer's frame apart."""
    pieces = [piece for piece in re.split(r"[^\u3400-\u9fff\d.%]+", _FRAME.sub(" ", said)) if piece]
    pairs = [piece[i : i + 2] for piece in pieces for i in range(max(1, len(piece) - 1))]
    return sum(pair in held for pair in pairs) / len(pairs) if pairs else 1.0
