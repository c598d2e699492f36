"""Replies kept in files, by task and input hash: a model's answers that can be replayed without the model.

`<task>-<input>.json` holds the task, the prompt's version, the model, the mode and the reply. No endpoint is
part of the name, so that what one endpoint answered replays anywhere.
"""

from __future__ import annotations

import json
from pathlib import Path

from extractor.errors import InputError
from extractor.llm.request import Request


class Recordings:
    """A folder of recorded replies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, request: Request) -> Path:
        return self.folder / f"{request.task}-{request.input_hash}.json"

    def get(self, request: Request) -> str | None:
        """The recorded reply to a request; raises `InputError` for a broken file."""
        path = self._path(request)
        if not path.is_file():
            return None
        try:
            return str(json.loads(path.read_text("utf-8"))["reply"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: not a recorded reply") from error

    def put(self, request: Request, model: str, mode: str, reply: str) -> None:
        """Record a validated reply."""
        self.folder.mkdir(parents=True, exist_ok=True)
        entry = {
            "task": request.task,
            "version": request.version,
            "input": request.input_hash,
            "model": model,
            "mode": mode,
            "reply": reply,
        }
        path = self._path(request)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(entry, ensure_ascii=False, indent=1) + "\n", "utf-8")
        part.replace(path)
