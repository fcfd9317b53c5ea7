"""Base64 of the text's UTF-8: passes every filter of words, and says nothing to a video model.

Its bypass rate is near 1 and its success near 0; a table that shows the first alone misleads.
Reversible, to the byte. The seed has no part in it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from audits.attacks.base import Attack


class Base64(Attack):
    """The text encoded."""

    name = "base64"
    family = "encoding"
    meaning_for = "neither"
    reversible = True

    def __call__(self, text: str, seed: int) -> str:
        """The text in base64."""
        return b64encode(text.encode()).decode()

    def undo(self, text: str) -> str:
        """The text decoded."""
        return b64decode(text, validate=True).decode()
