"""`extractor ledger`: what was asked and answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.cli.settings import ledger_path, settings
from extractor.errors import InputError
from extractor.llm.ledger import Call, Ledger


def _opened(path: Path | None) -> Ledger:
    where = path or ledger_path(settings({}))
    if not where.is_file():
        raise InputError(f"{where}: no ledger there")
    return Ledger(where)


def shown(document: str | None, last: int, path: Path | None) -> None:
    """Print the newest calls, the newest failures and the totals."""
    ledger = _opened(path)
    out = Table()
    for title in ("at", "document", "task", "version", "model", "tokens", "cost", "s", "requests"):
        out.add_column(title)
    for call in ledger.calls(document, last):
        cost = f"{call.cost:.4f} {call.currency}" if call.cost is not None else "unknown"
        cells = (
            call.at[:19], call.document, call.task, call.version, call.model, str(call.usage.total), cost,
            f"{call.seconds:.1f}", str(call.attempts),
        )  # fmt: skip
        out.add_row(*map(Text, cells))
    console = Console(highlight=False)
    console.print(out)
    for at, task, name, kind, error in ledger.failures(last):
        console.print(Text(f"failed {at[:19]} {name} {task}: {kind}: {error}"), soft_wrap=True)
    count, usage, costs = ledger.totals()
    money = ", ".join(f"{amount:.4f} {currency}" for currency, amount in costs.items()) or "cost unknown"
    console.print(Text(f"{count} calls, {usage.prompt} tokens in, {usage.completion} out, {money}"))


def shown_for(words: str, path: Path | None) -> None:
    """Print the exact request and reply behind RESULT.json#/pointer."""
    name, _, pointer = words.partition("#")
    key = _call_key(Path(name), pointer)
    call = _opened(path).get(key)
    if call is None:
        raise InputError(f"the ledger does not hold call {key}; it may have been pruned")
    _print(call, pointer)


def _call_key(path: Path, pointer: str) -> str:
    from extractor.render.json import loads

    try:
        result = loads(path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a result of extractor extract") from error
    if not pointer.startswith("/"):
        raise InputError("a value is named as RESULT.json#/tasks/2/funds")
    calls: Mapping[str, Any] = result.get("run", {}).get("calls", {})
    for key, pointers in calls.items():
        if pointer in pointers:
            return str(key)
    engine = result.get("run", {}).get("engine")
    raise InputError(f"no call gave {pointer} in {path} (engine {engine})")


def _print(call: Call, pointer: str) -> None:
    cost = f"{call.cost} {call.currency}" if call.cost is not None else "unknown"
    print(f"# {pointer}: call {call.key}, {call.task} {call.version}, {call.model} at {call.endpoint}")
    print(f"# {call.at}, {call.usage.prompt} tokens in, {call.usage.completion} out, cost {cost}")
    print("\n# request\n")
    print(json.dumps(call.request, ensure_ascii=False, indent=1))
    print("\n# reply\n")
    print(json.dumps(json.loads(call.reply), ensure_ascii=False, indent=1))


def pruned(before: str, path: Path | None) -> None:
    """Delete calls older than a date and say how many."""
    try:
        date.fromisoformat(before[:10])
    except ValueError as error:
        raise InputError(f"--before takes a date such as 2030-01-31, not {before}") from error
    print(f"{_opened(path).prune(before)} calls deleted")
