"""Limits of one document as the command line and the settings file give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from extractor.errors import InputError
from extractor.ingest.limits import Limits


def limits_from(given: Mapping[str, Any]) -> Limits:
    """The limits with those that were given in place of the usual ones; raises `InputError`."""
    known = {field.name for field in fields(Limits)}
    chosen = {name: value for name, value in given.items() if name in known and value is not None}
    for name, value in chosen.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise InputError(f"the limit {name} takes a whole number above zero, not {value!r}")
    return Limits(**chosen)
