"""Colours of things: which of the world's colours the pixels of a mask vote for.

A pixel of a thing is its colour times a shade, mixed with the background at the rim. Shades darken
a colour on its way to black, so a pixel votes for the colour on whose way it lies, the more the
less it is shaded and the farther it is from the background.
"""

from __future__ import annotations

import numpy as np

from generator.world.palette import BACKGROUNDS, COLOURS, Array
from generator.world.readers.ground import nearest_tone

NAMES = tuple(COLOURS)
RGB_C3 = np.array([COLOURS[name] for name in NAMES], dtype=np.float32)
_SHADES = np.array([0.5, 0.62, 0.74, 0.87, 1.0, 1.1], dtype=np.float32)
_WORTH = np.array([0.25, 0.4, 0.6, 0.9, 1.0, 0.9], dtype=np.float32)
_TOLERANCE = 22.7  # RGB units
_FAR = 105.0  # RGB units; farther is not surer
_MOST_PIXELS = 800


def nearness(plain_P3: Array) -> Array:
    """How well each colour explains each pixel, 0..1 (P, C); shaded colours explain less."""
    targets = _SHADES[:, None, None] * RGB_C3
    away2 = ((plain_P3[:, None, None] - targets) ** 2).sum(axis=-1)
    near = np.exp(away2 / (-2 * _TOLERANCE**2)) * _WORTH[:, None]
    return np.asarray(near.max(axis=1))


def votes(plain_P3: Array) -> Array:
    """Votes (C,) of pixels, each between 0 and 1 for every colour, averaged by purity."""
    if not len(plain_P3):
        return np.zeros(len(NAMES))
    pixels = plain_P3[:: max(1, len(plain_P3) // _MOST_PIXELS)]
    # rims, belts and pale fur are mixtures: the purest pixels say most
    pure = pixels.max(axis=-1) - pixels.min(axis=-1) + 20.0
    return np.asarray((nearness(pixels) * pure[:, None]).sum(axis=0) / pure.sum())


def core(away_P3: Array) -> Array:
    """Which pixels of a thing lie well inside it: those farthest off the background."""
    far = np.minimum(np.sqrt((away_P3 * away_P3).sum(axis=-1)), _FAR)
    return np.asarray(far >= 0.72 * np.percentile(far, 88)) if len(far) else far > 0


def contrast(colour: str, background: str) -> Array:
    """From the nearest tone of a background to a colour, (3,)."""
    rgb = np.array(COLOURS[colour], dtype=np.float32)
    return np.asarray(rgb - nearest_tone(rgb, background))


def least_contrast() -> float:
    """The smallest distance of any colour from any background, RGB units."""
    return min(float(np.linalg.norm(contrast(c, b))) for c in COLOURS for b in BACKGROUNDS)
