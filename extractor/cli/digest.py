"""`extractor summarize --digest`: many results in one."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.checks.registry import checks
from extractor.cli.outputs import write
from extractor.cli.settings import Settings
from extractor.errors import ExtractorError, IncompleteRun, InputError
from extractor.resources import prompts_folder
from extractor.reviewing.digest import Digest

if TYPE_CHECKING:
    from extractor.cli.modelrun import ModelRun

FORMATS = ("html", "xlsx", "md", "json")


def run(paths: Sequence[Path], output: Path | None, given: Settings, model: ModelRun | None = None) -> None:
    """Write the digest of results; one that cannot be read is named and left out (exit code 3)."""
    kind = output.suffix.lstrip(".").lower() if output else "md"
    if kind not in FORMATS:
        raise InputError(f"a digest is written as {', '.join(FORMATS)}, not {kind}")
    from extractor.cli.summarize import material, stems_of

    names = {path: f"{stem}.json" for path, stem in stems_of(paths).items()}
    digest, failed = Digest(), []
    seen: dict[str, str] = {}
    for path in paths:
        try:
            own = material(path, given)
        except ExtractorError as error:
            failed.append(str(error))
            print(f"left out: {error}", file=sys.stderr)
            continue
        first = seen.setdefault(own.case.text, names[path])
        if first != names[path]:
            print(f"note: {names[path]} is the same document as {first}", file=sys.stderr)
        digest.add(own.case, own.findings, names[path])
    if not digest.rows:
        raise InputError("no result could be read")
    if model is not None:
        _group(digest, model)
    data = _rendered(digest, kind)
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        write(output, data)
    if failed:
        raise IncompleteRun(f"{len(failed)} of {len(paths)} results left out; the digest holds the rest")


def _group(digest: Digest, model: ModelRun) -> None:
    """Put the sentences under themes that a model proposes."""
    from extractor.prompts import load
    from extractor.reviewing.calls import THEMES
    from extractor.reviewing.grouping import grouped

    prompt = load(Path(model.given.get("folder") or prompts_folder()), THEMES, model.given.tasks.get(THEMES))

    async def work(engine: Any, progress: Any) -> None:
        digest.problems = await grouped(digest.problems, engine.client, prompt, "problems")
        digest.measures = await grouped(digest.measures, engine.client, prompt, "measures")

    model.run(work, 1)


def _rendered(digest: Digest, kind: str) -> bytes:
    from extractor.render import digests

    titles = {one.id: one.title for one in checks()}
    if kind == "html":
        return digests.page(digest, titles).encode()
    if kind == "md":
        return digests.markdown(digest, titles).encode()
    if kind == "xlsx":
        from extractor.render.xlsx import written

        return written(digests.sheets(digest, titles))
    held = {
        "rows": [{k: v for k, v in asdict(row).items() if k != "told"} for row in digest.rows],
        "problems": {name: [asdict(one) for one in own] for name, own in digest.groups(digest.problems)},
        "measures": {name: [asdict(one) for one in own] for name, own in digest.groups(digest.measures)},
        "outliers": [asdict(one) for one in digest.outliers()],
    }
    return (json.dumps(held, ensure_ascii=False, indent=1, default=str) + "\n").encode()
