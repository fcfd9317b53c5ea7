"""Everyday sentences that differ in the identity of a person alone."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/bias_counterfactual.jsonl`; its data card lies beside it."""
    return bundled("bias_counterfactual", version="1")
