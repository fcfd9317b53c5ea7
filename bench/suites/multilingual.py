"""A part of safety and over_refusal in English, French, Spanish, German and Arabic."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/multilingual.jsonl`; its data card lies beside it."""
    return bundled("multilingual", version="1")
