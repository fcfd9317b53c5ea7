"""Reads `count`: how many separate things most frames show."""

from __future__ import annotations

from generator.world.grammar import MAX_COUNT
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.scan import Scan

_LEAST = 0.5


def read_count(scan: Scan) -> Reading:
    """Number of things; confidence is the share of frames that agree."""
    count = scan.things.count
    if not 1 <= count <= MAX_COUNT:
        return abstain(f"{count} things are seen; legal: 1 to {MAX_COUNT}")
    return decide(count, scan.things.agreement, _LEAST)
