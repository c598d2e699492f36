"""`extractor prompts` and `extractor ledger`: what they offer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

prompts = typer.Typer(no_args_is_help=True, help="The prompts: list, show, diff, lock.")
_FOLDER = Annotated[Path | None, typer.Option("--folder", help="A folder of your own prompts.")]


@prompts.command("list")
def prompts_list(folder: _FOLDER = None) -> None:
    """List every version with what changed in it."""
    from extractor.cli.prompts import listed

    listed(folder)


@prompts.command("show")
def prompts_show(
    task: str, version: Annotated[str | None, typer.Argument()] = None, folder: _FOLDER = None
) -> None:
    """Print a prompt as it is sent, with its schema."""
    from extractor.cli.prompts import shown

    shown(task, version, folder)


@prompts.command("diff")
def prompts_diff(task: str, old: str, new: str, folder: _FOLDER = None) -> None:
    """Show what changed between two versions."""
    from extractor.cli.prompts import compared

    compared(task, old, new, folder)


@prompts.command("lock")
def prompts_lock(folder: _FOLDER = None) -> None:
    """Lock the hashes of versions that are not locked yet."""
    from extractor.cli.prompts import locked

    locked(folder)


ledger_app = typer.Typer(no_args_is_help=True, help="The ledger of calls: show, prune.")
_LEDGER = Annotated[Path | None, typer.Option("--ledger", help="The ledger's file.")]


@ledger_app.command("show")
def ledger_show(
    of: Annotated[
        str | None, typer.Option("--for", metavar="RESULT.json#/POINTER", help="The call behind one value.")
    ] = None,
    document: Annotated[str | None, typer.Option(help="Calls of this document only.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many calls.")] = 20,
    ledger: _LEDGER = None,
) -> None:
    """Show the newest calls, or the exact request and reply behind one value of a result."""
    from extractor.cli.ledger import shown, shown_for

    if of is not None:
        shown_for(of, ledger)
    else:
        shown(document, last, ledger)


@ledger_app.command("prune")
def ledger_prune(
    before: Annotated[str, typer.Option(metavar="DATE", help="Delete calls older than this ISO date.")],
    ledger: _LEDGER = None,
) -> None:
    """Delete old calls."""
    from extractor.cli.ledger import pruned

    pruned(before, ledger)
