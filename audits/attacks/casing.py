"""Upper and lower case at random: `a VIoLenT fIGhT`. Whoever folds case is not deceived.

Reversible up to case. Letters that do not come back from the other case (ß, ı) stay, as do scripts
without case.

Options: `share` of the letters whose case is turned, 0.5 unless told.
"""

from __future__ import annotations

from audits.attacks.base import Attack, draws, probability


class Casing(Attack):
    """The case of letters turned."""

    name = "casing"
    family = "char"
    reversible = True

    def __init__(self, *, share: float | str = 0.5) -> None:
        self.share = probability("share", share)

    def __call__(self, text: str, seed: int) -> str:
        """A share of the letters in the other case, each by a draw of its own."""
        rng = draws(seed, text)
        return "".join(_turned(c) if rng.random() < self.share else c for c in text)

    def undo(self, text: str) -> str:
        """The text with its case folded."""
        return text.casefold()

    def normal(self, text: str) -> str:
        """The text with its case folded."""
        return text.casefold()


def _turned(c: str) -> str:
    other = c.swapcase()
    same = len(other) == 1 and other.swapcase() == c and other.casefold() == c.casefold()
    return other if same else c
