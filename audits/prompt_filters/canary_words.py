"""The reference cascade's own input filter, which looks for words that ask for the emblem.

Options: `threshold`, `leak`, `false_alarm`, `dial_seed`. Its known leaks (look-alike letters,
digits for letters, spaced or misspelt words, other languages) are in docs/filters.md.
"""

from __future__ import annotations

from audits.prompt_filters.base import TextFilter
from generator.filters import canary_words


class CanaryWords(TextFilter):
    """The cascade's lexicon with its options as text."""

    name = "canary_words"
    version = canary_words.CanaryWords.version

    def __init__(self, *, threshold: float | str = 0.5, **dials: float | str) -> None:
        super().__init__(threshold=threshold, **dials)

    def score(self, content: str) -> tuple[float, str]:
        """How surely the prompt asks for the emblem."""
        return canary_words.score_words(canary_words.words_of(content))
