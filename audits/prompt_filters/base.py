"""The seam to prompt filters under test: a text in, a decision out.

    from audits.prompt_filters.base import load_filter

    screen = load_filter("minilm:threshold=0.4", limit_s=5)
    screen("a red ball rolls to the left").decision     # pass, block or error

A prompt filter is a `generator.filters.base.Filter[str]`, so that it can stand in a guard of the
generator as well. :class:`TextFilter` is the short way to one: a subclass gives a score of a text.
Plug-in authors check theirs with `bench.testing.check_prompt_filter`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audits._filter_parts import EXTRA, Adapter, FilterFailed, TimeLimited, require
from bench import registry
from generator.filters.base import Decision

__all__ = [
    "EXTRA",
    "Decision",
    "FilterFailed",
    "TextFilter",
    "TimeLimited",
    "load_filter",
    "readable",
    "require",
]


class TextFilter(Adapter[str]):
    """A prompt filter made of a score of a text, a threshold and dials.

    A subclass sets `name` (the stem of its file) and `version`, and gives `score` and, where the
    score follows from weights or options, `parts`.
    """

    def score_all(self, contents: Sequence[str]) -> list[float]:
        """The scores of many prompts, for surveys: an adapter may do it faster all at once.

        They are those of `score` up to rounding; decisions are made one prompt at a time.
        """
        return [self.score(content)[0] for content in contents]

    def data(self, content: str) -> bytes:
        """The prompt as it was given, in UTF-8."""
        return content.encode("utf-8", errors="surrogatepass")


def load_filter(spec: str, *, limit_s: float = 30.0) -> TimeLimited[str]:
    """The prompt filter of a spec, behind a time limit: it never raises on a prompt.

    Raises:
        UsageError: for an unknown name or option.
        Unavailable: when a package or weights are missing; says what gets them.
    """
    built: Any = registry.build("prompt_filter", spec)
    return TimeLimited(built, limit_s)


def readable(text: str) -> str:
    """The text with `?` for lone surrogates, which tokenizers refuse."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
