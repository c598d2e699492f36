"""A run, or a gate over two, as JUnit XML: a test case a document."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from extractor.evaluation.comparing import Comparison
from extractor.evaluation.gating import Gate
from extractor.evaluation.records import RunRecord


def run_junit(run: RunRecord) -> str:
    """A run: a document that failed is an error, one with a wrong figure passed off as found a failure."""
    suite = _suite(run.suite, len(run.documents))
    for one in run.documents:
        name = f"{one.name}#{one.repeat}" if one.repeat else one.name
        case = Xml.SubElement(suite, "testcase", name=name, classname=f"{run.suite}.{one.dataset}")
        case.set("time", f"{one.usage.seconds:.3f}")
        if one.error:
            Xml.SubElement(case, "error", message=_clean(one.error))
        elif one.wrong_figures:
            words = "; ".join(f"{leaf.field} {leaf.got} (gold {leaf.gold})" for leaf in one.wrong_figures)
            Xml.SubElement(case, "failure", message=_clean(f"wrong and grounded: {words}"))
        Xml.SubElement(case, "system-out").text = f"F1 {one.f1:.4f}"
    return _written(suite)


def gate_junit(found: Comparison, gate: Gate) -> str:
    """A gate: its outcome is a case of its own, and each document that dropped is one that failed."""
    suite = _suite(found.new.suite, len(found.documents) + 1)
    case = Xml.SubElement(suite, "testcase", name="gate", classname=found.new.suite)
    if gate.outcome == "regression":
        Xml.SubElement(case, "failure", message=_clean("; ".join(gate.reasons)))
    elif gate.outcome != "pass":
        Xml.SubElement(case, "error", message=_clean(f"{gate.outcome}: {'; '.join(gate.reasons)}"))
    for one in found.documents:
        own = Xml.SubElement(suite, "testcase", name=one.name, classname=found.new.suite)
        words = f"F1 {one.base:.4f} → {one.new:.4f}"
        if found.deterministic and one.difference < 0:
            Xml.SubElement(own, "failure", message=words)
        Xml.SubElement(own, "system-out").text = words
    return _written(suite)


def _suite(name: str, tests: int) -> Xml.Element:
    return Xml.Element("testsuite", name=name, tests=str(tests))


def _written(suite: Xml.Element) -> str:
    for kind, tag in (("failures", "failure"), ("errors", "error")):
        suite.set(kind, str(len(suite.findall(f"./testcase/{tag}"))))
    Xml.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(suite, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 does not know."""
    return "".join(c for c in text if c in "\t\n\r" or c >= " ")
