"""The `extractor` command: what it offers, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from extractor.errors import ExtractorError
from extractor.version import VERSION

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Reads the spending self-evaluations of Chinese local governments into grounded reports.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"extractor {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Reads the spending self-evaluations of Chinese local governments into grounded reports."""


@app.command()
def extract(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, or - for standard input.")
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for the results.")] = None,
    engine: Annotated[str, typer.Option(help="auto, rules or model.")] = "auto",
    model: Annotated[str | None, typer.Option(help="Name of the model, for the model engine.")] = None,
    formats: Annotated[str, typer.Option("--format", help="Any of json,html,md,xlsx.")] = "json",
    max_bytes: Annotated[int, typer.Option(min=1, help="Refuse larger files.")] = 2_000_000,
) -> None:
    """Turn documents into reports with the place of every value.

    With one input and no -o the JSON goes to standard output and nothing else does.
    Exit codes: 0 done, 2 usage or unreadable input, 3 done in part, 4 no usable endpoint.
    """
    from extractor.cli.extract import Order, run

    run(Order(tuple(inputs), output, engine, model, tuple(formats.split(",")), max_bytes))


def main() -> None:
    """Run the command; every foreseen error is one line and its exit code."""
    try:
        app()
    except ExtractorError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _complain("interrupted; what was finished is kept")
        sys.exit(130)
    except BrokenPipeError:
        # the reader of a pipe went away: nothing is left to say, and nobody to hear it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("EXTRACTOR_DEBUG"):
            raise
        _complain(f"internal error: {type(error).__name__}; run again with EXTRACTOR_DEBUG=1 and report it")
        sys.exit(2)


def _complain(words: str) -> None:
    print("extractor: " + " ".join(words.split()), file=sys.stderr)


if __name__ == "__main__":
    main()
