"""The `extractor eval` commands as the command line offers them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Score engines, models and prompts against hand-labelled gold.")
_SUITE = Annotated[str, typer.Argument(metavar="SUITE", help="A suite of evals/suites, or a TOML file.")]
_ROOT = Annotated[Path, typer.Option("--evals", help="Folder of datasets, suites and baselines.")]
_OUTPUT = Annotated[Path, typer.Option("-o", "--output", help="Folder for runs and their pages.")]
_FORMATS = Annotated[str, typer.Option("--format", help="Any of json,html,md,junit; JSON always.")]
_PROMPT = Annotated[
    list[str] | None, typer.Option(help="TASK=VERSION, or a folder of your own prompts; repeatable.")
]
_SPLIT = Annotated[str | None, typer.Option(help="A split of the datasets; open: all but the sealed part.")]
_SEALED = Annotated[bool, typer.Option("--sealed", help="Score the sealed part, and nothing else.")]
_REPEATS = Annotated[int | None, typer.Option(min=1, help="Readings of each document by a sampled model.")]
_ENGINE = Annotated[str | None, typer.Option(help="rules or model, whatever the suite says.")]
_MODEL = Annotated[str | None, typer.Option(help="Name of the model.")]
_PRESET = Annotated[str | None, typer.Option(help="A known endpoint.")]
_BASE_URL = Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible API.")]
_MODE = Annotated[str | None, typer.Option(help="json_schema, tools, json_object or text.")]
_TEMPERATURE = Annotated[float | None, typer.Option(help="Sampling temperature (0).")]
_SEED = Annotated[int | None, typer.Option(help="Sampling seed.")]
_CONCURRENCY = Annotated[int | None, typer.Option(help="Requests at once (8).")]
_RPM = Annotated[float | None, typer.Option(help="Requests per minute.")]
_MAX_TOKENS = Annotated[int | None, typer.Option(help="Ceiling of tokens for the run.")]
_MAX_COST = Annotated[str | None, typer.Option(help="Ceiling of money for the run.")]
_LEDGER = Annotated[Path | None, typer.Option(help="The ledger's file.")]
_FRESH = Annotated[bool, typer.Option("--fresh", help="Read and ask anew, whatever was kept.")]
_REPLAY = Annotated[Path | None, typer.Option(help="Recorded replies in place of a model.")]
_RECORD = Annotated[Path | None, typer.Option(help="Keep validated replies in this folder.")]
_CONFIG = Annotated[Path | None, typer.Option(help="Settings file (extractor.toml).")]
_NAME = Annotated[str | None, typer.Option(help="Name of the run's files.")]
_EVALS, _RUNS = Path("evals"), Path("out/evals")


@app.command("run")
def run(
    suite: _SUITE,
    prompt: _PROMPT = None,
    split: _SPLIT = None,
    sealed: _SEALED = False,
    repeats: _REPEATS = None,
    baseline: Annotated[str | None, typer.Option(help="A run or a baseline's name: gate against it.")] = None,
    engine: _ENGINE = None,
    model: _MODEL = None,
    preset: _PRESET = None,
    base_url: _BASE_URL = None,
    mode: _MODE = None,
    temperature: _TEMPERATURE = None,
    seed: _SEED = None,
    concurrency: _CONCURRENCY = None,
    rpm: _RPM = None,
    max_tokens: _MAX_TOKENS = None,
    max_cost: _MAX_COST = None,
    ledger: _LEDGER = None,
    fresh: _FRESH = False,
    replay: _REPLAY = None,
    record: _RECORD = None,
    output: _OUTPUT = _RUNS,
    name: _NAME = None,
    formats: _FORMATS = "json,html",
    root: _ROOT = _EVALS,
    config: _CONFIG = None,
) -> None:
    """Score a suite. What was read before is not read again; what the ledger holds is not asked again.

    Exit codes: 0 done, 1 a gate said no, 2 usage, 3 some document failed, 4 no usable endpoint, 5 undecided.
    """
    from extractor.cli.evaluate import Order
    from extractor.cli.evaluate import run as run_suite

    flags: dict[str, Any] = {
        "prompt": prompt, "model": model, "preset": preset, "base_url": base_url, "mode": mode,
        "temperature": temperature, "seed": seed, "concurrency": concurrency, "rpm": rpm,
        "max_tokens": max_tokens, "max_cost": max_cost, "ledger": None if ledger is None else str(ledger),
    }  # fmt: skip
    wishes = {"fresh": fresh, "replay": replay, "record": record}
    run_suite(
        Order(
            suite, root, output, tuple(formats.split(",")), name, split, sealed, repeats, engine, baseline,
            fresh, flags=flags, wishes=wishes, config=config,
        )
    )  # fmt: skip


@app.command("matrix")
def matrix(
    suite: _SUITE,
    prompts: Annotated[
        list[str] | None,
        typer.Option("--prompts", help="TASK=V1,V2: each version of a task; repeatable, combined."),
    ] = None,
    models: Annotated[str, typer.Option("--models", help="Names of models: a,b.")] = "",
    split: _SPLIT = None,
    repeats: _REPEATS = None,
    preset: _PRESET = None,
    base_url: _BASE_URL = None,
    mode: _MODE = None,
    concurrency: _CONCURRENCY = None,
    max_tokens: _MAX_TOKENS = None,
    max_cost: _MAX_COST = None,
    ledger: _LEDGER = None,
    output: _OUTPUT = _RUNS,
    name: _NAME = None,
    root: _ROOT = _EVALS,
    config: _CONFIG = None,
) -> None:
    """Score a suite with every combination of prompts and models, side by side."""
    from extractor.cli.evaluate import Order, combinations
    from extractor.cli.evaluate import matrix as run_matrix

    flags = {
        "preset": preset, "base_url": base_url, "mode": mode, "concurrency": concurrency,
        "max_tokens": max_tokens, "max_cost": max_cost, "ledger": None if ledger is None else str(ledger),
    }  # fmt: skip
    order = Order(suite, root, output, ("json",), name, split, repeats=repeats, flags=flags, config=config)
    run_matrix(order, combinations(prompts or []), [one for one in models.split(",") if one] or [None])


@app.command("compare")
def compare(
    base: Annotated[str, typer.Argument(help="A run's JSON, or the name of a baseline.")],
    new: Annotated[str, typer.Argument(help="The run to compare with it.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for the files.")] = None,
    formats: _FORMATS = "json,html",
    name: Annotated[str | None, typer.Option(help="Name of the files (BASE-against-NEW).")] = None,
    root: _ROOT = _EVALS,
) -> None:
    """Show what got better, what got worse, at what cost, and whether that proves anything."""
    from extractor.cli.evaluate import compare as compare_runs

    compare_runs(base, new, root, output, tuple(formats.split(",")), name)


@app.command("gate")
def gate(
    base: Annotated[str, typer.Argument(help="A run's JSON, or the name of a baseline.")],
    new: Annotated[str, typer.Argument(help="The run that shall take its place.")],
    junit: Annotated[Path | None, typer.Option(help="Write the outcome as JUnit XML.")] = None,
    root: _ROOT = _EVALS,
) -> None:
    """Exit 0 pass, 1 regression, 2 not comparable, 5 undecided."""
    from extractor.cli.evaluate import gate as gate_runs

    gate_runs(base, new, root, junit)


@app.command("baseline")
def baseline(
    run: Annotated[Path, typer.Argument(help="A run's JSON.")],
    name: _NAME = None,
    root: _ROOT = _EVALS,
) -> None:
    """Keep a run in evals/baselines, under its suite's name."""
    from extractor.cli.evaluate import baseline as keep

    keep(run, root, name)


@app.command("validate")
def validate(
    datasets: Annotated[list[str] | None, typer.Argument(help="Datasets; all of them if none.")] = None,
    root: _ROOT = _EVALS,
) -> None:
    """Check gold: its shape, its document's hash, and that every value stands in the document."""
    from extractor.cli.evaluate import validate as check

    check(datasets or [], root)


@app.command("summary")
def summary(
    review: Annotated[Path, typer.Argument(help="A review draft's JSON.")],
    result: Annotated[Path, typer.Option(help="The result of extract that it was drafted from.")],
    gold: Annotated[Path | None, typer.Option(help="A gold file; else the result's own report.")] = None,
) -> None:
    """Score a review draft: what holds, what is cited, what is covered, side by side."""
    from extractor.cli.evalsummary import summary as score

    score(review, result, gold)


@app.command("judge")
def judge(
    reviews: Annotated[
        list[Path] | None, typer.Argument(help="Review drafts' JSON; none: only the labels.")
    ] = None,
    model: _MODEL = None,
    preset: _PRESET = None,
    base_url: _BASE_URL = None,
    mode: _MODE = None,
    ledger: _LEDGER = None,
    replay: _REPLAY = None,
    record: _RECORD = None,
    root: _ROOT = _EVALS,
    config: _CONFIG = None,
) -> None:
    """Let a model judge the sentences of drafts, three votes each, beside its agreement with people."""
    from extractor.cli.evalsummary import judge as ask

    flags = {
        "model": model, "preset": preset, "base_url": base_url, "mode": mode,
        "ledger": None if ledger is None else str(ledger),
    }  # fmt: skip
    ask(reviews or [], root, flags, {"replay": replay, "record": record}, config)
