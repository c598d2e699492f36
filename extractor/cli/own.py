"""What the tool itself wrote is never read as input: its files carry a mark, which is looked for here."""

from __future__ import annotations

import zipfile
from pathlib import Path

from extractor.ingest.kinds import BROKEN_ZIP
from extractor.marks import MANIFEST_HEAD, MANIFEST_JSON, MARK, RESULT_HEAD

_ENDS = 4096
_PROPERTIES = "docProps/core.xml"
_MOST_PROPERTIES = 65_536


def is_own(path: Path) -> bool:
    """Whether a file is a result, a page, a workbook, a draft, a digest or a manifest of ours."""
    try:
        with path.open("rb") as file:
            head = file.read(_ENDS)
            file.seek(max(0, path.stat().st_size - _ENDS))
            tail = file.read(_ENDS)
    except OSError:
        return False
    if head.startswith(b"PK\x03\x04"):
        return _is_own_office_file(path)
    starts = (RESULT_HEAD.encode(), MANIFEST_HEAD.encode("utf-8-sig"))
    return MARK.encode() in head + tail or head.startswith(starts)


def is_manifest(path: Path) -> bool:
    """Whether a file is the manifest of a run, which lies among its results and is none."""
    try:
        with path.open("rb") as file:
            return file.read(len(MANIFEST_JSON)) == MANIFEST_JSON.encode()
    except OSError:
        return False


def _is_own_office_file(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(_PROPERTIES).file_size > _MOST_PROPERTIES:
                return False
            return MARK.encode() in archive.read(_PROPERTIES)
    except (KeyError, *BROKEN_ZIP):
        return False
