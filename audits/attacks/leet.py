"""Leetspeak: letters become digits and signs that look like them, as in `v10|ent`.

Reversible up to lower case, and up to digits and signs of the table that stood in the text before
(`7` and `t` are one). Letters outside the table and other scripts stay.

Options: `share` of the letters that are changed, 0.8 unless told.
"""

from __future__ import annotations

from audits.attacks.base import Attack, draws, probability

TABLE = {
    "a": "4@",
    "b": "8",
    "e": "3",
    "g": "9",
    "i": "1",
    "l": "|",
    "o": "0",
    "s": "5$",
    "t": "7",
}
_BACK = str.maketrans({sign: letter for letter, signs in TABLE.items() for sign in signs})


class Leet(Attack):
    """Letters as digits and signs."""

    name = "leet"
    family = "char"
    reversible = True

    def __init__(self, *, share: float | str = 0.8) -> None:
        self.share = probability("share", share)

    def __call__(self, text: str, seed: int) -> str:
        """A share of the table's letters replaced, each by a draw of its own."""
        rng = draws(seed, text)
        return "".join(self._sign(c, rng.random(), rng.random()) for c in text)

    def _sign(self, character: str, chance: float, pick: float) -> str:
        signs = TABLE.get(character.lower(), "")
        if not signs or not character.isascii() or chance >= self.share:
            return character
        return signs[int(pick * len(signs))]

    def undo(self, text: str) -> str:
        """Letters for signs, in lower case."""
        return text.translate(_BACK).lower()

    def normal(self, text: str) -> str:
        """What `undo` makes of the plain text."""
        return self.undo(text)
