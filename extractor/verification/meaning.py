"""What turns a sentence against its proofs: a negation lost or added, a word for its opposite."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from extractor.verification.faults import CLAUSE, SHORTEST, Fault
from extractor.wording import NEGATION

_LEAST_ALIGNED = 72.0
_LEAST_COPIED = 80.0
_SHORT, _LEAST_OF_SHORT = 6, 74.0
_OPPOSITES = (
    "偏低/偏高 提高/降低 增长/下降 增加/减少 上升/下降 加强/削弱 强化/弱化 上级/下级 较大/较小 较高/较低 "
    "大于/小于 高于/低于 多于/少于 部分/全部 个别/多数 个别/全部 个别/普遍 少数/多数 调增/调减 追加/核减 "
    "达到/低于 满意/不满 合格/不合格 滞后/提前 超额/不足 以上/以下 "
    "最大/最小 扩大/缩小 集中/分散 完善/缺失 通过/退回"
)
_PAIRS = [tuple(pair.split("/")) for pair in _OPPOSITES.split()]
_PARTNERS = [*_PAIRS, *((b, a) for a, b in _PAIRS)]
# what a reviewer says of what is not there, without a proof that has the same words
_OWN_WORDS = re.compile(
    r"未(?=见|列入|写入|说明|填|列|提及|反映)|不(?=一致|符|相|同|宜|明)|无(?=法)|没(?=有(?:一|说|给出|写|列))"
)
_ASKING = ("请", "建议")
_HEAD = re.compile(
    r"^(?:资金来源|存在问题|改进措施|(?:任务|指标|项目|问题|措施)\d+[\u3400-\u9fff]{0,4}"
    r"|(?:错误|警示|提示)\([A-D]\d+\):)"
)


def meaning_faults(said: str, proofs: Sequence[str]) -> Iterator[Fault]:
    """A negation that no proof has, one that is lost or moved, and words that stand for their opposites."""
    held, asking = "\n".join(proofs), said.startswith(_ASKING)
    for match in NEGATION.finditer(said):
        words = said[match.start() : match.start() + 2]
        if words not in held and not _OWN_WORDS.match(said, match.start()):
            yield Fault("negation", words)
    for clause in CLAUSE.split(said):
        if len(clause) >= 2 and clause in held:
            yield from () if asking else _beheaded(clause, held)
        elif len(clause) >= SHORTEST:
            yield from _turned(clause, said, held, asking)
    for text in proofs:
        yield from () if asking else _copied(said, text)


def _beheaded(clause: str, held: str) -> Iterator[Fault]:
    """A clause that every proof has behind a negation: 达到目标 of 未达到目标."""
    places = [match.start() for match in re.finditer(re.escape(clause), held)]
    before = [held[at - 1 : at] for at in places]
    if before and all(NEGATION.fullmatch(one) for one in before):
        yield Fault("negation", before[0] + clause)


def _turned(clause: str, said: str, held: str, asking: bool) -> Iterator[Fault]:
    """A negation of the proof's like clause that the sentence has nowhere; what is asked for turns it."""
    place = partial_ratio_alignment(clause, held, score_cutoff=_LEAST_ALIGNED)
    if place is None:
        return
    near = held[place.dest_start : place.dest_end]
    window = f"{near}。" if asking else held[max(0, place.dest_start - 1) : place.dest_end + 1]
    around = held[max(0, place.dest_start - 2) : place.dest_end + 2]
    yield from () if asking else _opposites(clause, around)
    lost = Counter(NEGATION.findall(window[:-1])) - Counter(NEGATION.findall(clause))
    turned = Levenshtein.distance(clause, near, score_cutoff=1) <= 1 or (
        not asking and Levenshtein.distance(clause, window, score_cutoff=3) <= 3
    )
    for match in NEGATION.finditer(window[:-1]):
        told = asking or window[match.start() : match.start() + 2] in said
        if match[0] in lost and (turned or not told):
            yield Fault("negation", window)
            return


def _opposites(said: str, text: str) -> Iterator[Fault]:
    for one, other in _PARTNERS:
        if one in said and other in text and one not in text and other not in said:
            yield Fault("negation", f"{one}（{other}）")


def _copied(said: str, text: str) -> Iterator[Fault]:
    """A stretch of the sentence that is all but a proof's words: no negation and no sense is changed."""
    for part in {text, _HEAD.sub("", text)}:
        least = _LEAST_COPIED if len(part) > _SHORT else _LEAST_OF_SHORT
        place = partial_ratio_alignment(part, said, score_cutoff=least)
        if place is None or len(part) < SHORTEST or len(part) > len(said) + SHORTEST:
            continue
        window = said[max(0, place.dest_start - 2) : place.dest_end + 2]
        yield from _opposites(window, part)
        for edit in Levenshtein.editops(part, window):
            gone = part[edit.src_pos] if edit.tag != "insert" else ""
            if NEGATION.fullmatch(gone):
                yield Fault("negation", part[max(0, edit.src_pos - 2) : edit.src_pos + 3])
