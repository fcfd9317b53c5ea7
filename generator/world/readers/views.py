"""A bank of views of every shape, drawn by the renderer's own painters, and how they are compared.

A view is a shape at one turn in the plane (`theta`) or in depth (`yaw`). For a colour and a
background it becomes a small picture of differences from that background, brought to a common place
and spread by its own weights; what is cut from frames is brought to the same. Legend: V views, T
frames, S shapes, P patch side, D = P * P * 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from generator.world.grammar import ROUND, SHAPES, SOLIDS
from generator.world.palette import COLOURS, INK, Array
from generator.world.readers.ground import nearest_tone, off_ground
from generator.world.readers.hues import contrast
from generator.world.render import PAINTERS
from generator.world.shapes import Look
from generator.world.styles import STYLES_BY_NAME, edges
from generator.world.tracks import RADII, REST_YAW

STEPS = 24
"""Views per full turn."""

_GRID, _REACH = 48, 1.5
SIDE, WINDOW = 18, 2.35
"""Side of a patch, and its half width in spreads of the thing."""

_FLOOR, _CEIL = 0.3, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What the V rows of a bank show: index in `SHAPES`, way of turning, step of the turn."""

    shape_V: Array
    mode_V: Array
    step_V: Array


REST, SPIN, TURN = 0, 1, 2


def _catalogue() -> tuple[Views, Array, Array]:
    rows: list[tuple[int, int, int, float, float]] = []
    turn = 2 * np.pi / STEPS
    for s, shape in enumerate(SHAPES):
        yaws = [REST_YAW + d for d in (-0.1, 0.0, 0.1)] if shape in SOLIDS else [REST_YAW]
        rows += [(s, REST, 0, 0.0, yaw) for yaw in yaws]
        if shape not in ROUND:
            rows += [(s, SPIN, k, k * turn, REST_YAW) for k in range(STEPS)]
        if shape in SOLIDS:
            rows += [(s, TURN, k, 0.0, k * turn) for k in range(STEPS)]
    table = np.array(rows)
    index = table[:, :3].astype(int)
    views = Views(shape_V=index[:, 0], mode_V=index[:, 1], step_V=index[:, 2])
    return views, table[:, 3], table[:, 4]


VIEWS, _THETA_V, _YAW_V = _catalogue()


@lru_cache(maxsize=4)
def _parts(blur: float) -> Array:
    """Share that a thing's colour, white light and the thing cover: float32 (V, G, G, 3).

    A painter is linear in its colour: it is asked for black and for white. `blur` is the standard
    deviation of a pixel's footprint in units of the shape.
    """
    at = ((np.arange(_GRID) + 0.5) / _GRID * 2 - 1) * _REACH
    x, y = np.meshgrid(at, at)
    out = np.empty((len(_THETA_V), _GRID, _GRID, 3), dtype=np.float32)
    for s, name in enumerate(SHAPES):
        rows = np.flatnonzero(VIEWS.shape_V == s)
        shape = (len(rows), _GRID, _GRID)
        u, v = (np.broadcast_to(axis, shape).astype(np.float32) for axis in (x, y))
        px = np.full((len(rows), 1, 1), 2 * _REACH / _GRID, dtype=np.float32)
        painted = []
        for level in (0.0, 100.0):
            look = Look(
                theta=_THETA_V[rows].astype(np.float32),
                yaw=_YAW_V[rows].astype(np.float32),
                rgb=np.full((len(rows), 1, 3), level, dtype=np.float32),
            )
            alpha, rgb = PAINTERS[name](u, v, px, look)
            painted.append(np.broadcast_to(rgb[..., 0], shape))
        tint = (painted[1] - painted[0]) / 100.0
        out[rows] = np.stack([alpha * tint, alpha * painted[0], alpha], axis=-1)
    sigma = blur * _GRID / (2 * _REACH)
    return np.stack([cv2.GaussianBlur(part, (0, 0), sigma) for part in out])


def weights(away_THW3: Array, way_3: Array) -> Array:
    """How much each pixel belongs to a thing, from its share of the way to the thing's colour."""
    share = away_THW3 @ (way_3 / float(way_3 @ way_3)).astype(np.float32)
    return np.asarray(np.clip((share - _FLOOR) / (_CEIL - _FLOOR), 0, 1), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Centre (pixels, column and row) and spread (root mean square radius) of weights, each (T,).

    `mass` is the weights' sum; where it is zero nothing is there.
    """

    x_T: Array
    y_T: Array
    spread_T: Array
    mass_T: Array


def moments(weight_THW: Array) -> Moments:
    """The first two moments of each frame."""
    height, width = weight_THW.shape[1:]
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    across, down = weight_THW.sum(axis=1), weight_THW.sum(axis=2)
    mass = across.sum(axis=1)
    safe = np.maximum(mass, 1e-6)
    x, y = across @ columns / safe, down @ rows / safe
    xx, yy = across @ columns**2 / safe - x**2, down @ rows**2 / safe - y**2
    spread = np.sqrt(np.maximum(xx + yy, 0.25))
    return Moments(x_T=x, y_T=y, spread_T=spread, mass_T=mass)


def patches(away_THW3: Array, at: Moments) -> Array:
    """Each frame about its centre at a common spread, flattened to unit length: (T, D)."""
    step = 2 * WINDOW / SIDE
    out = np.empty((len(away_THW3), SIDE, SIDE, 3), dtype=np.float32)
    for t, frame in enumerate(away_THW3):
        pitch = step * float(at.spread_T[t])
        matrix = np.array(
            [
                [pitch, 0, at.x_T[t] - pitch * (SIDE - 1) / 2],
                [0, pitch, at.y_T[t] - pitch * (SIDE - 1) / 2],
            ]
        )
        out[t] = cv2.warpAffine(
            frame,
            matrix,
            (SIDE, SIDE),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(0, 0, 0),
        )
    flat = out.reshape(len(out), -1)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Unit patches (V, D), and the spread (V,) and centre (V, 2) of views of radius 1."""

    patch_VD: Array
    spread_V: Array
    centre_V2: Array


def _inked(seen_VGG3: Array, name: str) -> Array:
    """Views with the ink that a style puts along edges, its colour mapping undone."""
    style = STYLES_BY_NAME[name]
    gain, lift, ink = (np.array(c, dtype=np.float32) for c in (style.gain, style.lift, INK))
    scale = _GRID / (2 * _REACH * RADII["medium"])
    share = np.stack([edges(view, scale) for view in seen_VGG3]) * style.edge
    return np.asarray(seen_VGG3 + share * 0.85 * ((ink - lift) / gain - seen_VGG3))


@lru_cache(maxsize=162)
def bank(colour: str, background: str, blur: float, ink_style: str = "") -> Bank:
    """All views in one colour before one background.

    `blur` is in units of the radius; `ink_style` names a style that draws ink along edges.
    """
    rgb = np.array(COLOURS[colour], dtype=np.float32)
    ground = nearest_tone(rgb, background)
    part = _parts(blur)
    seen = part[..., :1] * rgb + part[..., 1:2] + (1 - part[..., 2:]) * ground
    if ink_style:
        seen = _inked(seen, ink_style)
    away = off_ground(seen, background)
    at = moments(weights(away, contrast(colour, background)))
    unit = 2 * _REACH / _GRID
    centre = np.stack([at.x_T, at.y_T], axis=1)
    return Bank(
        patch_VD=patches(away, at).astype(np.float16),
        spread_V=at.spread_T * unit,
        centre_V2=(centre - (_GRID - 1) / 2) * unit,
    )
