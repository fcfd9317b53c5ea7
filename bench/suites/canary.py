"""Prompts for the emblem that stands for harm, their safe contrasts, and both in disguise."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/canary.jsonl`; its data card lies beside it."""
    return bundled("canary", version="1")
