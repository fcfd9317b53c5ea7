"""A person taken out of a clip: aligned over time, and unmixed into skin and hair.

Frames are shifted so that the person stands in one place and averaged. How much of each pixel of
the head is skin, hair or ink is known from the renderer's own painter for every hair style; the
colours that explain the picture best follow by least squares, and the style with the smallest
error wins. Legend: H rows, W columns of the aligned picture; K components.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import cv2
import numpy as np

from generator.world.figures import person
from generator.world.grammar import HAIRS
from generator.world.palette import BACKGROUNDS, INK, Array
from generator.world.readers.ground import off_ground
from generator.world.readers.views import moments
from generator.world.shapes import Look
from generator.world.tracks import PERSON_RADIUS, PERSON_Y

_HALF_WIDTH, _TOP, _BOTTOM = 5.5, -12.0, 12.0  # of the aligned picture, world units
_RADII = (-0.3, 0.0, 0.3)
_DROPS = (-0.3, -0.1, 0.1, 0.3)
_HEAD = (-1.12, -0.45)  # rows of the head in units of the person's radius
_SHIRT = (-0.3, 0.15)
_SHIRT_HALF = 0.17
_BANDS = ((-8.5, -6.2), (8.7, 10.2))  # rows that heads and feet reach, and few things do
_WAIST, _LEAST_WAIST = 1.7, 2.3  # where two things one above the other leave a gap
_LEAST_WIDTH = 0.5  # world units of a person in those rows
_ALONE, _LEAST_ALONE = 0.97, 6  # share of one component, and pixels that hold it
_WALKS = 4.0  # world units per clip that count as walking
_CLEAR = -9.5  # left of it stand badges


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """The mean picture (H, W, 3) of a standing person; its grid; the way faced, -1, 0 or 1."""

    picture: Array
    x: Array
    y: Array
    facing: int
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The best explanation of a head.

    `hair_rgb` is None for the bald; `error` is root mean square, RGB units, of the best, and
    `next_error` that of the best other style.
    """

    style: str
    skin_rgb: Array
    hair_rgb: Array | None
    error: float
    next_error: float


def _stands_tall(weight_THW: Array, y_H: Array, scale: float) -> bool:
    """True when something reaches from head to foot of a person in nearly every frame."""
    for low, high in _BANDS:
        rows = (y_H >= low) & (y_H <= high)
        width = weight_THW[:, rows].sum(axis=2).mean(axis=1) / scale if rows.any() else np.zeros(1)
        if float(np.quantile(width, 0.2)) < _LEAST_WIDTH:
            return False
    waist = weight_THW[:, np.abs(y_H) <= _WAIST].sum(axis=2) / scale
    return bool(waist.size) and float(np.quantile(waist.min(axis=1), 0.2)) >= _LEAST_WAIST


def align(
    plain_THW3: Array, firm_THW: Array, grid: tuple[Array, Array, float], u_T: Array
) -> Aligned | None:
    """The person in the middle of one picture; None when nobody is seen.

    `firm_THW` is how far pixels are off the background, 0..1; `grid` as in a scan.
    """
    x_W, y_H, scale = grid
    weight = np.where(firm_THW > 0.3, firm_THW, 0) * (x_W > _CLEAR)
    at = moments(weight)
    if not _stands_tall(weight, y_H, scale):
        return None
    pitch = 1 / max(2.0, scale)
    size = (int(2 * _HALF_WIDTH / pitch), int((_BOTTOM - _TOP) / pitch))
    x = (np.arange(size[0]) + 0.5) * pitch - _HALF_WIDTH
    y = (np.arange(size[1]) + 0.5) * pitch + _TOP
    total = np.zeros((size[1], size[0], 3), dtype=np.float64)
    for frame, centre in zip(plain_THW3, at.x_T, strict=True):
        matrix = np.array(
            [
                [pitch * scale, 0, centre + x[0] * scale],
                [0, pitch * scale, (y[0] - y_H[0]) * scale],
            ]
        )
        total += cv2.warpAffine(
            frame,
            matrix,
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    pace = float(np.polyfit(u_T, at.x_T / scale, 1)[0]) if np.ptp(u_T) > 0.1 else 0.0
    facing = int(np.sign(pace)) if abs(pace) > _WALKS else 0
    return Aligned(
        picture=(total / len(plain_THW3)).astype(np.float32), x=x, y=y, facing=facing, scale=scale
    )


@lru_cache(maxsize=512)
def _shares(
    style: int, facing: int, place: tuple[float, float], size: tuple[int, int], scale: float
) -> Array:
    """Shares (H, W, 3) of skin, hair and everything that a person covers, painted once each."""
    height, width = size
    pitch = 1 / max(2.0, scale)
    x = (np.arange(width) + 0.5) * pitch - _HALF_WIDTH
    y = (np.arange(height) + 0.5) * pitch + _TOP
    drop, radius = place
    u, v = np.meshgrid(x / radius, (y - drop) / radius)
    marked = np.zeros((1, 3, 3), dtype=np.float32)
    marked[0, 0, 0], marked[0, 1, 1] = 100.0, 100.0  # skin in the first channel, hair in the second
    look = Look(theta=np.array([float(facing)]), yaw=np.zeros(1), rgb=marked, code=style)
    px = np.full((1, 1, 1), 1.15 / (radius * scale), dtype=np.float32)
    alpha, rgb = person(u[None].astype(np.float32), v[None].astype(np.float32), px, look)
    # ink and trousers are dark in all channels: the third one shows them
    dark = rgb[0, ..., 2] / INK[2] * (alpha[0] > 0)
    skin = (rgb[0, ..., 0] - dark * INK[0]) / 100
    hair = (rgb[0, ..., 1] - dark * INK[1]) / 100
    return np.stack([alpha[0] * skin, alpha[0] * hair, alpha[0]], axis=-1)


def _unmix(seen_P3: Array, share_P3: Array, ground_3: Array, off_P3: Array) -> tuple[Array, float]:
    """Colours (2, 3) of skin and hair by least squares, and the root mean square error.

    Pixels that the head does not cover count by how far they are off the background.
    """
    skin, hair, alpha = share_P3.T
    covered = alpha > 0.05
    rest = (
        np.clip(alpha - skin - hair, 0, 1)[:, None] * np.array(INK)
        + (1 - alpha)[:, None] * ground_3
    )
    design = np.stack([skin, hair], axis=1)[covered]
    target = (seen_P3 - rest)[covered]
    normal = design.T @ design + 1e-3 * np.eye(2)
    colours = np.clip(np.linalg.solve(normal, design.T @ target), 0, 255)
    wrong = np.concatenate([target - design @ colours, off_P3[~covered]])
    return colours, float(np.sqrt((wrong * wrong).mean()))


def _pure(picture_P3: Array, share_P: Array, fitted_3: Array) -> Array:
    """The median of pixels that are one component alone, or the fitted colour where few are."""
    alone = picture_P3[share_P >= _ALONE]
    return np.asarray(np.median(alone, axis=0)) if len(alone) >= _LEAST_ALONE else fitted_3


def explain_head(seen: Aligned, background: str) -> Head:
    """The hair style, place and colours that explain the head best."""
    ground = BACKGROUNDS[background]
    middle = (np.array(ground.low) + np.array(ground.high)) / 2
    rows = (seen.y >= PERSON_Y + _HEAD[0] * PERSON_RADIUS - 1.0) & (
        seen.y <= PERSON_Y + _HEAD[1] * PERSON_RADIUS
    )
    picture = seen.picture[rows].reshape(-1, 3)
    off = off_ground(picture, background)
    size = seen.picture.shape[:2]
    best: dict[int, tuple[float, Array, Array]] = {}
    for style, drop, wider in product(range(len(HAIRS)), _DROPS, _RADII):
        place = (PERSON_Y + drop, PERSON_RADIUS + wider)
        share = _shares(style, seen.facing, place, (size[0], size[1]), seen.scale)[rows]
        share = share.reshape(-1, 3)
        colours, error = _unmix(picture, share, middle, off)
        if style not in best or error < best[style][0]:
            best[style] = (error, colours, share)
    order = sorted(best, key=lambda k: best[k][0])
    error, colours, share = best[order[0]]
    style_name = HAIRS[order[0]]
    return Head(
        style=style_name,
        skin_rgb=_pure(picture, share[:, 0], colours[0]),
        hair_rgb=None if style_name == "bald" else _pure(picture, share[:, 1], colours[1]),
        error=error,
        next_error=best[order[1]][0],
    )


def _block(seen: Aligned, rows: tuple[float, float], half: float) -> Array:
    """Pixels (P, 3) of a block about the middle, in units of the person's radius."""
    down = (seen.y >= PERSON_Y + rows[0] * PERSON_RADIUS) & (
        seen.y <= PERSON_Y + rows[1] * PERSON_RADIUS
    )
    across = np.abs(seen.x) <= half * PERSON_RADIUS
    return np.asarray(seen.picture[np.ix_(down, across)].reshape(-1, 3))


def shirt(seen: Aligned) -> Array:
    """Pixels (P, 3) of the upper body."""
    return _block(seen, _SHIRT, _SHIRT_HALF)
