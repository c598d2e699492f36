"""Prompt files: `<task>/<version>.md`, a TOML head between `+++` lines and a Chinese template behind it.

What a document says is passed to a template as a value and is never read as a template itself.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from extractor.errors import InputError

_FILE = re.compile(r"\+\+\+\n(?P<head>.*?)\n\+\+\+\n(?P<template>.*)", re.S)
_VERSION = re.compile(r"v(\d+)\.md")


class Prompt(BaseModel):
    """One released prompt: what it asks for, what changed in it and why, and the schema that it fills."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    version: str
    changed: str
    why: str
    fills: str
    template: str


def load(folder: Path, task: str, version: str | None = None) -> Prompt:
    """A prompt of a folder, its newest version unless one is named; raises `InputError`."""
    path = folder / task / f"{version}.md" if version else newest(folder, task)
    if path is None or not path.is_file():
        raise InputError(f"no prompt {task}{'=' + version if version else ''} in {folder}")
    match = _FILE.fullmatch(path.read_text("utf-8"))
    if match is None:
        raise InputError(f"{path}: a prompt begins with a head between two lines of +++")
    try:
        prompt = Prompt(**tomllib.loads(match["head"]), template=match["template"])
    except (tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{path}: {first}") from error
    if (prompt.task, prompt.version) != (task, path.stem):
        raise InputError(f"{path}: its head says {prompt.task} {prompt.version}")
    return prompt


def newest(folder: Path, task: str) -> Path | None:
    """The file of the highest version of a task, None where there is none."""
    versions = [
        (int(match[1]), path)
        for path in (folder / task).glob("v*.md")
        if (match := _VERSION.fullmatch(path.name))
    ]
    return max(versions)[1] if versions else None


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
