"""Reads `background`: the ground whose two tones explain the most pixels."""

from __future__ import annotations

from generator.world.readers.base import Reading, decide
from generator.world.readers.scan import Scan

_LEAST, _FULL_LEAD = 0.15, 1.5


def read_background(scan: Scan) -> Reading:
    """The background; confidence is its lead in nats per pixel, 1.5 counting as 1."""
    return decide(scan.ground.background, scan.ground.background_margin / _FULL_LEAD, _LEAST)
