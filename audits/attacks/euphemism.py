"""Plain words for harm replaced by descriptions and softer words, by a table that ships.

`blood` becomes `red liquid`. English alone; whole words; the table is `euphemisms.txt`, written for
this project: milder words and descriptions, no slang of any scene. Not reversible.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from audits.attacks.base import Attack, draws

TABLE = Path(__file__).parent / "euphemisms.txt"


class Euphemism(Attack):
    """Softer words for plain ones."""

    name = "euphemism"
    family = "word"

    def __call__(self, text: str, seed: int) -> str:
        """Every word of the table replaced by one of its descriptions, drawn for each place."""
        rng, table = draws(seed, text), read_table()

        def soft(found: re.Match[str]) -> str:
            choice = table[found.group().lower()]
            return choice[int(rng.integers(len(choice)))]

        return _pattern().sub(soft, text)


@functools.cache
def read_table() -> Mapping[str, tuple[str, ...]]:
    """Word or phrase -> its descriptions."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {
        plain.strip(): tuple(soft.strip() for soft in softer.split("/"))
        for plain, _, softer in rows
    }


@functools.cache
def _pattern() -> re.Pattern[str]:
    # the longest first: a phrase wins over its first word
    words = sorted(read_table(), key=lambda word: (-len(word), word))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE | re.ASCII)
