"""Every call in one SQLite file: the cache, the resume, and the record of what was asked and answered.

A reply is stored once it has been validated, in one transaction, so that a run that was killed goes on where
it was and pays for nothing twice. Neither a key nor a header is ever stored.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.llm.endpoint import MODES, Endpoint, Mode
from extractor.llm.prices import Usage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
  key TEXT PRIMARY KEY, at TEXT NOT NULL, task TEXT NOT NULL, version TEXT NOT NULL, input TEXT NOT NULL,
  model TEXT NOT NULL, endpoint TEXT NOT NULL, mode TEXT NOT NULL, document TEXT NOT NULL,
  request TEXT NOT NULL, reply TEXT NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER,
  cached_tokens INTEGER, cost TEXT, currency TEXT, seconds REAL, attempts INTEGER);
CREATE TABLE IF NOT EXISTS failures (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, at TEXT NOT NULL, task TEXT NOT NULL, document TEXT NOT NULL,
  kind TEXT NOT NULL, error TEXT NOT NULL, tokens INTEGER);
CREATE TABLE IF NOT EXISTS shapes (
  endpoint TEXT NOT NULL, model TEXT NOT NULL, mode TEXT NOT NULL, tool_choice TEXT NOT NULL,
  strict_tools INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (endpoint, model));
CREATE INDEX IF NOT EXISTS calls_by_document ON calls (document);
"""
_COLUMNS = (
    "key, at, task, version, input, model, endpoint, mode, document, request, reply, prompt_tokens, "
    "completion_tokens, cached_tokens, cost, currency, seconds, attempts"
)


@dataclass(frozen=True)
class Call:
    """One validated call. `cost` is None where the price is unknown; `document` is a name, `input` a hash."""

    key: str
    task: str
    version: str
    input: str
    model: str
    endpoint: str
    mode: str
    document: str
    request: dict[str, Any]
    reply: str
    usage: Usage
    cost: Decimal | None
    currency: str | None
    seconds: float
    attempts: int
    at: str = ""


class Ledger:
    """The calls of a file; `:memory:` keeps them for one run; `InputError` if it cannot be opened."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        try:
            if isinstance(path, Path):
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise InputError(f"{path}: cannot be opened as a ledger ({error})") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def get(self, key: str) -> Call | None:
        """The call of that name, None if it was never answered."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM calls WHERE key = ?", (key,)).fetchone()
        return _call(row) if row else None

    def put(self, call: Call) -> None:
        """Store a validated call."""
        values = (
            call.key, _now(), call.task, call.version, call.input, call.model, call.endpoint, call.mode,
            call.document, json.dumps(call.request, ensure_ascii=False, separators=(",", ":")), call.reply,
            call.usage.prompt, call.usage.completion, call.usage.cached,
            None if call.cost is None else str(call.cost), call.currency, call.seconds, call.attempts,
        )  # fmt: skip
        marks = ",".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO calls ({_COLUMNS}) VALUES ({marks})", values)

    def failed(self, key: str, task: str, document: str, kind: str, error: str, tokens: int) -> None:
        """Note an attempt that gave nothing."""
        self._db.execute(
            "INSERT INTO failures (key, at, task, document, kind, error, tokens) VALUES (?,?,?,?,?,?,?)",
            (key, _now(), task, document, kind, error, tokens),
        )

    def shaped(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint in the mode and shape that a probe found to work there; as it is where none did."""
        row = self._db.execute(
            "SELECT mode, tool_choice, strict_tools FROM shapes WHERE endpoint = ? AND model = ?",
            (endpoint.place, endpoint.model),
        ).fetchone()
        if row is None or row[0] not in MODES:
            return endpoint
        return replace(endpoint, mode=row[0], tool_choice=row[1], strict_tools=bool(row[2]))

    def remember(self, endpoint: Endpoint, mode: Mode) -> None:
        """Keep the mode and shape that work there."""
        self._db.execute(
            "INSERT OR REPLACE INTO shapes VALUES (?,?,?,?,?,?)",
            (endpoint.place, endpoint.model, mode, endpoint.tool_choice, endpoint.strict_tools, _now()),
        )

    def calls(self, document: str | None = None, last: int = 20) -> Iterator[Call]:
        """The newest calls, of one document if named."""
        where, values = ("WHERE document = ?", (document,)) if document else ("", ())
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM calls {where} ORDER BY at DESC, rowid DESC LIMIT ?", (*values, last)
        )
        yield from map(_call, rows)

    def failures(self, last: int = 20) -> list[tuple[str, str, str, str, str]]:
        """The newest failures: time, task, document, kind and error."""
        rows = self._db.execute(
            "SELECT at, task, document, kind, error FROM failures ORDER BY id DESC LIMIT ?", (last,)
        )
        return [(str(a), str(b), str(c), str(d), str(e)) for a, b, c, d, e in rows]

    def totals(self) -> tuple[int, Usage, dict[str, Decimal]]:
        """Calls, tokens, and cost by currency."""
        count, prompt, completion, cached = self._db.execute(
            "SELECT count(*), coalesce(sum(prompt_tokens),0), coalesce(sum(completion_tokens),0), "
            "coalesce(sum(cached_tokens),0) FROM calls"
        ).fetchone()
        costs: dict[str, Decimal] = {}
        for cost, currency in self._db.execute("SELECT cost, currency FROM calls WHERE cost IS NOT NULL"):
            costs[currency] = costs.get(currency, Decimal(0)) + Decimal(cost)
        return count, Usage(prompt, completion, cached), costs

    def prune(self, before: str) -> int:
        """Delete calls and failures older than an ISO date; how many calls went."""
        deleted = self._db.execute("DELETE FROM calls WHERE at < ?", (before,)).rowcount
        self._db.execute("DELETE FROM failures WHERE at < ?", (before,))
        self._db.execute("VACUUM")
        return deleted


def _call(row: tuple[Any, ...]) -> Call:
    key, at, task, version, hashed, model, endpoint, mode, document, request, reply = row[:11]
    prompt, completion, cached, cost, currency, seconds, attempts = row[11:]
    return Call(
        key, task, version, hashed, model, endpoint, mode, document, json.loads(request), reply,
        Usage(prompt or 0, completion or 0, cached or 0), None if cost is None else Decimal(cost), currency,
        seconds, attempts, at,
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
