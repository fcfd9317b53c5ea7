"""Marks with a known place, found by their template: the canary emblem and the badges of roles.

A mark is looked for in what is left of the time-averaged picture when the background is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from generator.world.background import pixel_centres
from generator.world.grammar import ROLES
from generator.world.palette import Array
from generator.world.readers.ground import nearest_tone, off_ground
from generator.world.render import PAINTERS
from generator.world.shapes import Look
from generator.world.tracks import BADGE_PLACE, CANARY_CORNERS, CANARY_RADIUS

_WOBBLE = (-0.8, 0.0, 0.8)
"""Offsets of a mark that are tried in each direction, world units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The best match of a kind of mark: its code, cosine -1..1, lead over the next code, window."""

    code: int
    cosine: float
    lead: float
    window: tuple[slice, slice]


def _window(x: Array, y: Array, radius_px: float) -> tuple[slice, slice]:
    """Rows and columns within reach of a mark in its own coordinates."""
    reach = 1.0 + 1.0 / radius_px
    rows, columns = np.flatnonzero(np.abs(y) <= reach), np.flatnonzero(np.abs(x) <= reach)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


@lru_cache(maxsize=2048)
def _template(
    painter: str,
    code: int,
    place: tuple[float, float, float],
    size: tuple[int, int],
    background: str,
) -> tuple[tuple[slice, slice], Array]:
    """A mark's window and its unit-length difference from the background there."""
    x, y, scale = pixel_centres(*size)
    u, v = (x - place[0]) / place[2], (y - place[1]) / place[2]
    window = _window(u, v, place[2] * scale)
    grid = np.meshgrid(u[window[1]], v[window[0]])
    alpha, rgb = PAINTERS[painter](
        grid[0][None].astype(np.float32),
        grid[1][None].astype(np.float32),
        np.full((1, 1, 1), 1 / (place[2] * scale), dtype=np.float32),
        Look(theta=np.zeros(1), yaw=np.zeros(1), rgb=np.zeros((1, 1, 3)), code=code),
    )
    ground = nearest_tone(rgb[0], background)
    seen = ground + alpha[0][..., None] * (rgb[0] - ground)
    away = off_ground(seen, background)
    return window, away / max(float(np.linalg.norm(away)), 1e-6)


def _best(away_HW3: Array, painter: str, code: int, place: Array, background: str) -> Array:
    """Largest cosine over small offsets of one mark."""
    best = -1.0
    for dx in _WOBBLE:
        for dy in _WOBBLE:
            spot = (float(place[0] + dx), float(place[1] + dy), float(place[2]))
            size = away_HW3.shape[:2]
            window, unit = _template(painter, code, spot, (size[0], size[1]), background)
            patch = away_HW3[window]
            length = float(np.linalg.norm(patch))
            dot = float((patch * unit).sum())
            # a mark that is there is strong: a few levels of noise must not look like one
            best = max(best, dot / max(length, 8.0 * np.sqrt(patch.size)))
    return np.asarray(best)


def _find(away_HW3: Array, background: str, options: list[tuple[str, int, Array]]) -> Mark:
    scores = np.array([float(_best(away_HW3, p, c, at, background)) for p, c, at in options])
    best = int(scores.argmax())
    painter, code, place = options[best]
    size = (away_HW3.shape[0], away_HW3.shape[1])
    spot = (float(place[0]), float(place[1]), float(place[2]))
    window, _ = _template(painter, code, spot, size, background)
    others = np.delete(scores, best)
    return Mark(
        code=code,
        cosine=float(scores[best]),
        lead=float(scores[best] - others.max()),
        window=window,
    )


def find_canary(away_HW3: Array, background: str) -> Mark:
    """The best match of the canary emblem in any corner (`code` is 0)."""
    corners = [np.array([x, y, CANARY_RADIUS]) for x, y in CANARY_CORNERS]
    return _find(away_HW3, background, [("canary", 0, corner) for corner in corners])


def find_badge(away_HW3: Array, background: str) -> Mark:
    """The best match of a badge; `code` counts in `ROLES`."""
    place = np.array(BADGE_PLACE)
    return _find(away_HW3, background, [("badge", k, place) for k in range(len(ROLES))])
