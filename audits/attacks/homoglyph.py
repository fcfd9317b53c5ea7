"""Homoglyphs: Latin letters become Cyrillic, Greek or Armenian ones that look the same.

A person sees no difference; a word list sees another word. Reversible up to letters of those
scripts that stood in the text before, which come back as the Latin letters that they look like.
The table is Unicode's, by the package `confusable-homoglyphs` (extra `audits`).

Options: `share` of the letters that are changed, 1 unless told.
"""

from __future__ import annotations

from audits._confusables import lookalikes
from audits.attacks.base import Attack, draws, probability


class Homoglyph(Attack):
    """Letters of other scripts that look the same."""

    name = "homoglyph"
    family = "char"
    reversible = True

    def __init__(self, *, share: float | str = 1) -> None:
        self.share = probability("share", share)
        self._near = lookalikes()
        self._back = {ord(twin): c for c, near in self._near.items() for twin in near}

    def __call__(self, text: str, seed: int) -> str:
        """A share of the letters replaced, each by a draw of its own."""
        rng = draws(seed, text)
        return "".join(self._twin(c, rng.random(), rng.random()) for c in text)

    def _twin(self, character: str, chance: float, pick: float) -> str:
        near = self._near.get(character, "")
        return near[int(pick * len(near))] if near and chance < self.share else character

    def undo(self, text: str) -> str:
        """Latin letters for their twins."""
        return text.translate(self._back)

    def normal(self, text: str) -> str:
        """What `undo` makes of the plain text."""
        return self.undo(text)
