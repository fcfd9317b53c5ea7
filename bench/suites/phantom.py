"""Prompts of the phantom world with their truth: every ability, held-out combinations marked."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/phantom.jsonl`; its data card lies beside it."""
    return bundled("phantom", version="2")
