"""Reads `style`: the filter under which the background's pixels are explained best.

Every style has a signature that stands still on the canvas: a mapping of colour, a veil and a
pattern. The likelihood of the pixels under each tells them apart.
"""

from __future__ import annotations

from generator.world.readers.base import Reading, decide
from generator.world.readers.scan import Scan

_LEAST, _FULL_LEAD = 0.12, 0.4


def read_style(scan: Scan) -> Reading:
    """The style; confidence is its lead in nats per pixel, 0.4 counting as 1."""
    return decide(scan.ground.style, scan.ground.style_margin / _FULL_LEAD, _LEAST)
