"""Datasets: folders of labelled documents with a card each, split by what the documents say.

A document's side follows from a hash of its text, so that it never changes sides when others join it, nor
when it is saved in another encoding. The sealed part is read only where it is asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractor.errors import InputError
from extractor.evaluation.gold import ENDING, GUIDE, Gold, Read, content_key, load

CARD = "card.toml"
OPEN = "open"
SEALED = "sealed"


class Card(BaseModel):
    """What a dataset is: where it comes from, who labelled it and by which guide, and how it is split.

    `splits` gives each split its share of the documents, 1 in all; `folder` is relative to the card;
    `publish` is false where nothing of the texts may leave the machine that holds them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    source: str
    labellers: str
    layouts: tuple[str, ...]
    guide: int = GUIDE
    folder: str = "."
    splits: Mapping[str, float] = Field(default_factory=lambda: {"all": 1.0})
    publish: bool = True


@dataclass(frozen=True)
class Dataset:
    """A card and the gold files beside it."""

    name: str
    card: Card
    folder: Path

    @property
    def there(self) -> bool:
        """Whether the folder is on this machine at all."""
        return self.folder.is_dir()

    def paths(self) -> list[Path]:
        """The gold files, by name; raises `InputError` where there is none."""
        found = sorted(self.folder.glob(f"*{ENDING}"))
        if not found:
            raise InputError(f"dataset {self.name}: no gold file in {self.folder}")
        return found

    def golds(self, read: Read, split: str = OPEN) -> Iterator[Gold]:
        """The labelled documents of a split: one by its name, `open` for all but the sealed, or `all`."""
        if split not in (OPEN, "all", *self.card.splits):
            raise InputError(
                f"dataset {self.name}: no split {split}; there are {', '.join(self.card.splits)}"
            )
        for path in self.paths():
            gold = load(path, read)
            side = self.side(content_key(gold.document))
            if split in ("all", side) or (split == OPEN and side != SEALED):
                yield gold

    def side(self, key: str) -> str:
        """The split of a document by the hash of its text."""
        at, reached = int(key[:12], 16) / 16**12, 0.0
        for name, share in self.card.splits.items():
            reached += share
            if at < reached:
                return name
        return list(self.card.splits)[-1]


def dataset(root: Path, name: str) -> Dataset:
    """The dataset of that name under `root`/datasets; raises `InputError`."""
    path = root / "datasets" / name / CARD
    data = toml(path, f"no dataset {name}: {path} is not there")
    try:
        card = Card.model_validate(data)
    except ValidationError as error:
        raise InputError(f"{path}: {first_fault(error)}") from error
    if card.guide != GUIDE:
        raise InputError(f"{path}: labelled by guide {card.guide}, scored by guide {GUIDE}")
    if abs(sum(card.splits.values()) - 1) > 1e-9:
        raise InputError(f"{path}: the shares of the splits sum to {sum(card.splits.values())}, not to 1")
    return Dataset(name, card, (path.parent / card.folder).resolve())


def names(root: Path) -> list[str]:
    """The datasets under `root`."""
    return sorted(path.parent.name for path in (root / "datasets").glob(f"*/{CARD}"))


def toml(path: Path, missing: str) -> dict[str, Any]:
    """A TOML file's content; raises `InputError`."""
    if not path.is_file():
        raise InputError(missing)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path}: {error}") from error


def first_fault(error: ValidationError) -> str:
    """The first thing that a model finds wrong, in a few words."""
    one = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}"
