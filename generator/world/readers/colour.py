"""Reads `colour`, `second_colour` and `text_colour`: the colour most of a thing's pixels vote for.

Votes come from :mod:`generator.world.readers.hues`; the reader abstains where two colours are
nearly as likely or where nothing stands before the background.
"""

from __future__ import annotations

from generator.world.palette import Array
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.hues import NAMES
from generator.world.readers.scan import Scan

_LEAST_VOTES, _LEAST = 0.02, 0.12


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
    """Colour of the letters."""
    if not scan.all_hues.any():
        return abstain("nothing stands before the background")
    return name_colour(scan.all_hues)
