"""Random reports and random faults in them, for tests of the scorer and for benchmarks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

Report = dict[str, Any]
_WORDS = (
    "农村供水管网改造提升教育医疗保障环境治理监督检查执法培训宣传信息化平台运行维护产业扶持就业创业社区服务养老残疾"
    "托育文化旅游体育健康安全生产应急消防救援道路桥梁绿化照明排水垃圾分类食品药品知识产权招商统计档案"
)
_UNITS = ("家", "个", "次", "%", "人", "万元")
LISTS = ("budget", "indicators", "tasks", "projects", "problems", "measures")
AMOUNTS = ("initial", "adjustment", "adjusted", "budget_unspecified", "actual", "budget", "funds")


def words(random: Random, length: int) -> str:
    """So many characters of a clause."""
    return "".join(random.choice(_WORDS) for _ in range(length))


def maybe(random: Random, value: Any) -> Any:
    """The value, one time in four nothing."""
    return None if random.random() < 0.25 else value


def figure(random: Random) -> Decimal:
    """A figure with two places."""
    return Decimal(random.randint(1, 999_999)) / 100


def cell(random: Random) -> str:
    """A target or a result."""
    return f"{random.choice(('≥', '≤', ''))}{random.randint(1, 500)}{random.choice(_UNITS)}"


def indicator(random: Random) -> Report:
    return {
        "name": words(random, random.randint(4, 9)),
        "level": maybe(random, random.choice(("产出指标/数量指标", "效益指标/社会效益指标"))),
        "definition": maybe(random, words(random, 12)),
        "target": maybe(random, cell(random)),
        "actual": maybe(random, cell(random)),
        "weight": maybe(random, Decimal(random.randint(1, 10))),
        "score": maybe(random, Decimal(random.randint(0, 100)) / 10),
        "deviation_reason": maybe(random, words(random, 20)),
    }


def line(random: Random, source: str) -> Report:
    names = ("initial", "adjustment", "adjusted", "budget_unspecified", "actual", "execution_rate")
    out: Report = {"source": source, **{name: maybe(random, figure(random)) for name in names}}
    return out | {"adjustment_rate": None, "weight": None, "score": None, "partial": False}


def task(random: Random, inside: int) -> Report:
    return {
        "name": words(random, random.randint(6, 12)),
        "expected": maybe(random, words(random, random.randint(20, 60))),
        "achieved": maybe(random, words(random, random.randint(20, 60))),
        "funds": maybe(random, figure(random)),
        "indicators": [indicator(random) for _ in range(inside)],
    }


def project(random: Random) -> Report:
    return {
        "name": words(random, 10),
        "budget": maybe(random, figure(random)),
        "actual": maybe(random, figure(random)),
        "execution_rate": maybe(random, figure(random)),
        "score": None,
        "grade": maybe(random, random.choice("优良中")),
    }


def report(random: Random, tasks: int = 3, inside: int = 3) -> Report:
    """A whole report; up to so many tasks with up to so many indicators each."""
    problems = random.randint(0, 3)
    sources = ["合计", "一般公共预算", "政府性基金", "专项资金"][: random.randint(0, 4)]
    return {
        "department": words(random, 8) + "局",
        "fiscal_year": random.randint(2018, 2025),
        "money_unit": random.choice(("元", "万元", "亿元")),
        "budget": [line(random, source) for source in sources],
        "goal": {"expected": maybe(random, words(random, 40)), "achieved": maybe(random, words(random, 40))},
        "indicators": [indicator(random) for _ in range(random.randint(0, inside))],
        "tasks": [task(random, random.randint(0, inside)) for _ in range(random.randint(0, tasks))],
        "projects": [project(random) for _ in range(random.randint(0, 2))],
        "key_project_performance": maybe(random, words(random, 30)),
        "overall_performance": maybe(random, words(random, 60)),
        "self_evaluation": {
            "conclusion": maybe(random, words(random, 30)),
            "grade": maybe(random, random.choice("优良中差")),
            "score": maybe(random, figure(random)),
        },
        "problems": [{"text": words(random, random.randint(10, 40))} for _ in range(problems)],
        "measures": [
            {
                "text": words(random, random.randint(10, 40)),
                "addresses": sorted(random.sample(range(problems), random.randint(0, problems))),
            }
            for _ in range(random.randint(0, 3))
        ],
    }


def items(held: Report) -> Iterator[tuple[list[Any], int]]:
    """Every item of every list: the list and the position."""
    for name in LISTS:
        for i in range(len(held.get(name) or ())):
            yield held[name], i
    for one in held.get("tasks") or ():
        for i in range(len(one.get("indicators") or ())):
            yield one["indicators"], i


def holders(held: Report) -> Iterator[Report]:
    """Every object that holds leaves."""
    yield held
    yield held["goal"]
    yield held["self_evaluation"]
    for own, i in items(held):
        yield own[i]


def slots(held: Report) -> list[tuple[Report, str]]:
    """Every leaf that may be set: the object and the key; flags, lists and links apart."""
    return [
        (one, key)
        for one in holders(held)
        for key, value in one.items()
        if not isinstance(value, (list, dict, bool))
    ]


FAULTS = ("change", "change", "delete", "drop", "double", "swap", "shuffle")


def altered(held: Report, random: Random, faults: int, kinds: tuple[str, ...] = FAULTS) -> Report:
    """A copy with so many random faults: changed, deleted, dropped, told twice, swapped, reordered."""
    out = copy.deepcopy(held)
    for _ in range(faults):
        _fault(out, random, random.choice(kinds))
    return out


def _fault(held: Report, random: Random, kind: str) -> None:
    own = list(items(held))
    if kind in ("drop", "double", "shuffle") and own:
        where, at = random.choice(own)
        if kind == "drop":
            del where[at]
        elif kind == "double":
            where.insert(random.randint(0, len(where)), copy.deepcopy(where[at]))
        else:
            random.shuffle(where)
        _relink(held)
        return
    one, key = random.choice(slots(held))
    if kind == "swap":
        other = random.choice([slot for slot in slots(held) if slot[1] == key])
        one[key], other[0][key] = other[0][key], one[key]
    elif kind == "delete" and key not in ("name", "text", "source"):
        one[key] = None
    elif one[key] is not None:
        one[key] = changed(one[key], random)


def _relink(held: Report) -> None:
    for measure in held["measures"]:
        measure["addresses"] = [one for one in measure["addresses"] if one < len(held["problems"])]


def changed(value: Any, random: Random) -> Any:
    """Another value of the same kind, often one that is near."""
    if isinstance(value, Decimal):
        return random.choice((value + 1, value * 10, -value, value.quantize(Decimal(1)) + Decimal("0.5")))
    if isinstance(value, int):
        return value + random.choice((-1, 1))
    if not isinstance(value, str) or not value:
        return "某"
    at = random.randrange(len(value))
    return random.choice((value[:at] + value[at + 1 :], value[:at] + "未" + value[at:], words(random, 8)))
