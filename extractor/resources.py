"""Where the prompts and samples lie: in the installed package, or at the root of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def prompts_folder() -> Path:
    """The folder of the released prompts."""
    return _folder("prompts")


def samples_folder() -> Path:
    """The folder of the fictional sample documents."""
    return _folder("samples")


def _folder(name: str) -> Path:
    installed = _PACKAGE / "data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
