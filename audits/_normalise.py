"""Takes disguises off a text: what is written in odd characters comes back as plain letters.

Steps, in order: compatibility forms (NFKC), invisible characters, marks on letters, spaced letters,
letters that look alike, digits and signs for letters, case, repeated letters and white space. Vowel
signs of Indic scripts, Arabic and Hebrew points and Japanese voicing marks belong to the letters
and stay.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

Level = Literal["nfkc", "bare", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""NFKC alone; and without invisible characters and marks; and everything."""

_LEET = str.maketrans("4@8391|0$57", "aabegilosst")
_SPACED = re.compile(r"(?<!\S)\S(?: \S)+(?!\S)")
_WIDE_GAP = re.compile(r"\s{2,}")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_WORD = re.compile(r"\S+")


def normalised(text: str, level: Level = "full") -> str:
    """The text without disguise, as far as the level goes; it may be empty."""
    plain = unicodedata.normalize("NFKC", text)
    if level == "nfkc":
        return plain
    bare = _without_marks(_visible(plain))
    if level == "bare":
        return " ".join(bare.split())
    together = " ".join(_together(part) for part in _WIDE_GAP.split(bare))
    words = _WORD.sub(lambda found: _plain_word(found.group()), together)
    return " ".join(_REPEATED.sub(r"\1", words.casefold()).split())


def _visible(text: str) -> str:
    """Without format and control characters; those that part words become spaces."""
    return "".join(
        " " if c.isspace() else c
        for c in text
        if c.isspace() or unicodedata.category(c) not in {"Cf", "Cc", "Cs", "Co", "Cn"}
    )


def _without_marks(text: str) -> str:
    kept = (c for c in unicodedata.normalize("NFD", text) if not _is_mark(c))
    return unicodedata.normalize("NFC", "".join(kept))


def _is_mark(c: str) -> bool:
    """Whether a character is a mark that any letter may bear, or a variation selector."""
    if unicodedata.category(c) not in {"Mn", "Me"}:
        return False
    name = unicodedata.name(c, "")
    general = name.startswith("COMBINING") and "KATAKANA" not in name
    return general or name.startswith("VARIATION SELECTOR")


def _together(part: str) -> str:
    """Letters that stand one by one, put together where no wider gap parts them."""
    return _SPACED.sub(lambda found: found.group().replace(" ", ""), part)


def _plain_word(word: str) -> str:
    """A word in Latin letters, where all of its letters are Latin or look so."""
    from audits._confusables import letters

    latin = word.translate(letters())
    if not all(c.isascii() for c in latin if c.isalpha()):
        latin = word
    has_letter = any(c.isascii() and c.isalpha() for c in latin)
    return latin.translate(_LEET) if has_letter else latin
