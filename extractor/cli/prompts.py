"""`extractor prompts`: the released prompts, or those of a folder."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor import prompts as files
from extractor.errors import InputError
from extractor.resources import prompts_folder
from extractor.reviewing.calls import REPLIES


def listed(folder: Path | None) -> None:
    """Print every version of every task."""
    where = folder or prompts_folder()
    held = files.locked(where)
    out = Table()
    for title in ("task", "version", "locked", "changed", "why"):
        out.add_column(title)
    for path in files.every(where):
        prompt = files.load(where, path.parent.name, path.stem)
        locked = "yes" if f"{prompt.task}/{prompt.version}" in held else "no"
        out.add_row(*map(Text, (prompt.task, prompt.version, locked, prompt.changed, prompt.why)))
    Console(highlight=False).print(out)


def shown(task: str, version: str | None, folder: Path | None) -> None:
    """Print the system message of a task and the schema of its reply."""
    from extractor.engines.model import tasks
    from extractor.evaluation import judging

    schemas = {judging.TASK: judging.SCHEMA, **{name: tasks.schema_of(one) for name, one in REPLIES.items()}}
    if task in schemas:
        prompt = files.load(folder or prompts_folder(), task, version)
        print(f"# {task} {prompt.version}\n\n{files.rendered(prompt).rstrip()}\n\n# schema\n")
        print(json.dumps(schemas[task], ensure_ascii=False, indent=1))
        return
    if task not in tasks.REPLIES:
        raise InputError(f"no task {task}; there are {', '.join(tasks.REPLIES)}")
    one = tasks.task(files.load(folder or prompts_folder(), task, version), tasks.REPLIES[task])
    print(f"# {one.name} {one.prompt.version}\n\n{one.system}\n\n# schema\n")
    print(json.dumps(tasks.schema_of(one.reply), ensure_ascii=False, indent=1))


def compared(task: str, old: str, new: str, folder: Path | None) -> None:
    """Print the difference of two versions."""
    print(files.difference(folder or prompts_folder(), task, old, new), end="")


def locked(folder: Path | None) -> None:
    """Lock what is not locked yet and say what that was."""
    fresh = files.lock(folder or prompts_folder())
    print(f"locked: {', '.join(fresh)}" if fresh else "every version is locked already")
