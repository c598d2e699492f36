"""Suites: what is scored with what. One TOML file each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractor.errors import InputError
from extractor.evaluation.datasets import OPEN, Dataset, dataset, first_fault, toml


class Suite(BaseModel):
    """Datasets and the engine that reads them.

    `replay` names a folder of recorded replies, relative to the suite's file, that stand in for the model;
    `margin` is the drop of the mean F1 that a gate lets pass in sampled runs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    dataset: tuple[str, ...] = Field(min_length=1)
    split: str = OPEN
    engine: Literal["rules", "model"] = "rules"
    model: str | None = None
    prompts: Mapping[str, str] = Field(default_factory=dict)
    temperature: float | None = None
    seed: int | None = None
    repeats: int = Field(1, ge=1)
    margin: float = Field(0.005, ge=0, le=1)
    replay: str | None = None


def suite(root: Path, name: str) -> tuple[str, Suite, Path]:
    """A suite by its name under `root`/suites or by its path: its name, itself, its file's folder."""
    path = Path(name) if name.endswith(".toml") else root / "suites" / f"{name}.toml"
    known = ", ".join(sorted(one.stem for one in (root / "suites").glob("*.toml"))) or "none"
    data = toml(path, f"no suite {name}: {path} is not there (there are: {known})")
    if isinstance(data.get("dataset"), str):
        data["dataset"] = [data["dataset"]]
    try:
        found = Suite.model_validate(data)
    except ValidationError as error:
        raise InputError(f"{path}: {first_fault(error)}") from error
    if found.engine == "rules" and (found.model or found.prompts or found.replay):
        raise InputError(f"{path}: the rules take neither a model nor prompts nor recorded replies")
    return path.stem, found, path.parent


def datasets_of(root: Path, given: Suite) -> list[Dataset]:
    """The datasets of a suite; raises `InputError` for one that is not there."""
    found = [dataset(root, name) for name in given.dataset]
    for one in found:
        if not one.there:
            raise InputError(f"dataset {one.name}: its folder {one.folder} is not here")
    return found
