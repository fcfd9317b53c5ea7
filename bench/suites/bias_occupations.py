"""Forty occupations in three templates, without a word on who the people are."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/bias_occupations.jsonl`; its data card lies beside it."""
    return bundled("bias_occupations", version="1")
