"""Writing results: beside, then renamed, so that nothing half-written is ever seen."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from extractor.errors import InputError, UnwritableOutput
from extractor.result import Extraction

PART = (".extractor-", ".part")
FORMATS = ("json", "html", "md", "xlsx")


def checked_formats(words: tuple[str, ...]) -> tuple[str, ...]:
    """The formats asked for; raises `InputError` for one that is not known."""
    formats = tuple(dict.fromkeys(word.strip().lower() for word in words if word.strip()))
    unknown = [word for word in formats if word not in FORMATS]
    if unknown or not formats:
        raise InputError(f"--format takes any of {','.join(FORMATS)}, not {','.join(unknown) or 'nothing'}")
    return formats


def rendered(extraction: Extraction, kind: str, pictures: Mapping[int, bytes] | None = None) -> bytes:
    """The result file's bytes in one of the formats; `pictures` of pages by number are for the page."""
    if kind == "json":
        from extractor.render.json import dumps

        return dumps(extraction).encode()
    if kind == "html":
        from extractor.render.html import page

        return page(extraction, pictures or {}).encode()
    if kind == "md":
        from extractor.render.markdown import markdown

        return markdown(extraction).encode()
    from extractor.render.xlsx import workbook

    return workbook(extraction)


def writable_folder(folder: Path) -> None:
    """Makes the folder; raises `UnwritableOutput` where results cannot be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UnwritableOutput(f"{folder}: cannot be written to ({error.strerror or error})") from error


def swept(folder: Path) -> None:
    """Remove what runs that were killed left half-written below a folder."""
    for part in folder.rglob(f"{PART[0]}*{PART[1]}"):
        with suppress(OSError):
            part.unlink()


def write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all; raises `UnwritableOutput`."""
    part: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=PART[0], suffix=PART[1], dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(part, 0o666 & ~umask)
        os.replace(part, path)
        part = None
    except OSError as error:
        raise UnwritableOutput(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        if part is not None:
            Path(part).unlink(missing_ok=True)
