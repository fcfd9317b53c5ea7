"""Reads `rotation`: none, spin (in the plane) or turn (in depth), by correlation with views.

Turning shows as frames that resemble one shape's views in the order and at the pace of the world.
"""

from __future__ import annotations

from generator.world.grammar import SHAPES
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.scan import LEAST_PASSED, Scan
from generator.world.readers.turns import MODES

_LEAST_ALIKE, _LEAST, _FULL_LEAD = 0.5, 0.08, 0.05


def read_rotation(scan: Scan) -> Reading:
    """How one thing turns; confidence is the lead over its other ways of turning in cosine."""
    if scan.passed < LEAST_PASSED:
        return abstain(f"too short to see a rotation: {scan.passed:.2f} of a clip passes")
    fit = scan.fits[0] if len(scan.fits) == 1 else None
    if fit is None:
        return abstain(f"the rotation of one thing is read; seen: {len(scan.fits)}")
    row = fit.resemblance_SM[SHAPES.index(fit.shape)]
    order = row.argsort()
    best, next_best = float(row[order[-1]]), float(row[order[-2]])
    if best < _LEAST_ALIKE:
        return abstain(f"no shape of the world is alike: best cosine {best:.2f}")
    return decide(MODES[int(order[-1])], (best - next_best) / _FULL_LEAD, _LEAST)
