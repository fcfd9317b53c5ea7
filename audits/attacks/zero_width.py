"""Zero-width characters and soft hyphens between the letters of words: nothing is seen of them.

They stand between letters and digits alone, so that emoji and combining marks stay whole.
Reversible up to such characters that stood in the text before (Persian and emoji use some).

Options: `share` of the places between letters that get one, 1 unless told.
"""

from __future__ import annotations

import itertools

from audits.attacks.base import Attack, draws, probability

UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_GONE = dict.fromkeys(map(ord, UNSEEN))


class ZeroWidth(Attack):
    """Characters without width between letters."""

    name = "zero_width"
    family = "char"
    reversible = True

    def __init__(self, *, share: float | str = 1) -> None:
        self.share = probability("share", share)

    def __call__(self, text: str, seed: int) -> str:
        """A share of the places between two letters filled, each by a draw of its own."""
        rng = draws(seed, text)
        made = list(text[:1])
        for before, after in itertools.pairwise(text):
            chance, pick = rng.random(), rng.random()
            if before.isalnum() and after.isalnum() and chance < self.share:
                made.append(UNSEEN[int(pick * len(UNSEEN))])
            made.append(after)
        return "".join(made)

    def undo(self, text: str) -> str:
        """The text without such characters."""
        return text.translate(_GONE)

    def normal(self, text: str) -> str:
        """What `undo` makes of the plain text."""
        return self.undo(text)
