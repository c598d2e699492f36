"""Prompt files: `<task>/<version>.md`, a TOML head between `+++` lines and a Chinese template behind it.

What a document says is passed to a model in a message of its own and is never read as a template. A released
version never changes: `lock.json` beside the tasks holds the hash of each, and a file that differs from its
hash is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from extractor.errors import InputError

LOCK = "lock.json"
_FILE = re.compile(r"\+\+\+\n(?P<head>.*?)\n\+\+\+\n(?P<template>.*)", re.S)
_VERSION = re.compile(r"v(\d+)\.md")


class Example(BaseModel):
    """A fictional piece of a document and the reply that it should get, as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    reply: str


class Prompt(BaseModel):
    """One prompt: what it asks for, what changed and why, the schema that it fills, and its examples."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    version: str
    changed: str
    why: str
    fills: str
    template: str
    examples: tuple[Example, ...] = ()
    sha256: str


def load(folder: Path, task: str, version: str | None = None) -> Prompt:
    """A prompt of a folder, its newest version unless one is named; raises `InputError`."""
    path = folder / task / f"{version}.md" if version else newest(folder, task)
    if path is None or not path.is_file():
        raise InputError(f"no prompt {task}{'=' + version if version else ''} in {folder}")
    data = path.read_bytes()
    match = _FILE.fullmatch(data.decode("utf-8", "replace"))
    if match is None:
        raise InputError(f"{path}: a prompt begins with a head between two lines of +++")
    try:
        prompt = Prompt(**tomllib.loads(match["head"]), template=match["template"], sha256=_digest(data))
    except (tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{path}: {first}") from error
    if (prompt.task, prompt.version) != (task, path.stem):
        raise InputError(f"{path}: its head says {prompt.task} {prompt.version}")
    released = locked(folder).get(f"{task}/{path.stem}")
    if released is not None and released != prompt.sha256:
        raise InputError(f"{path}: released and changed since; give it a new version instead")
    return prompt


def newest(folder: Path, task: str) -> Path | None:
    """The file of the highest version of a task, None where there is none."""
    versions = [(int(match[1]), path) for path, match in _files(folder / task)]
    return max(versions)[1] if versions else None


def every(folder: Path) -> list[Path]:
    """The files of all versions of all tasks, by task and number."""
    tasks = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return [path for task in tasks for path, _ in sorted(_files(task), key=lambda found: int(found[1][1]))]


def _files(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in folder.glob("v*.md"):
        match = _VERSION.fullmatch(path.name)
        if match:
            yield path, match


def locked(folder: Path) -> dict[str, str]:
    """The hashes of the released versions by task/version; empty where nothing is locked."""
    path = folder / LOCK
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON") from error
    return {str(key): str(value) for key, value in data.items()}


def lock(folder: Path) -> list[str]:
    """Locks every version that is not locked yet and returns their names; `InputError` for a changed one."""
    held = locked(folder)
    fresh: list[str] = []
    for path in every(folder):
        load(folder, path.parent.name, path.stem)
        name = f"{path.parent.name}/{path.stem}"
        if name not in held:
            held[name] = _digest(path.read_bytes())
            fresh.append(name)
    if fresh:
        text = json.dumps(dict(sorted(held.items())), indent=2) + "\n"
        (folder / LOCK).write_text(text, "utf-8")
    return fresh


def difference(folder: Path, task: str, old: str, new: str) -> str:
    """What changed between two versions, as a unified diff."""
    first, second = (_lines(folder, task, version) for version in (old, new))
    return "".join(unified_diff(first, second, f"{task}/{old}", f"{task}/{new}"))


def _lines(folder: Path, task: str, version: str) -> list[str]:
    load(folder, task, version)
    return (folder / task / f"{version}.md").read_text("utf-8").splitlines(keepends=True)


def rendered(prompt: Prompt, **values: str) -> str:
    """The prompt's text with the values in their places; raises `InputError` for a place without a value."""
    from jinja2 import StrictUndefined, UndefinedError
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    try:
        return environment.from_string(prompt.template).render(values)
    except UndefinedError as error:
        raise InputError(f"prompt {prompt.task}={prompt.version}: {error}") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
