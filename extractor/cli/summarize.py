"""`extractor summarize`: results into review drafts, or a digest of many."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.checking import rechecked
from extractor.checks.case import Case
from extractor.cli.check import read_result, thresholds
from extractor.cli.outputs import write
from extractor.cli.settings import Settings, settings
from extractor.errors import IncompleteRun, InputError
from extractor.extraction import grounded
from extractor.resources import prompts_folder
from extractor.review import Review
from extractor.reviewing.composing import Material, composed
from extractor.reviewing.verdicts import Rule

if TYPE_CHECKING:
    from extractor.cli.modelrun import ModelRun

FORMATS = ("md", "html", "docx", "json")


@dataclass(frozen=True)
class Order:
    """What `summarize` was asked for."""

    results: tuple[Path, ...]
    output: Path | None
    engine: str
    digest: bool
    flags: Mapping[str, Any] = field(default_factory=dict)
    wishes: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None


def run(order: Order) -> None:
    """Write the draft of one result, a draft of each into a folder, or a digest of all."""
    given = settings(order.flags, order.config)
    model = _model(order, given)
    if order.digest:
        from extractor.cli.digest import run as digest

        return digest(order.results, order.output, given, model)
    alone = len(order.results) == 1 and (order.output is None or bool(order.output.suffix))
    if not alone and (order.output is None or order.output.suffix):
        raise InputError("several results need a folder for their drafts: -o DIR")
    kind = order.output.suffix.lstrip(".").lower() if alone and order.output else "md"
    if kind not in FORMATS:
        raise InputError(f"a draft is written as {', '.join(FORMATS)}, not {kind}")
    materials = [material(path, given) for path in order.results]
    stems, remarks = stems_of(order.results), []
    for path, own, review in zip(order.results, materials, _drafts(materials, model), strict=True):
        made = rendered_all(review, own.case.text, (kind,) if alone else FORMATS)
        _told(path, review, _write(order, stems[path], made, alone))
        remarks += [f"{path}: {one}" for one in review.remarks]
    if remarks:
        raise IncompleteRun("; ".join(remarks))
    return None


def stems_of(paths: Sequence[Path]) -> dict[Path, str]:
    """A name for each result: its file's, or, where two are the same, its path below what all share."""
    short = Counter(path.stem for path in set(paths))
    if max(short.values(), default=0) < 2:
        return {path: path.stem for path in paths}
    shared = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    return {path: path.absolute().relative_to(shared).with_suffix("").as_posix() for path in paths}


def _model(order: Order, given: Settings) -> ModelRun | None:
    """What the model's part needs, None for drafts without a model; says which it is."""
    if order.engine not in ("auto", "rules", "model"):
        raise InputError(f"--engine takes auto, rules or model, not {order.engine}")
    replayed = order.wishes.get("replay") is not None
    if order.engine == "rules" or (order.engine == "auto" and not given.configured_by and not replayed):
        if order.engine == "auto":
            print("engine: rules", file=sys.stderr)
        return None
    from extractor.cli.modelrun import ModelRun, Wishes

    model = ModelRun(given, Wishes(**order.wishes), None)
    model.announce()
    return model


def _drafts(materials: Sequence[Material], model: ModelRun | None) -> list[Review]:
    """A draft of each: composed by rules, or written by a model, several at once."""
    if model is None:
        return [composed(one) for one in materials]
    import asyncio

    from extractor.prompts import load
    from extractor.reviewing.calls import DRAFT
    from extractor.reviewing.writing import written

    prompt = load(Path(model.given.get("folder") or prompts_folder()), DRAFT, model.given.tasks.get(DRAFT))
    out: list[Review] = []

    async def work(engine: Any, progress: Any) -> None:
        out.extend(await asyncio.gather(*(written(one, engine.client, prompt) for one in materials)))

    model.run(work, len(materials))
    return out


def rendered_all(review: Review, text: str, kinds: Sequence[str]) -> dict[str, bytes]:
    """The draft in each of the formats."""
    return {kind: rendered(review, text, kind) for kind in kinds}


def _write(order: Order, stem: str, made: Mapping[str, bytes], alone: bool) -> list[Path]:
    """Writes a draft in its formats, or prints it; the files it is in."""
    if order.output is None:
        for data in made.values():
            sys.stdout.buffer.write(data)
        return []
    files = [order.output] if alone else [order.output / f"{stem}.review.{kind}" for kind in made]
    for file, data in zip(files, made.values(), strict=True):
        write(file, data)
    return files


def _told(path: Path, review: Review, files: Sequence[Path]) -> None:
    total = len(review.sentences) + review.left_out
    where = f" -> {', '.join(map(str, files))}" if files else ""
    print(f"{path}: {len(review.sentences)} of {total} sentences verified{where}", file=sys.stderr)


def material(path: Path, given: Settings) -> Material:
    """What a draft of a result is written from; raises `InputError`."""
    found = rechecked(read_result(path), grounded, thresholds(given))
    document = found.result["document"]
    places = {
        at: tuple((one["start"], one["end"]) for one in own) for at, own in found.result["evidence"].items()
    }
    case = Case(
        found.result["report"], document["text"], places, thresholds(given), found.result["conflicts"]
    )
    corrected = frozenset(found.result.get("corrected", ()))
    return Material(case, found.findings, document["name"], document["sha256"], rule_of(given), corrected)


def rule_of(given: Settings) -> Rule:
    """The rule of the proposed conclusion: that of [review] in the settings, else the default."""
    names = ("return_errors", "revise_errors", "revise_warnings")
    own = {name: given.get(name) for name in names}
    return Rule(**{name: int(value) for name, value in own.items() if value is not None})


def rendered(review: Review, text: str, kind: str) -> bytes:
    """The draft's bytes in one of the formats."""
    if kind == "json":
        return (review.model_dump_json(indent=2) + "\n").encode()
    if kind == "md":
        from extractor.render.reviews.markdown import markdown

        return markdown(review, text).encode()
    if kind == "html":
        from extractor.render.reviews.page import page

        return page(review, text).encode()
    from extractor.render.reviews.word import document

    return document(review, text)
