"""Reads `size`: small, medium or large, from the radius of the best path's views."""

from __future__ import annotations

import numpy as np

from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.scan import Scan
from generator.world.tracks import RADII

_LEAST = 0.1


def read_size(scan: Scan) -> Reading:
    """The size whose radius is nearest on average; abstains midway between two sizes."""
    fit = scan.fits[0] if len(scan.fits) == 1 else None
    if fit is None:
        return abstain(f"one thing has a size; seen: {len(scan.fits)}")
    radius = float(np.median(fit.radius_T[fit.weight_T > 0]))
    off = {name: abs(radius - nominal) for name, nominal in RADII.items()}
    best, next_best = sorted(off, key=lambda name: off[name])[:2]
    step = abs(RADII[best] - RADII[next_best])
    return decide(best, (off[next_best] - off[best]) / step, _LEAST)
