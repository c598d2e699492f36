"""The proposed conclusion: by a rule whose marks are settings, and which the draft prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.checks.case import Finding

Verdict = Literal["通过", "修改后通过", "退回完善"]


@dataclass(frozen=True)
class Rule:
    """From how many findings on a report is sent back, or passes only once it is mended."""

    return_errors: int = 5
    revise_errors: int = 1
    revise_warnings: int = 5

    @property
    def words(self) -> str:
        """The rule as the draft prints it."""
        return (
            f"错误达到{self.return_errors}项的，建议退回完善；错误达到{self.revise_errors}项或警示达到"
            f"{self.revise_warnings}项的，建议修改后通过；其余建议通过"
        )


RULE = Rule()


def concluded(findings: Sequence[Finding], rule: Rule) -> tuple[Verdict, str]:
    """The proposal and the counts that it rests on; rejected findings do not count."""
    own = [one for one in findings if one.status != "rejected"]
    errors, warnings = (sum(one.grade == grade for one in own) for grade in ("E", "W"))
    why = f"错误{errors}项，警示{warnings}项"
    if errors >= rule.return_errors:
        return "退回完善", why
    if errors >= rule.revise_errors or warnings >= rule.revise_warnings:
        return "修改后通过", why
    return "通过", why
