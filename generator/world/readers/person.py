"""Reads `tone`, `tone_band`, `hair`, `hair_colour`, `outfit` and `role` of a person.

The role is the badge's, by template. Skin and hair come from unmixing the head, see
:mod:`generator.world.readers.figure`; the tone is the Monk swatch nearest to the skin in CIELAB.
"""

from __future__ import annotations

import numpy as np

from generator.world.grammar import ROLES
from generator.world.palette import HAIR_COLOURS, MONK, TONE_BANDS, Array, to_lab, tone_band
from generator.world.readers.base import Reading, abstain, decide
from generator.world.readers.colour import name_colour
from generator.world.readers.figure import shirt
from generator.world.readers.hues import votes
from generator.world.readers.scan import Scan

_MOST_ERROR = 32.0  # RGB units that a head may be off
_LEAST, _LEAST_HAIR, _LEAST_ROLE, _FULL_LEAD = 0.12, 0.02, 0.1, 0.25
_NOBODY = "nobody is seen"


def _nearest(rgb_3: Array, options: Array) -> tuple[int, float, float]:
    """Index of the nearest option in CIELAB, its distance, and the next one's."""
    away = np.linalg.norm(to_lab(options) - to_lab(rgb_3), axis=1)
    order = away.argsort()
    return int(order[0]), float(away[order[0]]), float(away[order[1]])


def _no_head(scan: Scan) -> Reading | None:
    if scan.head is None:
        return abstain(_NOBODY)
    if scan.head.error > _MOST_ERROR:
        return abstain(f"no head of the world is alike: off by {scan.head.error:.0f} RGB units")
    return None


def _tone(scan: Scan) -> tuple[int, float, float]:
    if scan.head is None:
        raise ValueError(f"no tone without a head; seen: {_NOBODY}; next: ask for `role` first")
    index, near, next_near = _nearest(scan.head.skin_rgb, np.array(MONK, dtype=np.float64))
    return index + 1, near, next_near


def read_tone(scan: Scan) -> Reading:
    """Monk tone 1..10; confidence is the lead over the next nearest tone as a share of its way."""
    if (nobody := _no_head(scan)) is not None:
        return nobody
    tone, near, next_near = _tone(scan)
    return decide(tone, 1 - near / max(next_near, 1e-6), _LEAST)


def read_tone_band(scan: Scan) -> Reading:
    """Band of the Monk tone: light, medium or dark; confidence by the nearest tone outside it."""
    if (nobody := _no_head(scan)) is not None or scan.head is None:
        return nobody or abstain(_NOBODY)
    tone, near, _ = _tone(scan)
    band = tone_band(tone)
    others = [t for name, tones in TONE_BANDS.items() if name != band for t in tones]
    _, outside, _ = _nearest(scan.head.skin_rgb, np.array([MONK[t - 1] for t in others]))
    return decide(band, 1 - near / max(outside, 1e-6), _LEAST)


def read_hair(scan: Scan) -> Reading:
    """Style of the hair; confidence is how much worse the next style explains the head."""
    if (nobody := _no_head(scan)) is not None or scan.head is None:
        return nobody or abstain(_NOBODY)
    return decide(
        scan.head.style, 1 - scan.head.error / max(scan.head.next_error, 1e-6), _LEAST_HAIR
    )


def read_hair_colour(scan: Scan) -> Reading:
    """Colour of the hair; abstains about the bald."""
    if (nobody := _no_head(scan)) is not None or scan.head is None:
        return nobody or abstain(_NOBODY)
    if scan.head.hair_rgb is None:
        return abstain("the bald have no hair colour")
    options = np.array(list(HAIR_COLOURS.values()), dtype=np.float64)
    index, near, next_near = _nearest(scan.head.hair_rgb, options)
    return decide(list(HAIR_COLOURS)[index], 1 - near / max(next_near, 1e-6), _LEAST)


def read_outfit(scan: Scan) -> Reading:
    """Colour of the shirt."""
    if scan.aligned is None:
        return abstain(_NOBODY)
    return name_colour(votes(shirt(scan.aligned)))


def read_role(scan: Scan) -> Reading:
    """The role whose badge is seen; confidence is its lead in cosine, 0.25 counting as 1."""
    if not scan.has_badge:
        return abstain(f"no badge is seen: best cosine {scan.badge.cosine:.2f}")
    return decide(ROLES[scan.badge.code], scan.badge.lead / _FULL_LEAD, _LEAST_ROLE)
