"""An endpoint with what a request to it needs; the key never shows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from extractor.errors import InputError

Mode = Literal["json_schema", "tools", "json_object", "text"]
MODES: tuple[Mode, ...] = get_args(Mode)
_KEY_LIKE = re.compile(r"\b(?:sk|pk|key|Bearer)[-_ ][A-Za-z0-9*_\-.]{6,}")
_LONGEST_MESSAGE = 200


@dataclass(frozen=True)
class Preset:
    """A known kind of endpoint; see presets.toml."""

    base_url: str
    key: str
    modes: tuple[Mode, ...] = MODES
    tool_choice: str = "named"
    strict_tools: bool = True


@dataclass(frozen=True)
class Endpoint:
    """Where requests go, as what model, and how they are shaped."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    mode: Mode | None = None
    modes: tuple[Mode, ...] = MODES
    tool_choice: str = "named"
    strict_tools: bool = True
    temperature: float | None = 0.0
    seed: int | None = None
    max_output_tokens: int | None = None
    timeout: float = 180.0

    @property
    def host(self) -> str:
        """The host that a document goes to, with its port where it names one."""
        parts = urlsplit(self.base_url)
        return parts.netloc.rpartition("@")[2]

    @property
    def place(self) -> str:
        """The address without any user name, password or query in it."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{self.host}{parts.path.rstrip('/')}"

    def without_secrets(self, message: str) -> str:
        """One short line of an error, with the key and whatever looks like one taken out."""
        words = " ".join(message.split())
        if self.api_key:
            words = words.replace(self.api_key, "***")
        return _KEY_LIKE.sub("***", words)[:_LONGEST_MESSAGE]


@cache
def presets() -> dict[str, Preset]:
    """The presets that ship with the package, by name."""
    data = tomllib.loads(Path(__file__).with_name("presets.toml").read_text("utf-8"))
    return {name: _preset(entry) for name, entry in data.items()}


def _preset(entry: dict[str, Any]) -> Preset:
    return Preset(**{**entry, "modes": tuple(entry["modes"])})


def preset(name: str) -> Preset:
    """A preset by its name; raises `InputError`."""
    if name not in presets():
        raise InputError(f"no preset {name}; there are {', '.join(presets())}")
    return presets()[name]


def preset_of(base_url: str) -> Preset | None:
    """The preset whose address this is, by its host; None for any other."""
    host = urlsplit(base_url).netloc
    found: Sequence[Preset] = [one for one in presets().values() if urlsplit(one.base_url).netloc == host]
    return found[0] if found else None
