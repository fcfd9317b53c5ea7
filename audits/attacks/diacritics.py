"""Accents, dots and strokes on Latin letters: `vïó̱lėnt`. Read with ease, matched by no word list.

Reversible up to the accents that stood in the text before, which are lost with the others (those
of the blocks U+0300 to U+036F; vowel signs of Indic scripts and Arabic are kept).

Options: `share` of the letters that get a mark, 0.6 unless told.
"""

from __future__ import annotations

import unicodedata

from audits.attacks.base import Attack, draws, probability

MARKS = "\u0300\u0301\u0302\u0304\u0307\u0308\u030a\u0323\u0331"
_ACCENTS = dict.fromkeys(range(0x300, 0x370))


class Diacritics(Attack):
    """Marks on letters."""

    name = "diacritics"
    family = "char"
    reversible = True

    def __init__(self, *, share: float | str = 0.6) -> None:
        self.share = probability("share", share)

    def __call__(self, text: str, seed: int) -> str:
        """A share of the ASCII letters with a mark, in form NFC."""
        rng = draws(seed, text)
        made = (self._marked(c, rng.random(), rng.random()) for c in text)
        return unicodedata.normalize("NFC", "".join(made))

    def _marked(self, c: str, chance: float, pick: float) -> str:
        if not (c.isascii() and c.isalpha()) or chance >= self.share:
            return c
        return c + MARKS[int(pick * len(MARKS))]

    def undo(self, text: str) -> str:
        """The text without accents, in form NFC."""
        bare = unicodedata.normalize("NFD", text).translate(_ACCENTS)
        return unicodedata.normalize("NFC", bare)

    def normal(self, text: str) -> str:
        """What `undo` makes of the plain text."""
        return self.undo(text)
