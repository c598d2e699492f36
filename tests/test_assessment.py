"""Met, not met, over, or not to be told."""

from __future__ import annotations

import pytest

from extractor.assessment import Verdict, assess


@pytest.mark.parametrize(
    ("target", "actual", "name", "verdict"),
    [
        ("≥35家", "40家", "", Verdict.MET),
        ("≥35家", "34家", "", Verdict.NOT_MET),
        ("≥10家", "36家", "", Verdict.OVER),
        ("100%", "148.57%", "", Verdict.OVER),
        ("100%", "129%", "", Verdict.MET),
        ("100%", "0", "", Verdict.NOT_MET),
        ("＞1000人", "1000人", "", Verdict.NOT_MET),
        ("3-5个", "4个", "", Verdict.MET),
        ("3-5个", "16个", "", Verdict.OVER),
        ("≤10%", "9.1%", "", Verdict.MET),
        ("≤10%", "17%", "", Verdict.NOT_MET),
        ("≤1800元/人", "300元/人", "单位成本", Verdict.MET),
        ("0次", "0次", "投诉次数", Verdict.MET),
        ("0次", "3次", "投诉次数", Verdict.NOT_MET),
        ("≥2.4万亩", "30000亩", "", Verdict.MET),
        ("4次", "4场", "", Verdict.MET),
        ("是", "是", "", Verdict.MET),
        ("是", "否", "", Verdict.NOT_MET),
        ("多于100家", "大于100家", "", Verdict.NOT_ASSESSABLE),
        ("1家", "超过1家", "", Verdict.NOT_ASSESSABLE),
        ("有所提升", "有所提升", "", Verdict.NOT_ASSESSABLE),
        ("与上年持平", "增长5%", "", Verdict.NOT_ASSESSABLE),
        ("≥90%", "92人", "", Verdict.NOT_ASSESSABLE),
        ("1500册", "1450册左右", "", Verdict.NOT_ASSESSABLE),
        ("1000册", "1500册左右", "", Verdict.OVER),
        (None, "≧85家", "", Verdict.NOT_ASSESSABLE),
        ("≥85家", None, "", Verdict.NOT_ASSESSABLE),
    ],
)
def test_verdicts(target: str | None, actual: str | None, name: str, verdict: Verdict) -> None:
    assert assess(target, actual, name) is verdict
