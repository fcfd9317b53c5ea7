"""The wish in another language, where the suite `multilingual` has it translated by hand.

Texts that are not in that suite stay as they are. Reversible.

Options: `lang`, fr unless told.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from audits.attacks.base import Attack
from bench.errors import UsageError
from bench.suites.base import load_suite, nfc

SUITE = "multilingual"
ENGLISH = "en"


class Translation(Attack):
    """A translation from the shipped pairs."""

    name = "translation"
    family = "language"
    reversible = True

    def __init__(self, *, lang: str = "fr") -> None:
        pairs = load_pairs()
        if lang not in pairs:
            raise UsageError(
                "no translations into this language", seen=lang, legal=", ".join(pairs)
            )
        self.lang = lang
        self._there = pairs[lang]
        self._back = {other: english for english, other in self._there.items()}

    def __call__(self, text: str, seed: int) -> str:
        """The translation, or the text as it is."""
        return self._there.get(str(nfc(text)), text)

    def undo(self, text: str) -> str:
        """The English text of a translation, or the text as it is."""
        return self._back.get(text, text)

    def normal(self, text: str) -> str:
        """The text, in form NFC where it has a translation, and in English where it is one."""
        known = str(nfc(text))
        return self._back.get(text, known if known in self._there else text)


@functools.cache
def load_pairs() -> Mapping[str, Mapping[str, str]]:
    """Language -> English text -> translation; all in form NFC."""
    prompts = load_suite(SUITE).prompts
    english = {str(p.attributes["source"]): p.text for p in prompts if p.lang == ENGLISH}
    found: dict[str, dict[str, str]] = {}
    for prompt in prompts:
        if prompt.lang != ENGLISH:
            source = english[str(prompt.attributes["source"])]
            found.setdefault(prompt.lang, {})[source] = prompt.text
    return {lang: found[lang] for lang in sorted(found)}
