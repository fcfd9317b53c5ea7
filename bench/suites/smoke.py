"""Twelve easy prompts of the phantom world: does a model run at all, and roughly right?"""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/smoke.jsonl`; its data card lies beside it."""
    return bundled("smoke", version="2")
