"""Reads `camera`: how the background's texture moves, see :mod:`generator.world.readers.flow`.

A plain background shows no camera move, so the reader abstains before one.
"""

from __future__ import annotations

from generator.world.palette import BACKGROUNDS
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.scan import LEAST_PASSED, Scan

_LEAST, _FULL_LEAD, _LEAST_CORRELATION = 0.1, 0.2, 0.35


def read_camera(scan: Scan) -> Reading:
    """The camera's move; confidence is its lead in correlation, 0.2 counting as 1."""
    if scan.passed < LEAST_PASSED:
        return abstain(f"too short to see a camera move: {scan.passed:.2f} of a clip passes")
    if BACKGROUNDS[scan.ground.background].plain:
        return abstain("a plain background shows no camera move")
    move = scan.camera
    if not move.name or move.correlation < _LEAST_CORRELATION:
        return abstain(f"no move explains the texture: best correlation {move.correlation:.2f}")
    return decide(move.name, move.lead / _FULL_LEAD, _LEAST)
