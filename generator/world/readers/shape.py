"""Reads `shape` and `second_shape`: the shape whose views resemble a thing most over all frames.

Views are drawn by the renderer's own painters in the thing's colour, at rest, spinning and turning,
see :mod:`generator.world.readers.turns`.
"""

from __future__ import annotations

import numpy as np

from generator.world.grammar import SHAPES
from generator.world.palette import Array
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.scan import Scan

_LEAST_ALIKE, _LEAST, _FULL_LEAD = 0.55, 0.08, 0.06


def name_shape(resemblance_S: Array) -> Reading:
    """The most alike shape; confidence is its lead over the next in cosine, 0.06 counting as 1."""
    order = resemblance_S.argsort()
    best, next_best = float(resemblance_S[order[-1]]), float(resemblance_S[order[-2]])
    if best < _LEAST_ALIKE:
        return abstain(f"no shape of the world is alike: best cosine {best:.2f}")
    return decide(SHAPES[int(order[-1])], (best - next_best) / _FULL_LEAD, _LEAST)


def read_shape(scan: Scan) -> Reading:
    """Shape of the thing, of the first of a pair, or of all of a group."""
    fits = [fit for fit in scan.fits if fit is not None]
    if not fits:
        return abstain("nothing stands before the background")
    rows = [fit.resemblance_SM.max(axis=1) for fit in fits]
    alike = not (len(rows) == 2 and scan.differ)
    return name_shape(np.mean(rows, axis=0) if alike else rows[0])


def read_second_shape(scan: Scan) -> Reading:
    """Shape of the second of two things: the right or the lower one."""
    if len(scan.fits) != 2 or scan.fits[1] is None:
        return abstain(f"two things make a pair; seen: {len(scan.fits)}")
    return name_shape(scan.fits[1].resemblance_SM.max(axis=1))
