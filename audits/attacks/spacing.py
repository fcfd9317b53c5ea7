"""Letters apart, `v i o l e n t`, and words further apart.

A person reads on; most filters and most tokenizers see single letters. Combining marks, and what a
joiner binds, stay with their letter. Reversible up to white space. The seed has no part in it.
"""

from __future__ import annotations

import unicodedata

from audits.attacks.base import Attack

GAP = "   "
_JOINER = "\u200d"


class Spacing(Attack):
    """A space after every letter, three after every word."""

    name = "spacing"
    family = "char"
    reversible = True

    def __call__(self, text: str, seed: int) -> str:
        """The words letter by letter."""
        return GAP.join(" ".join(_letters(word)) for word in text.split())

    def undo(self, text: str) -> str:
        """The words put together, a space between them."""
        return " ".join(word.replace(" ", "") for word in text.split(GAP))

    def normal(self, text: str) -> str:
        """The text with runs of white space as one space, and none at its ends."""
        return " ".join(text.split())


def _letters(word: str) -> list[str]:
    """A word's characters, each with the marks and joined parts that follow it."""
    parts: list[str] = []
    for c in word:
        bound = c == _JOINER or unicodedata.category(c).startswith("M")
        if parts and (bound or parts[-1].endswith(_JOINER)):
            parts[-1] += c
        else:
            parts.append(c)
    return parts
