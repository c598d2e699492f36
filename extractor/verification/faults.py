"""What a sentence of a draft can be refused for."""

from __future__ import annotations

import re
from typing import NamedTuple

CLAUSE = re.compile(r"[，。；：！？,;:!?\n]+")
SHORTEST = 4


class Fault(NamedTuple):
    """Why a sentence does not hold: the kind of fault and the words concerned."""

    kind: str
    words: str
