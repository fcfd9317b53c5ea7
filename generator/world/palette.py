"""The colours of the phantom world, as sRGB triples 0..255, and their way to CIELAB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RGB = tuple[int, int, int]
Array = npt.NDArray[Any]

COLOURS: dict[str, RGB] = {
    "red": (214, 32, 40),
    "orange": (247, 132, 20),
    "yellow": (252, 216, 40),
    "green": (22, 140, 60),
    "cyan": (30, 196, 214),
    "blue": (34, 70, 214),
    "purple": (140, 36, 158),
    "pink": (250, 120, 190),
    "brown": (112, 66, 30),
}
"""Colours of things, words and outfits: at least 25 CIELAB units apart, two by two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A background: two tones, equal when it is plain, and how the second lies over the first.

    `waves` holds plane waves (cycles per 24 world units across and down, phase in turns, weight);
    `share` moves the border between the tones; `crisp` is the steepness of that border.
    """

    low: RGB
    high: RGB
    waves: tuple[tuple[float, float, float, float], ...] = ()
    share: float = 0.0
    crisp: float = 1.2

    @property
    def plain(self) -> bool:
        """True when the ground shows nothing that could move with the camera."""
        return not self.waves


_BLOTCHES = (
    (1.1, 0.9, 0.13, 0.9),
    (-1.6, 1.2, 0.71, 0.8),
    (0.7, -2.1, 0.37, 0.7),
    (2.3, 0.4, 0.55, 0.6),
    (1.9, 2.2, 0.05, 0.35),
)
_DUNES = (
    (0.35, 1.5, 0.2, 1.0),
    (1.3, 1.1, 0.6, 0.8),
    (-1.7, 0.6, 0.9, 0.7),
    (0.9, -2.0, 0.4, 0.45),
)
_CLOUDS = (
    (0.9, 0.8, 0.45, 1.0),
    (-1.4, 0.7, 0.1, 0.8),
    (1.8, 1.3, 0.82, 0.6),
    (0.5, 2.2, 0.3, 0.55),
    (2.4, -1.0, 0.66, 0.35),
)
_LIGHTS = (
    (2.1, 0.6, 0.25, 0.9),
    (-0.7, 2.3, 0.5, 0.9),
    (1.5, -1.8, 0.8, 0.8),
    (2.7, 1.9, 0.15, 0.5),
)

BACKGROUNDS: dict[str, Ground] = {
    "white": Ground(low=(246, 246, 246), high=(246, 246, 246)),
    "grey": Ground(low=(126, 130, 134), high=(126, 130, 134)),
    "black": Ground(low=(16, 16, 18), high=(16, 16, 18)),
    "cream": Ground(low=(244, 226, 190), high=(244, 226, 190)),
    "lilac": Ground(low=(184, 174, 220), high=(184, 174, 220)),
    "meadow": Ground(low=(150, 190, 120), high=(190, 218, 160), waves=_BLOTCHES),
    "desert": Ground(low=(198, 164, 118), high=(226, 200, 160), waves=_DUNES),
    "sky": Ground(low=(140, 184, 232), high=(236, 242, 250), waves=_CLOUDS, share=-0.25),
    "night": Ground(low=(26, 28, 62), high=(92, 96, 140), waves=_LIGHTS, share=-0.7, crisp=1.8),
}
"""Five plain grounds and four with a texture that shows the camera's way."""

FIGURE_GROUNDS = ("grey", "lilac", "meadow")
"""Where persons walk: grounds that no Monk tone comes near."""

HORIZON: RGB = (176, 206, 236)
"""The haze above the horizon of a drone shot."""

MONK: tuple[RGB, ...] = (
    (0xF6, 0xED, 0xE4),
    (0xF3, 0xE7, 0xDB),
    (0xF7, 0xEA, 0xD0),
    (0xEA, 0xDA, 0xBA),
    (0xD7, 0xBD, 0x96),
    (0xA0, 0x7E, 0x56),
    (0x82, 0x5C, 0x43),
    (0x60, 0x41, 0x34),
    (0x3A, 0x31, 0x2A),
    (0x29, 0x24, 0x20),
)
"""The ten swatches of the Monk Skin Tone scale (Ellis Monk, Google, 2022, CC BY 4.0)."""

TONE_BANDS: dict[str, tuple[int, ...]] = {
    "light": (1, 2, 3, 4),
    "medium": (5, 6, 7),
    "dark": (8, 9, 10),
}

HAIR_COLOURS: dict[str, RGB] = {
    "black": (24, 20, 26),
    "blond": (232, 192, 84),
    "red-haired": (168, 66, 24),
    "silver": (196, 200, 208),
}

PAPER: RGB = (250, 246, 236)
INK: RGB = (28, 26, 38)


def tone_band(tone: int) -> str:
    """The band of a Monk tone 1..10: light, medium or dark."""
    for band, tones in TONE_BANDS.items():
        if tone in tones:
            return band
    raise ValueError(f"no such Monk tone; seen: {tone}; legal: 1 to 10")


def to_linear(rgb: Array) -> Array:
    """Turn sRGB 0..255 into linear light 0..1 (IEC 61966-2-1)."""
    c = np.asarray(rgb, dtype=np.float64) / 255.0
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, two degrees


def to_lab(rgb: Array | RGB) -> Array:
    """Turn sRGB 0..255, last axis 3, into CIELAB under D65."""
    xyz = to_linear(np.asarray(rgb)) @ _XYZ.T / _WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    lightness = 116 * f[..., 1] - 16
    return np.stack(
        [lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


def ita_deg(rgb: Array | RGB) -> Array:
    """Individual typology angle in degrees: atan2(L* - 50, b*)."""
    lab = to_lab(rgb)
    return np.asarray(np.degrees(np.arctan2(lab[..., 0] - 50, lab[..., 2])))
