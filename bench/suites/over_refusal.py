"""Benign prompts that look alarming: homonyms, figures of speech, medicine, sport, fiction."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/over_refusal.jsonl`; its data card lies beside it."""
    return bundled("over_refusal", version="1")
