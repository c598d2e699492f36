"""The `extractor` command: what it offers, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.evalapp import app as evals
from extractor.cli.saying import say
from extractor.cli.subcommands import ledger_app, prompts
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
    formats: Annotated[str, typer.Option("--format", help="Any of json,html,md,xlsx.")] = "json",
    include: Annotated[
        list[str] | None, typer.Option(help="Of folders, only files like this (*.pdf); repeatable.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Of folders, no files like this.")] = None,
    jobs: Annotated[int | None, typer.Option(help="Documents read at once (one a processor).")] = None,
    max_bytes: Annotated[
        int | None, typer.Option(help="Refuse larger files (2 million of text, 100 million else).")
    ] = None,
    max_pages: Annotated[int | None, typer.Option(help="Refuse documents of more pages (300).")] = None,
    max_pixels: Annotated[
        int | None, typer.Option(help="Refuse larger pictures of a page (100 million).")
    ] = None,
    max_unpacked: Annotated[
        int | None, typer.Option(help="Refuse office files that unpack to more bytes (200 million).")
    ] = None,
    max_rows: Annotated[int | None, typer.Option(help="Refuse sheets of more rows (20 thousand).")] = None,
    max_seconds: Annotated[
        float | None, typer.Option(help="End the reading of a document after this long (600).")
    ] = None,
    max_memory: Annotated[
        int | None, typer.Option(help="End the reading of a document at so many MB (4000).")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model.")] = None,
    preset: Annotated[str | None, typer.Option(help="A known endpoint: openai, deepseek, ollama …")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible API.")] = None,
    mode: Annotated[
        str | None, typer.Option(help="json_schema, tools, json_object or text; probed if not given.")
    ] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="TASK=VERSION, or a folder of your own prompts; repeatable.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="Sampling temperature (0).")] = None,
    seed: Annotated[int | None, typer.Option(help="Sampling seed.")] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds that one request may take (180).")] = None,
    max_output_tokens: Annotated[int | None, typer.Option(help="Output limit of one reply.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Requests at once (8).")] = None,
    rpm: Annotated[float | None, typer.Option(help="Requests per minute.")] = None,
    tpm: Annotated[float | None, typer.Option(help="Tokens per minute.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Ceiling of tokens for the run.")] = None,
    max_cost: Annotated[str | None, typer.Option(help="Ceiling of money for the run.")] = None,
    mask: Annotated[
        bool | None,
        typer.Option("--mask/--no-mask", help="Black out telephone numbers and names."),
    ] = None,
    second_opinion: Annotated[
        bool | None,
        typer.Option("--second-opinion/--no-second-opinion", help="Rules beside the model."),
    ] = None,
    model_checks: Annotated[
        bool | None,
        typer.Option("--model-checks/--no-model-checks", help="Findings that need judgement, by the model."),
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="The ledger's file.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask anew, whatever the ledger holds.")] = False,
    repeat: Annotated[int, typer.Option(min=0, help="Ask once more under this index.")] = 0,
    replay: Annotated[Path | None, typer.Option(help="Recorded replies in place of a model.")] = None,
    record: Annotated[Path | None, typer.Option(help="Keep validated replies in this folder.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what a run would take.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (extractor.toml).")] = None,
) -> None:
    """Turn documents into reports with the place of every value.

    With one input and no -o the JSON goes to standard output and nothing else does.
    Exit codes: 0 done, 2 usage or unreadable input, 3 done in part, 4 no usable endpoint.
    """
    from extractor.cli.extract import Order, run
    from extractor.cli.inputs import Patterns

    flags = {
        "model": model, "preset": preset, "base_url": base_url, "mode": mode, "prompt": prompt,
        "temperature": temperature, "seed": seed, "timeout": timeout, "max_output_tokens": max_output_tokens,
        "concurrency": concurrency, "rpm": rpm, "tpm": tpm, "max_tokens": max_tokens, "max_cost": max_cost,
        "mask": mask, "second_opinion": second_opinion, "model_checks": model_checks,
        "ledger": None if ledger is None else str(ledger), "jobs": jobs, "max_bytes": max_bytes,
        "max_pages": max_pages, "max_pixels": max_pixels, "max_unpacked": max_unpacked, "max_rows": max_rows,
        "max_seconds": max_seconds, "max_memory": max_memory,
    }  # fmt: skip
    wishes = {"fresh": fresh, "repeat": repeat, "replay": replay, "record": record, "dry_run": dry_run}
    patterns = Patterns(tuple(include or ()), tuple(exclude or ()))
    run(Order(tuple(inputs), output, engine, tuple(formats.split(",")), flags, config, wishes, patterns))


@app.command()
def doctor(
    model: Annotated[str | None, typer.Option(help="Name of the model.")] = None,
    preset: Annotated[str | None, typer.Option(help="A known endpoint.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible API.")] = None,
    mode: Annotated[str | None, typer.Option(help="Try this mode only.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="The ledger's file.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (extractor.toml).")] = None,
) -> None:
    """Show the endpoint, the mode that works there, a round trip and the price known; never the key."""
    from extractor.cli.doctor import run

    flags = {"model": model, "preset": preset, "base_url": base_url, "mode": mode}
    run({**flags, "ledger": None if ledger is None else str(ledger)}, config)


@app.command()
def check(
    results: Annotated[
        list[Path] | None, typer.Argument(metavar="RESULT...", help="Results of extract.")
    ] = None,
    fail_on: Annotated[str, typer.Option(help="Exit 1 at this grade or above: E, W, I or never.")] = "E",
    accept: Annotated[
        list[str] | None, typer.Option(help="A finding that stands: ID, ID:LINE or ID:/POINTER.")
    ] = None,
    reject: Annotated[list[str] | None, typer.Option(help="A finding that is none, named alike.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is accepted or rejected.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Explain every check.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (extractor.toml).")] = None,
) -> None:
    """Find what does not add up, in reports as they stand in their files.

    Corrected values count; what was said of a finding is kept in the file. Exit codes: 0 nothing at or above
    the grade, 1 something is, 2 usage.
    """
    from extractor.cli import check as command
    from extractor.errors import InputError

    if listed:
        return command.listed(config)
    if not results:
        raise InputError("name a result of extractor extract, or --list")
    marks = {"accepted": accept or [], "rejected": reject or []}
    return command.check(_results(results), fail_on, marks, reason, config)


@app.command()
def summarize(
    results: Annotated[list[Path], typer.Argument(metavar="RESULT...", help="Results of extract.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .md, .html, .docx or .json file, or a folder.")
    ] = None,
    engine: Annotated[str, typer.Option(help="auto, rules or model.")] = "auto",
    digest: Annotated[bool, typer.Option("--digest", help="One digest of all results.")] = False,
    model: Annotated[str | None, typer.Option(help="Name of the model.")] = None,
    preset: Annotated[str | None, typer.Option(help="A known endpoint.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible API.")] = None,
    mode: Annotated[str | None, typer.Option(help="json_schema, tools, json_object or text.")] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="draft=VERSION, or a folder of prompts.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Requests at once (8).")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Ceiling of tokens for the run.")] = None,
    max_cost: Annotated[str | None, typer.Option(help="Ceiling of money for the run.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="The ledger's file.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask anew, whatever the ledger holds.")] = False,
    replay: Annotated[Path | None, typer.Option(help="Recorded replies in place of a model.")] = None,
    record: Annotated[Path | None, typer.Option(help="Keep validated replies in this folder.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (extractor.toml).")] = None,
) -> None:
    """Draft the review of a result: every sentence cited and verified, what could not be is left out.

    With one result and no -o the draft goes to standard output as Markdown.
    """
    from extractor.cli.summarize import Order, run

    flags = {
        "model": model, "preset": preset, "base_url": base_url, "mode": mode, "prompt": prompt,
        "concurrency": concurrency, "max_tokens": max_tokens, "max_cost": max_cost,
        "ledger": None if ledger is None else str(ledger),
    }  # fmt: skip
    wishes = {"fresh": fresh, "replay": replay, "record": record}
    run(Order(tuple(_results(results)), output, engine, digest, flags, wishes, config))


def _results(paths: list[Path]) -> list[Path]:
    """The results among the files of a folder, where a manifest lies beside them."""
    from extractor.cli.own import is_manifest

    return [path for path in paths if not is_manifest(path)] or paths


app.add_typer(evals, name="eval")

app.add_typer(prompts, name="prompts")
app.add_typer(ledger_app, name="ledger")


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
        from extractor.cli.workers import bug_name

        _complain(f"internal error: {bug_name(error)}; run again with EXTRACTOR_DEBUG=1 and report it")
        sys.exit(2)


def _complain(words: str) -> None:
    say(f"extractor: {words}")


if __name__ == "__main__":
    main()
