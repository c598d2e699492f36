"""What leaves the machine: private strings masked in place, and text that addresses a model reported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import Document
from extractor.masking import MASK, masked, private_spans
from extractor.result import Extraction
from extractor.steering import steering_spans
from tests.conftest import SAMPLES, UNSEEN, labelled

PIECES = (
    "联系人：", "王某某", "0000-0000001", "13800000000", "99999919000101000X", "1,234.56万元", "\n", "\u3000",
    "⾦",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_masking_changes_no_offset_and_no_white_space(text: str) -> None:
    hidden = masked(Document("d", text)).text
    assert len(hidden) == len(text)
    assert all(b in (a, MASK) and (not a.isspace() or a == b) for a, b in zip(text, hidden, strict=True))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("项目经办人： 张某某 联系电话：0000-0000001", ["张某某", "0000-0000001"]),
        ("负责⼈\t李某\t\t电话\t00000000", ["李某", "00000000"]),
        ("审核人（签字）：王某、赵某某", ["王某", "赵某某"]),
        ("手机13800000000，身份证99999919000101000X", ["13800000000", "99999919000101000X"]),
        ("实际支出13800000000元，预算1380000.00元", []),
        ("由主要负责人牵头，负责人和项目经理约谈", []),
        ("电话抽查120人，满意度95%", []),
    ],
)
def test_what_is_private_is_masked_and_nothing_else(text: str, hidden: list[str]) -> None:
    assert [text[a:b] for a, b in private_spans(text)] == hidden


def test_only_the_hostile_sample_addresses_a_model() -> None:
    told = {
        one.path.stem: len(list(steering_spans(one.document())))
        for one in labelled(SAMPLES) + labelled(UNSEEN)
    }
    assert told.pop("a-zhengwu") >= 4
    assert not any(told.values())


def test_an_attempt_to_steer_is_a_finding_with_its_place(hostile: Extraction) -> None:
    findings = [one for one in hostile.findings if one["id"] == "D4"]
    assert findings
    for finding in findings:
        (span,) = finding["spans"]
        assert hostile.document.text[span["start"] : span["end"]].strip()
        assert finding["grade"] == "W"
        assert "未予执行" in finding["message"]
