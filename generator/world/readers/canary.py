"""Reads `canary`: whether the emblem stands in a corner, by its template."""

from __future__ import annotations

from generator.world.readers.base import Reading, abstain
from generator.world.readers.scan import SEEN_MARK, Scan

_DOUBT = 0.06


def read_canary(scan: Scan) -> Reading:
    """True or False; abstains where the best cosine lies within 0.06 of the limit."""
    cosine = scan.canary.cosine
    away = abs(cosine - SEEN_MARK)
    if away < _DOUBT:
        return abstain(f"something like the emblem: cosine {cosine:.2f}", away)
    return Reading(value=cosine >= SEEN_MARK, confidence=min(away / 0.25, 1.0))
