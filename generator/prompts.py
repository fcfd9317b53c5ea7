"""Checks prompts before they are encoded: every text is read, and what is odd about it is said.

No prompt is refused for its words. A prompt that the world's grammar does not cover gives some
video, as with any model that did not understand; a reader warns of each kind of oddity once, with a
count, and counts on in silence.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from generator.text import clean_prompt
from generator.world.parse import understand

MAX_CHARACTERS = 2000
"""Of a longer prompt the rest is not read; the text encoder stops long before."""

EMPTY, OUTSIDE, HIDDEN, LONG = "empty", "outside", "hidden", "long"
_SAYINGS = {
    EMPTY: "hold nothing to show; what comes is at random",
    OUTSIDE: "lie outside the world's grammar in part or whole; what comes may show other things",
    HIDDEN: "hold control or invisible characters, which were taken out",
    LONG: f"have more than {MAX_CHARACTERS} characters; the rest is not read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCheck:
    """A prompt as it will be encoded, and what is odd about it.

    `oddities` are of `empty`, `outside`, `hidden`, `long`; `unknown` the first words without a
    meaning in the world.
    """

    text: str
    oddities: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def check_prompt(prompt: str) -> PromptCheck:
    """What will be encoded of a prompt.

    Raises:
        TypeError: when it is no text.
    """
    if not isinstance(prompt, str):
        raise TypeError(f"a prompt is text; seen: {type(prompt).__name__}; legal: str")
    text = clean_prompt(prompt[:MAX_CHARACTERS])
    oddities = []
    if len(prompt) > MAX_CHARACTERS:
        oddities.append(LONG)
    if any(_is_hidden(c) for c in prompt[:MAX_CHARACTERS]):
        oddities.append(HIDDEN)
    if not text:
        return PromptCheck(text="", oddities=(*oddities, EMPTY))
    understood = understand(text)
    if not understood.complete or LONG in oddities:
        oddities.append(OUTSIDE)
    return PromptCheck(text=text, oddities=tuple(oddities), unknown=understood.unknown[:3])


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\t\n\r"


class PromptReader:
    """Checks batch after batch, warns of each kind of oddity once, and keeps count."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.n_prompts = 0

    def read(self, prompts: Sequence[str]) -> list[str]:
        """The texts to encode, one for each prompt.

        Raises:
            TypeError: when one is no text.
        """
        checks = [check_prompt(prompt) for prompt in prompts]
        seen = Counter(kind for check in checks for kind in check.oddities)
        new = {kind: n for kind, n in seen.items() if kind not in self.counts}
        self.counts.update(seen)
        self.n_prompts += len(checks)
        for kind in sorted(new):
            warnings.warn(_warning(kind, new[kind], checks), stacklevel=3)
        return [check.text for check in checks]


def _warning(kind: str, n: int, checks: Sequence[PromptCheck]) -> str:
    words = [word for check in checks for word in check.unknown]
    shown = ", ".join(ascii(word[:24]) for word in words[:3])
    first = f"; first unknown words: {shown}" if kind == OUTSIDE and words else ""
    return (
        f"{n} of {len(checks)} prompts {_SAYINGS[kind]}{first}; later prompts of this kind are "
        "only counted"
    )
