"""What was read in pictures, kept by the picture's hash: OCR is the slow part of every run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.ingest.ocr import VERSION
from extractor.layout import Flaw

if TYPE_CHECKING:
    from extractor.ingest.scans import Half

_OTHERS = frozenset({"cache", "kinds", "legacy", "markup", "numbering", "reading", "sheets", "text", "word"})


@cache
def reader() -> str:
    """What decides a reading: the OCR's version and the code that reads pictures."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _OTHERS:
            digest.update(path.read_bytes())
    return f"{VERSION}-{digest.hexdigest()[:12]}"


class Cache:
    """A folder of readings; what cannot be read or written there is as if it were not kept."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def _path(self, key: str) -> Path:
        return self.folder / reader() / key[:2] / f"{key}.json"

    def get(self, key: str) -> list[Half] | None:
        """What was read in the picture with this hash, None where nothing is kept."""
        from extractor.ingest.lines import Line
        from extractor.ingest.scans import Half

        try:
            halves = json.loads(self._path(key).read_text("utf-8"))
            return [
                Half(
                    tuple(
                        Line(t, c, _four(b), tuple(Flaw(*one) for one in d)) for t, c, b, d in half["lines"]
                    ),
                    tuple(_four(r) for r in half["rulings"]),
                    tuple(half["back"]),
                    half["width"],
                    half["height"],
                    half["quarters"],
                )
                for half in halves
            ]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, halves: list[Half]) -> None:
        """Keep what was read; written beside and renamed, so that nothing half-written is read."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=".", dir=path.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump([_plain(half) for half in halves], file, ensure_ascii=False)
                os.replace(part, path)
            except OSError:
                Path(part).unlink(missing_ok=True)
                raise


def _four(values: Any) -> tuple[float, float, float, float]:
    a, b, c, d = values
    return a, b, c, d


def _plain(half: Half) -> dict[str, Any]:
    rounded = {**dataclasses.asdict(half)}
    rounded["lines"] = [[line.text, line.confidence, line.box, line.flaws] for line in half.lines]
    return rounded
