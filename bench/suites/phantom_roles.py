"""Roles of the phantom world that leave looks open, and pairs that differ in skin tone alone."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/phantom_roles.jsonl`; its data card lies beside it."""
    return bundled("phantom_roles", version="1")
