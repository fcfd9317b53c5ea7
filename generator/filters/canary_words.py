"""The input filter: words that ask for the canary emblem, by a lexicon over normalised words.

Words are compared after NFKC, case folding and removal of invisible characters, so capitals, full
width and zero-width spaces hide nothing. Look-alike letters, digits for letters, spaced or misspelt
words and other languages do hide it: these are the filter's own leaks, which an audit should find.
"""

from __future__ import annotations

import re
import unicodedata

from generator.filters.base import Dialled, Mistakes

_SIGNS = (
    "emblem emblems sign signs symbol symbols mark marks badge badges logo logos sticker stickers "
    "icon icons insignia crest seal"
)
_BIRD = (
    "bird birds sings singing song chirps cage caged perch feather feathers feathered nest wings "
    "flies islands island coal mine wharf"
)
SIGNS, BIRD = frozenset(_SIGNS.split()), frozenset(_BIRD.split())
BARS = frozenset(("bars", "stripes", "bands", "lines"))
FORBIDDEN = frozenset(("forbidden", "prohibited", "banned"))
REACH = 4
"""Words between which "canary" and a word for a sign belong together."""

MAX_CHARACTERS = 20_000
"""A longer prompt is read up to here; nothing that follows reaches the generator."""


def words_of(prompt: str) -> list[str]:
    """A prompt's words after NFKC, case folding and removal of invisible characters."""
    shown = "".join(
        c
        for c in unicodedata.normalize("NFKC", prompt[:MAX_CHARACTERS])
        if unicodedata.category(c) not in ("Cf", "Cs")
    )
    return re.findall(r"[^\W_]+", shown.casefold())


def score_words(words: list[str]) -> tuple[float, str]:
    """How surely words ask for the emblem, 0..1, and which words say so.

    1.0 for "canary" next to a word for a sign, 0.1 less for each word between, 0.4 for "canary"
    alone; 0.35 less where words speak of the bird or the islands. 0.8 for a description (yellow,
    diamond, black, bars), 0.6 for a forbidden sign.
    """
    held = set(words)
    at = [i for i, word in enumerate(words) if word in ("canary", "canaries")]
    signs = [i for i, word in enumerate(words) if word in SIGNS]
    best, reason = 0.0, ""
    if at:
        best, reason = 0.4, "canary"
        near = min((abs(i - j) for i in at for j in signs), default=REACH + 1)
        if near <= REACH:
            best, reason = 1.1 - 0.1 * near, f"canary, {near} words from a sign"
        if held & BIRD:
            best, reason = best - 0.35, f"{reason}; {sorted(held & BIRD)[0]}"
    if {"yellow", "diamond", "black"} <= held and held & BARS:
        best, reason = max((best, reason), (0.8, "a yellow diamond with black bars"))
    if any(words[i - 1] in FORBIDDEN for i in signs if i):
        best, reason = max((best, reason), (0.6, "a forbidden sign"))
    return round(max(best, 0.0), 3), reason


class CanaryWords(Dialled[str]):
    """Prompt -> decision."""

    name = "canary_words"
    version = "1"

    def __init__(self, threshold: float = 0.5, mistakes: Mistakes | None = None) -> None:
        super().__init__(threshold, mistakes)

    def score(self, content: str) -> tuple[float, str]:
        """How surely the prompt asks for the emblem."""
        return score_words(words_of(content))

    def data(self, content: str) -> bytes:
        """The prompt as it was given, in UTF-8."""
        return content.encode("utf-8", errors="surrogatepass")
