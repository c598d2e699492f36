"""What a model run needs, from flags, the environment and extractor.toml, in that order.

The only reader of the environment and of settings files; everything below receives values.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from extractor.errors import InputError, NoEndpoint

FILE = "extractor.toml"
ENDPOINT_VARIABLES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "EXTRACTOR_MODEL", "EXTRACTOR_PRESET")
_OPENAI = "https://api.openai.com/v1"
# Each setting with the section of the file that holds it; its variable is EXTRACTOR_NAME.
_SECTIONS = {
    "endpoint": (
        "preset", "base_url", "model", "key_env", "mode", "temperature", "seed", "timeout",
        "max_output_tokens", "resource",
    ),
    "limits": ("concurrency", "rpm", "tpm", "max_tokens", "max_cost"),
    "run": ("mask", "second_opinion", "model_checks", "ledger", "currency"),
    "reading": (
        "max_bytes", "max_pages", "max_pixels", "max_unpacked", "max_rows", "max_seconds", "max_memory",
        "jobs", "reading_cache",
    ),
    "prompts": ("folder",),
    "review": ("return_errors", "revise_errors", "revise_warnings"),
    "checks": (
        "over_ratio", "adjustment_rate", "repeat_error", "repeat_warning", "rate_tolerance", "low_execution",
    ),
}  # fmt: skip
_TABLES = ("prices", "rates")
_WHOLE = (
    "seed", "max_output_tokens", "concurrency", "max_tokens", "return_errors", "revise_errors",
    "revise_warnings", "max_bytes", "max_pages", "max_pixels", "max_unpacked", "max_rows", "max_memory",
    "jobs",
)  # fmt: skip
_BROKEN = ("temperature", "timeout", "rpm", "tpm", "max_seconds")
_SWITCHES = ("mask", "second_opinion", "model_checks")


@dataclass(frozen=True)
class Settings:
    """All settings by name as given (None where nobody gave one), and who configured the endpoint."""

    values: Mapping[str, Any]
    tasks: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    key: str = field(default="", repr=False)
    configured_by: tuple[str, ...] = ()

    def get(self, name: str, default: Any = None) -> Any:
        """A setting, the default where nobody gave one."""
        value = self.values.get(name)
        return default if value is None else value


def settings(flags: Mapping[str, Any], config: Path | None = None) -> Settings:
    """The settings in force; raises `InputError` for a file or a value that cannot be used."""
    path = config or Path(FILE)
    data = _file(path, asked_for=config is not None)
    values: dict[str, Any] = {}
    by: list[str] = [name for name in ENDPOINT_VARIABLES if os.environ.get(name)]
    if any(name in data.get("endpoint", {}) for name in ("preset", "base_url", "model")):
        by.append(str(path))
    for section, names in _SECTIONS.items():
        for name in names:
            values[name] = _first(name, flags.get(name), _variable(name), data.get(section, {}).get(name))
    by += [f"--{name.replace('_', '-')}" for name in ("preset", "base_url", "model") if flags.get(name)]
    tasks = {**data.get("prompts", {}).get("tasks", {}), **_versions(flags.get("prompt") or ())}
    if folder := _folder_asked(flags.get("prompt") or ()):
        values["folder"] = folder
    rates = {name: _decimal(f"rates.{name}", value) for name, value in data.get("rates", {}).items()}
    preset = values.get("preset")
    return Settings(values, tasks, data.get("prices", {}), rates, _key(preset, values["key_env"]), tuple(by))


def _first(name: str, *candidates: Any) -> Any:
    value = next((one for one in candidates if one is not None), None)
    return None if value is None else _typed(name, value)


def _variable(name: str) -> str | None:
    if name == "base_url":
        return os.environ.get("OPENAI_BASE_URL") or None
    return os.environ.get(f"EXTRACTOR_{name.upper()}") or None


def _key(preset: str | None, variable: str | None) -> str:
    from extractor.llm.endpoint import preset as preset_named

    names = [variable] if variable else [preset_named(preset).key] if preset else []
    return next(
        (os.environ[name] for name in (*names, "OPENAI_API_KEY") if name and os.environ.get(name)), ""
    )


def _file(path: Path, asked_for: bool) -> dict[str, Any]:
    if not path.is_file():
        if asked_for:
            raise InputError(f"{path}: no such file")
        return {}
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path}: {error}") from error
    for section, entry in data.items():
        if section in _TABLES:
            continue
        known = _SECTIONS.get(section)
        if known is None or not isinstance(entry, dict):
            raise InputError(f"{path}: no section {section}; there are {', '.join((*_SECTIONS, *_TABLES))}")
        extra = [name for name in entry if name not in known and (section, name) != ("prompts", "tasks")]
        if extra:
            raise InputError(f"{path}: [{section}] has no {extra[0]}; it has {', '.join(known)}")
    return data


def _typed(name: str, value: Any) -> Any:
    try:
        if name in _WHOLE:
            return int(value)
        if name in _BROKEN:
            return float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} takes a number, not {value}") from error
    if name == "max_cost" or name in _SECTIONS["checks"]:
        return _decimal(name, value)
    if name in _SWITCHES and isinstance(value, str):
        return value.lower() in ("1", "true", "yes", "on")
    return value


def _decimal(name: str, value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise InputError(f"{name} takes a number, not {value}") from error


def _versions(words: tuple[str, ...] | list[str]) -> dict[str, str]:
    """task=v2 → the version of a task."""
    return dict(word.split("=", 1) for word in words if "=" in word)


def _folder_asked(words: tuple[str, ...] | list[str]) -> str | None:
    folders = [word for word in words if "=" not in word]
    for folder in folders:
        if not Path(folder).is_dir():
            raise InputError(f"--prompt takes TASK=VERSION or a folder of prompts, not {folder}")
    return folders[-1] if folders else None


def endpoint_of(given: Settings, replayed: bool = False) -> Any:
    """The endpoint that the settings name; raises `NoEndpoint` where they name none, or `InputError`.

    A replay needs neither a key nor a model's name.
    """
    from extractor.llm.endpoint import MODES, Endpoint, preset, preset_of

    name = given.get("preset")
    known = preset(name) if name else None
    base_url = given.get("base_url") or (known.base_url if known else _OPENAI)
    if "{resource}" in base_url:
        resource = given.get("resource")
        if not resource:
            raise NoEndpoint("the preset azure needs the name of your resource: EXTRACTOR_RESOURCE")
        base_url = base_url.format(resource=resource)
    if not base_url.startswith(("http://", "https://")):
        raise InputError(f"the base URL must begin with http:// or https://, not {base_url[:40]}")
    model = given.get("model") or ("recorded" if replayed else None)
    if not model:
        raise NoEndpoint("no model is named: --model NAME or EXTRACTOR_MODEL, or use --engine rules")
    mode = given.get("mode")
    if mode is not None and mode not in MODES:
        raise InputError(f"--mode takes {', '.join(MODES)}, not {mode}")
    shape = known or preset_of(base_url)
    if not replayed and not given.key and (shape is None or shape.key) and base_url.startswith("https://"):
        variable = shape.key if shape else "OPENAI_API_KEY"
        raise NoEndpoint(f"no key for {base_url}: set {variable}")
    return Endpoint(
        base_url=base_url,
        model=model,
        api_key=given.key,
        mode=mode,
        modes=shape.modes if shape else MODES,
        tool_choice=shape.tool_choice if shape else "named",
        strict_tools=shape.strict_tools if shape else True,
        temperature=given.get("temperature", 0.0),
        seed=given.get("seed"),
        max_output_tokens=given.get("max_output_tokens"),
        timeout=given.get("timeout", 180.0),
    )


def limits_of(given: Settings) -> Any:
    """The limits of a run; raises `InputError` for one that lets nothing through."""
    from extractor.llm.gate import Limits

    for name in ("concurrency", "rpm", "tpm", "max_tokens", "max_cost"):
        value = given.get(name)
        if value is not None and value <= 0:
            raise InputError(f"{name} must be more than 0")
    return Limits(
        concurrency=given.get("concurrency", 8),
        requests_per_minute=given.get("rpm"),
        tokens_per_minute=given.get("tpm"),
        max_tokens=given.get("max_tokens"),
        max_cost=given.get("max_cost"),
    )


def price_in(given: Settings, model: str) -> Any:
    """The price of a model under these settings, None if unknown."""
    from extractor.llm.prices import price_of, prices

    return price_of(model, prices(given.prices), given.get("currency"), given.rates)


def ledger_path(given: Settings) -> Path:
    """Where the ledger lies: as asked for, else in the user's data directory."""
    named = given.get("ledger")
    return (
        Path(named).expanduser() if named else _own_folder("XDG_DATA_HOME", ".local/share") / "ledger.sqlite"
    )


def cache_path(given: Settings) -> str | None:
    """The folder where readings of pictures are kept: as asked for, or in the user's cache; None for none."""
    named = given.get("reading_cache")
    if named == "none":
        return None
    return str(Path(named).expanduser() if named else _own_folder("XDG_CACHE_HOME", ".cache") / "pictures")


def _own_folder(variable: str, usual: str) -> Path:
    """The tool's own folder in one of the user's directories."""
    home = os.environ.get(variable)
    if not home and os.name == "nt":
        home = os.environ.get("LOCALAPPDATA")
    return (Path(home) if home else Path.home() / usual) / "extractor"
