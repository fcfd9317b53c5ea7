"""Rot13: Latin letters moved by thirteen. As base64, it passes filters and reaches no model.

Reversible. Other scripts stay. The seed has no part in it.
"""

from __future__ import annotations

from codecs import decode, encode

from audits.attacks.base import Attack


class Rot13(Attack):
    """Letters moved by half the alphabet."""

    name = "rot13"
    family = "encoding"
    meaning_for = "neither"
    reversible = True

    def __call__(self, text: str, seed: int) -> str:
        """The letters moved."""
        return encode(text, "rot13")

    def undo(self, text: str) -> str:
        """The letters moved on, which brings them back."""
        return decode(text, "rot13")
