"""Characters that look like ASCII letters: the table of the package confusable-homoglyphs."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from string import ascii_letters
from types import ModuleType

from bench.errors import Unavailable

EXTRA = "pip install 'prescreen[audits]'"


def _table() -> ModuleType:
    try:
        from confusable_homoglyphs import confusables
    except ImportError as error:
        raise Unavailable(
            "characters that look alike need a package that is not installed",
            seen="confusable-homoglyphs",
            then=EXTRA,
        ) from error
    found: ModuleType = confusables
    return found


@functools.cache
def lookalikes() -> Mapping[str, str]:
    """ASCII letter -> the Cyrillic, Greek and Armenian letters that look like it, sorted.

    Letters that NFKC turns back into ASCII (full width, mathematical) are not among them.
    """
    found = {}
    for letter in ascii_letters:
        near = {one["c"] for one in _table().confusables_data.get(letter, ())}
        if kept := sorted(c for c in near if _is_twin(c, letter)):
            found[letter] = "".join(kept)
    return found


@functools.cache
def letters() -> Mapping[int, str]:
    """Character that looks like an ASCII letter -> that letter, for `str.translate`.

    Of several letters one of the same case, and of these the first in the alphabet.
    """
    found: dict[int, str] = {}
    for letter in sorted(ascii_letters):
        near = (one["c"] for one in _table().confusables_data.get(letter, ()))
        for c in near:
            if len(c) != 1 or c.isascii() or not unicodedata.category(c).startswith("L"):
                continue
            held = found.get(ord(c))
            if held is None or c.isupper() == letter.isupper() != held.isupper():
                found[ord(c)] = letter
    return found


def _is_twin(c: str, letter: str) -> bool:
    if len(c) != 1 or c.isascii() or unicodedata.normalize("NFKC", c) != c:
        return False
    script = unicodedata.name(c, "").partition(" ")[0]
    same_case = c.isupper() == letter.isupper() and letters().get(ord(c)) == letter
    return same_case and script in {"CYRILLIC", "GREEK", "ARMENIAN"}
