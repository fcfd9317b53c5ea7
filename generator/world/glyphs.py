"""Letters as strokes: a small face of capitals that stays the same at every size.

A letter lives in x -0.6..0.6, y -1..1. Each is a list of open paths.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from generator.world.palette import Array
from generator.world.shapes import Look, cover, segment

Path = tuple[tuple[float, float], ...]
STROKE = 0.17
"""Half the thickness of a stroke."""

_L, _R, _T, _B = -0.6, 0.6, -1.0, 1.0
_O: Path = (
    (-0.25, _T), (0.25, _T), (_R, -0.6), (_R, 0.6), (0.25, _B),
    (-0.25, _B), (_L, 0.6), (_L, -0.6), (-0.25, _T),
)  # fmt: skip
_BOWL: Path = ((_L, _T), (0.3, _T), (_R, -0.75), (_R, -0.25), (0.3, 0.0), (_L, 0.0))

LETTERS: dict[str, tuple[Path, ...]] = {
    "A": (((_L, _B), (0, _T), (_R, _B)), ((-0.36, 0.3), (0.36, 0.3))),
    "B": (
        ((_L, _T), (_L, _B), (0.3, _B), (_R, 0.75), (_R, 0.25), (0.3, 0.0)),
        ((_L, _T), (0.25, _T), (0.5, -0.75), (0.5, -0.25), (0.3, 0.0), (_L, 0.0)),
    ),
    "C": (
        (
            (_R, -0.6),
            (0.25, _T),
            (-0.25, _T),
            (_L, -0.6),
            (_L, 0.6),
            (-0.25, _B),
            (0.25, _B),
            (_R, 0.6),
        ),
    ),
    "D": (((_L, _T), (0.1, _T), (_R, -0.5), (_R, 0.5), (0.1, _B), (_L, _B), (_L, _T)),),
    "E": (((_R, _T), (_L, _T), (_L, _B), (_R, _B)), ((_L, 0), (0.35, 0))),
    "F": (((_R, _T), (_L, _T), (_L, _B)), ((_L, 0), (0.35, 0))),
    "G": (
        (
            (_R, -0.6),
            (0.25, _T),
            (-0.25, _T),
            (_L, -0.6),
            (_L, 0.6),
            (-0.25, _B),
            (0.25, _B),
            (_R, 0.6),
            (_R, 0.1),
            (0.1, 0.1),
        ),
    ),
    "H": (((_L, _T), (_L, _B)), ((_R, _T), (_R, _B)), ((_L, 0), (_R, 0))),
    "I": (((0, _T), (0, _B)), ((-0.4, _T), (0.4, _T)), ((-0.4, _B), (0.4, _B))),
    "J": (((_R, _T), (_R, 0.6), (0.25, _B), (-0.25, _B), (_L, 0.55)),),
    "K": (((_L, _T), (_L, _B)), ((_R, _T), (_L, 0.1)), ((-0.2, -0.2), (_R, _B))),
    "L": (((_L, _T), (_L, _B), (_R, _B)),),
    "M": (((_L, _B), (_L, _T), (0, 0.1), (_R, _T), (_R, _B)),),
    "N": (((_L, _B), (_L, _T), (_R, _B), (_R, _T)),),
    "O": (_O,),
    "P": (((_L, _B), (_L, _T)), _BOWL),
    "Q": (_O, ((0.1, 0.4), (_R, _B))),
    "R": (((_L, _B), (_L, _T)), _BOWL, ((-0.05, 0.0), (_R, _B))),
    "S": (
        (
            (_R, -0.65),
            (0.25, _T),
            (-0.25, _T),
            (_L, -0.7),
            (_L, -0.3),
            (-0.25, 0.0),
            (0.25, 0.0),
            (_R, 0.3),
            (_R, 0.7),
            (0.25, _B),
            (-0.25, _B),
            (_L, 0.65),
        ),
    ),
    "T": (((_L, _T), (_R, _T)), ((0, _T), (0, _B))),
    "U": (((_L, _T), (_L, 0.6), (-0.25, _B), (0.25, _B), (_R, 0.6), (_R, _T)),),
    "V": (((_L, _T), (0, _B), (_R, _T)),),
    "W": (((_L, _T), (-0.4, _B), (0, -0.1), (0.4, _B), (_R, _T)),),
    "X": (((_L, _T), (_R, _B)), ((_R, _T), (_L, _B))),
    "Y": (((_L, _T), (0, -0.05), (_R, _T)), ((0, -0.05), (0, _B))),
    "Z": (((_L, _T), (_R, _T), (_L, _B), (_R, _B)),),
}
ALPHABET = "".join(LETTERS)


def letter_distance(x: Array, y: Array, letter: str) -> Array:
    """Signed distance to the strokes of a capital letter."""
    strokes = [
        segment(x, y, start, end, STROKE)
        for path in LETTERS[letter]
        for start, end in pairwise(path)
    ]
    shape: Array = np.minimum.reduce(strokes)
    return shape


def paint_letter(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
    """The letter `ALPHABET[look.code]` in the first colour."""
    d = letter_distance(x, y, ALPHABET[look.code])
    return cover(d, px), look.rgb[:, None, None, 0, :]
