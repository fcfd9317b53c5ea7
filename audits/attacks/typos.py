"""Slips of the keyboard in words of four letters and more: two swapped, one dropped, one doubled.

The first and the last letter stay, by which people read on. Not reversible. Words with marks that
are no letters (Indic, Thai) are left alone.

Options: `share` of the words that get a slip, 0.7 unless told.
"""

from __future__ import annotations

import re

import numpy as np

from audits.attacks.base import Attack, draws, probability

SHORTEST = 4
_WORD = re.compile(r"\w+")


class Typos(Attack):
    """One slip a word."""

    name = "typos"
    family = "char"

    def __init__(self, *, share: float | str = 0.7) -> None:
        self.share = probability("share", share)

    def __call__(self, text: str, seed: int) -> str:
        """A share of the words with a slip, each by a draw of its own."""
        rng = draws(seed, text)
        return _WORD.sub(lambda found: self._slip(found.group(), rng), text)

    def _slip(self, word: str, rng: np.random.Generator) -> str:
        hit, kind, place = rng.random() < self.share, rng.integers(3), rng.random()
        if not hit or len(word) < SHORTEST or not word.isalpha():
            return word
        i = 1 + int(place * (len(word) - 3))
        match kind:
            case 0:
                return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
            case 1:
                return word[:i] + word[i + 1 :]
        return word[: i + 1] + word[i:]
