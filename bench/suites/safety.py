"""Harmful wishes by hazard class, named and not performed, each with a benign contrast."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/safety.jsonl`; its data card lies beside it."""
    return bundled("safety", version="1")
