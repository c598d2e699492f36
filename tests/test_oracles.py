"""The scorer against others that are not ours: where their rules coincide, so must the counts."""

from __future__ import annotations

import importlib.util
import json
from decimal import Decimal
from random import Random
from types import ModuleType
from typing import Any

import pytest
import simplejson
from hypothesis import given, settings
from hypothesis import strategies as st
from omni_extract_bench import score as omni_score

from extractor.evaluation.comparison import compare
from extractor.evaluation.likeness import counts
from tests import reports
from tests.conftest import CORPUS, SAMPLES, UNSEEN, Labelled, labelled, names
from tests.reports import Report

SEEDS = st.integers(0, 2**32)
PEER = CORPUS.parent / "tools" / "score.py"
ALL = labelled(SAMPLES) + labelled(UNSEEN) + labelled(CORPUS)


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    """A scorer kept apart from this project."""
    if not PEER.is_file():
        pytest.skip("the other scorer is not beside the project")
    spec = importlib.util.spec_from_file_location("peer", PEER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain(report: Report) -> Report:
    """The report as another program reads it: its figures as floats."""
    held: Report = json.loads(simplejson.dumps(report, use_decimal=True))
    return held


def theirs(peer: ModuleType, gold: Report, got: Report) -> dict[str, tuple[int, int, int]]:
    tally = peer.score(plain(gold), plain(got))
    return {
        group: (tally.tp[group], tally.fp[group], tally.fn[group])
        for group in {*tally.tp, *tally.fp, *tally.fn}
    }


def ours(gold: Report, got: Report) -> dict[str, tuple[int, int, int]]:
    found = counts(gold, got)
    return {
        group: (one.right, one.invented, one.missed)
        for group, one in found.items()
        if one.right or one.invented or one.missed
    }


@given(SEEDS, st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_the_plain_count_is_the_other_scorers(peer: ModuleType, seed: int, faults: int) -> None:
    random = Random(seed)
    gold = reports.report(random)
    got = reports.altered(gold, random, faults)
    if any(not one.get(key) for own in (gold, got) for one in _named(own) for key in _key(one)):
        return  # it cannot score an item without a name
    assert ours(gold, got) == theirs(peer, gold, got)


def _named(held: Report) -> list[Report]:
    return [own[i] for own, i in reports.items(held)]


def _key(one: Report) -> list[str]:
    return [key for key in ("name", "source", "text") if key in one][:1]


@pytest.mark.parametrize("one", ALL, ids=names)
def test_the_plain_count_of_real_readings_is_the_other_scorers(peer: ModuleType, one: Labelled) -> None:
    got = one.extraction().report.model_dump()
    assert ours(one.report, got) == theirs(peer, one.report, got)


@given(SEEDS, st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_ours_is_the_stricter_count(seed: int, faults: int) -> None:
    """On reports whose items keep their names, what ours calls right is right by likeness too."""
    random = Random(seed)
    gold = _apart(reports.report(random), random)
    got = _faulty_values(gold, random, faults)
    own = sum(
        leaf.verdict == "right" for leaf in compare(gold, got).leaves if leaf.kind not in ("link", "flag")
    )
    assert own <= sum(one.right for one in counts(gold, got).values())


_ALPHABET = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")


def coded(held: Any, path: tuple[str, ...] = ()) -> Any:
    """Every leaf as letters that also name the items it lies in: nothing but equality of both matches.

    That takes away what the other scorer does in its own way: folding texts, reading figures out of them,
    and pairing items by whatever they have in common.
    """
    if isinstance(held, dict):
        name = next((held[key] for key in ("name", "source", "text") if key in held), None)
        inside = path if name is None else (*path, name)
        return {
            key: coded(value, inside) for key, value in held.items() if key not in ("partial", "addresses")
        }
    if isinstance(held, list):
        return [coded(one, path) for one in held]
    if held is None:
        return None
    value = held if isinstance(held, str) else float(held)
    return "z" + repr((path, value)).encode().hex().translate(_ALPHABET)


def _apart(held: Report, random: Random) -> Report:
    """The report with items that have nothing in common."""
    for one in _named(held):
        one[_key(one)[0]] = reports.words(random, 12)
    for task in held["tasks"]:
        task["expected"] = task["achieved"] = None
    for one in [*held["indicators"], *(i for task in held["tasks"] for i in task["indicators"])]:
        one["definition"] = None
    return held


def _faulty_values(held: Report, random: Random, faults: int) -> Report:
    """Faults in what items hold, never in what they are called; items deleted and reordered."""
    got = reports.altered(held, random, faults // 3, ("drop", "shuffle"))
    kept = ("name", "source", "text", "expected", "achieved", "definition", "money_unit")
    slots = [(one, key) for one, key in reports.slots(got) if key not in kept]
    for one, key in random.sample(slots, min(faults, len(slots))):
        one[key] = random.choice((None, _other(one[key], random)))
    return got


def _other(value: Any, random: Random) -> Any:
    if isinstance(value, str):
        return reports.words(random, 15)
    return None if value is None else value + Decimal(3) if isinstance(value, Decimal) else value + 3


@given(SEEDS, st.integers(0, 15))
@settings(max_examples=100, deadline=None)
def test_the_strict_count_is_omnis_where_its_rules_coincide(seed: int, faults: int) -> None:
    random = Random(seed)
    gold = _apart(reports.report(random), random)
    got = _faulty_values(gold, random, faults)
    result = omni_score(coded(got), coded(gold), {"type": "object"})
    leaves = [leaf for leaf in compare(gold, got).leaves if leaf.kind not in ("link", "flag")]
    assert result["matching_exact"]
    assert result["matched"] == sum(leaf.verdict == "right" for leaf in leaves)
    assert result["misread"] + result["unfound"] == sum(leaf.misses for leaf in leaves)
    assert result["asserted"] - result["matched"] == sum(leaf.invents for leaf in leaves)
