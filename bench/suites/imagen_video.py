"""Painters' styles, turning objects, animated text, drone shots, teddy bears: for any model."""

from __future__ import annotations

from bench.suites.base import Suite, bundled


def load() -> Suite:
    """The suite, from `data/imagen_video.jsonl`; its data card lies beside it."""
    return bundled("imagen_video", version="1")
