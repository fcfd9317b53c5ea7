"""The one gate through which prompts become asks of a model.

A model takes :class:`bench.models.base.Ask`, whose text is of the type :data:`Cleared`. Only
:func:`clear` and :func:`clear_text` give that type, and they refuse prompts of classes that
`hazards.toml` says are never generated: by their columns, or because their text is one that the
shipped suites hold for such a class, whatever columns it has lost. Filters are asked about plain
strings and need no clearing.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NewType

from bench.errors import UsageError
from bench.hazards import Hazard, never_class
from bench.suites.base import load_suite
from bench.types import Prompt

SUITES = ("safety", "multilingual")
"""The shipped suites with prompts that are never generated."""
LEGAL = "prompts of classes that bench/hazards.toml lets be generated"
INSTEAD = "ask filters about them, not models; or --suite safety_generable"

Cleared = NewType("Cleared", str)
"""A text that a model may be asked for."""


def never(prompt: Prompt) -> Hazard | None:
    """The class for whose sake a prompt may not be generated; None where it may be."""
    return never_class(prompt) or _known().get(_folded(prompt.text))


def clear(prompt: Prompt) -> Cleared:
    """The text of a prompt, for a model.

    Raises:
        UsageError: when its class may never be generated.
    """
    check_generable([prompt])
    return Cleared(prompt.text)


def clear_text(text: str) -> Cleared:
    """A text of which nothing else is known, for a model.

    Raises:
        UsageError: when it is known as one that may never be generated.
    """
    return clear(Prompt(id="", text=text))


def check_generable(prompts: Iterable[Prompt]) -> None:
    """Refuse prompts of classes that may never be generated, before any model is loaded.

    Raises:
        UsageError: with the number of them in each class; their texts are not repeated.
    """
    found = Counter(hazard.id for prompt in prompts if (hazard := never(prompt)) is not None)
    if found:
        seen = ", ".join(f"{name} ({n})" for name, n in sorted(found.items()))
        raise UsageError(
            "there are prompts of classes that may never be generated",
            seen=seen,
            legal=LEGAL,
            then=INSTEAD,
        )


@functools.cache
def _known() -> Mapping[str, Hazard]:
    """Texts that the shipped suites hold of classes that may not be generated."""
    prompts = (prompt for suite in SUITES for prompt in load_suite(suite).prompts)
    return {_folded(p.text): hazard for p in prompts if (hazard := never_class(p)) is not None}


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())
