"""Reads `colour`, `second_colour` and `text_colour`: the colour most of a thing's pixels vote for.

Votes come from :mod:`generator.world.readers.hues`; the reader abstains where two colours are
nearly as likely or where nothing stands before the background.
"""

from __future__ import annotations

import numpy as np

from generator.world.palette import Array
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.hues import NAMES, contrast
from generator.world.readers.scan import Scan

_LEAST_VOTES, _LEAST = 0.02, 0.12
_THIN_VOTES, _INK, _FULL_LEAD = 0.2, 0.5, 0.1


def name_colour(votes_C: Array) -> Reading:
    """The winner of a vote; confidence is its lead over the next, as a share of its votes."""
    order = votes_C.argsort()
    best, next_best = float(votes_C[order[-1]]), float(votes_C[order[-2]])
    if best < _LEAST_VOTES:
        return abstain("no colour of the world is seen")
    return decide(NAMES[int(order[-1])], 1 - next_best / best, _LEAST)


def read_colour(scan: Scan) -> Reading:
    """Colour of the thing, of the first of a pair, or of all of a group."""
    if not scan.hues:
        return abstain("nothing stands before the background")
    return name_colour(scan.hues[0])


def read_second_colour(scan: Scan) -> Reading:
    """Colour of the second of two things: the right or the lower one."""
    if len(scan.hues) != 2:
        return abstain(f"two things make a pair; seen: {len(scan.hues)}")
    return name_colour(scan.hues[1])


def read_text_colour(scan: Scan) -> Reading:
    """Colour of the letters; where strokes are too thin to show it whole, by its direction."""
    votes = scan.all_hues
    if not votes.any():
        return abstain("nothing stands before the background")
    if float(votes.max()) >= _THIN_VOTES:
        return name_colour(votes)
    ink = scan.away[scan.firm > _INK].sum(axis=0)
    ways = np.stack([contrast(name, scan.ground.background) for name in NAMES])
    alike = ways @ ink / (np.linalg.norm(ways, axis=1) * max(float(np.linalg.norm(ink)), 1e-6))
    order = alike.argsort()
    lead = float(alike[order[-1]] - alike[order[-2]])
    return decide(NAMES[int(order[-1])], lead / _FULL_LEAD, _LEAST)
