"""`extractor eval summary` and `extractor eval judge`: review drafts scored and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor import review as drafts
from extractor.document import Document
from extractor.errors import InputError
from extractor.evaluation.gold import parsed
from extractor.evaluation.judging import (
    LABELS,
    TASK,
    Item,
    Verdicts,
    agreement,
    confusion,
    items_of,
    judged,
    labelled,
)
from extractor.evaluation.summaries import rows, scored
from extractor.prompts import load
from extractor.render.json import loads
from extractor.resources import prompts_folder


def summary(review: Path, result: Path, gold: Path | None) -> None:
    """Print the scores of a draft, then each sentence that does not hold."""
    try:
        held = loads(result.read_text("utf-8"))
        document = Document(held["document"]["name"], held["document"]["text"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{result}: not a result of extractor extract") from error
    points = parsed(gold)["report"] if gold else held["report"].model_dump()
    found = scored(drafts.load(review), document, held["report"], points)
    console = Console(highlight=False)
    _table(console, str(review), rows(found))
    wrong = [
        (one.sentence.text, "; ".join(f"{kind}: {words}" for kind, words in one.faults))
        for one in found.each
        if one.faults
    ]
    if wrong:
        _table(console, "sentences that do not hold", wrong)
    if found.missed:
        _table(console, "points not told", [(point, "") for point in found.missed])


def judge(
    reviews: Sequence[Path],
    root: Path,
    flags: Mapping[str, Any],
    wishes: Mapping[str, Any],
    config: Path | None,
) -> None:
    """Ask a model about every labelled sentence and those of the drafts; print what it says."""
    from extractor.cli.modelrun import ModelRun, Progress, Wishes
    from extractor.cli.settings import settings

    run = ModelRun(settings(flags, config), Wishes(**wishes), None)
    run.announce()
    known = labelled(root / "judgements" / "sentences.json")
    sets = {"labels": known, **{str(path): items_of(drafts.load(path)) for path in reviews}}
    prompt = load(prompts_folder(), TASK)
    said: dict[str, Verdicts] = {}

    async def work(engine: Any, progress: Progress) -> None:
        for name, items in sets.items():
            said[name] = await judged(engine.client, items, prompt, name)
            progress.finished()

    run.run(work, len(sets))
    _shown(sets, said)


def _shown(sets: Mapping[str, Sequence[Item]], said: Mapping[str, Verdicts]) -> None:
    console = Console(highlight=False)
    for name, items in sets.items():
        own = said[name]
        counts = [(label, str(sum(one == label for one in own.labels))) for label in LABELS]
        failed = [("no majority", str(own.labels.count(None))), ("calls failed", str(own.failed))]
        _table(console, name, [*counts, ("unanimous", f"{own.unanimous:.3f}"), *failed])
        if name == "labels":
            with_people = agreement(items, own)
            words = f"{with_people.share:.3f} of {with_people.items}, kappa {with_people.kappa:.3f}"
            console.print(Text(f"agreement with people: {words}"))
            for (person, judge), count in confusion(items, own).items():
                if person != judge:
                    console.print(Text(f"  {person} by a person, {judge} by the judge: {count}"))


def _table(console: Console, title: str, lines: Sequence[tuple[str, str]]) -> None:
    out = Table(title=Text(title), title_justify="left", show_header=False)
    for line in lines:
        out.add_row(*map(Text, line))
    console.print(out)
