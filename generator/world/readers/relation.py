"""Reads `relation`: whether two things lie side by side or one above the other.

Which of them is the first is no part of it: the first is the left or the upper one, and the readers
of `colour` and `second_colour` say what each is.
"""

from __future__ import annotations

import numpy as np

from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.scan import Scan

_LEAST = 0.3


def read_relation(scan: Scan) -> Reading:
    """`left_of` or `above`; confidence falls as the line between the things nears a diagonal."""
    if scan.things.count != 2:
        return abstain(f"a relation joins two things; seen: {scan.things.count}")
    centres = [np.argwhere(scan.things.label_THW == k)[:, 1:].mean(axis=0) for k in (1, 2)]
    down, across = np.abs(centres[1] - centres[0]).tolist()
    longer, shorter = max(across, down), min(across, down)
    return decide("left_of" if across >= down else "above", 1 - shorter / longer, _LEAST)
