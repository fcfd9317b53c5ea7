"""The ground behind things: two tones, mixed by a sum of plane waves that move with the camera."""

from __future__ import annotations

import numpy as np

from generator.world.grammar import Scene
from generator.world.palette import BACKGROUNDS, HORIZON, Array, Ground
from generator.world.tracks import (
    DEPTH_UNITS,
    DRONE_DEPTHS,
    GROUND_HEIGHT,
    HORIZON_Y,
    camera_at,
    ground_of,
    progress,
)

_TURN = 2 * np.pi / 24.0  # waves are counted per 24 world units
_WANDER = 30.0  # world units by which jitter shifts a texture
_MAX_SLANT = 6.0  # depth beyond which the ground of a drone shot is all haze


def pixel_centres(height_px: int, width_px: int) -> tuple[Array, Array, float]:
    """World coordinates of the columns and rows of a picture, and pixels per unit."""
    scale = min(height_px / 24.0, width_px / 40.0)
    x = (np.arange(width_px) + 0.5 - width_px / 2) / scale
    y = (np.arange(height_px) + 0.5 - height_px / 2) / scale
    return x, y, scale


def _share(field: Array, ground: Ground) -> Array:
    """Share of the high tone from the waves' sum."""
    return np.clip(0.5 + ground.crisp * (field + ground.share), 0, 1)


def _mix(share: Array, ground: Ground) -> Array:
    low, high = (np.array(c, dtype=np.float32) for c in (ground.low, ground.high))
    return low + share[..., None].astype(np.float32) * (high - low)


def _grid_field(ground: Ground, x_W: Array, y_H: Array) -> Array:
    """The waves' sum on a grid, as one matrix product: sin(a + b) splits into rows and columns."""
    waves = np.array(ground.waves)
    across = _TURN * np.outer(waves[:, 0], x_W)
    down = _TURN * np.outer(waves[:, 1], y_H) + 2 * np.pi * waves[:, 2:3]
    weight = waves[:, 3:4]
    rows = np.concatenate([weight * np.sin(down), weight * np.cos(down)])
    columns = np.concatenate([np.cos(across), np.sin(across)])
    return np.asarray(rows.T @ columns)


def _plane(scene: Scene, ground: Ground, x_W: Array, y_H: Array, u: Array) -> Array:
    shift, zoom = camera_at(scene, u)
    off_x, off_y = (_WANDER * j for j in (scene.jitter.ground_x, scene.jitter.ground_y))
    frames = [
        _mix(_share(_grid_field(ground, (x_W - s) / z + off_x, y_H / z + off_y), ground), ground)
        for s, z in zip(shift, zoom, strict=True)
    ]
    return np.stack(frames)


def _flown(scene: Scene, ground: Ground, x_W: Array, y_H: Array, u: Array, side: float) -> Array:
    """A plane seen from a drone that flies forward: perspective, haze at the horizon.

    Far off, a pixel of `side` world units covers many waves: each wave is averaged over the
    pixel's footprint (a sinc). Flying on only adds to each wave's phase, so that all frames are
    one matrix product.
    """
    kx, ky, phase, weight = np.array(ground.waves).T[:, :, None]
    below = np.maximum(y_H - HORIZON_Y, 1e-3)
    depth = np.minimum(GROUND_HEIGHT / below, _MAX_SLANT)
    across = x_W[None, :] * depth[:, None] + _WANDER * scene.jitter.ground_x
    along = DEPTH_UNITS * depth + _WANDER * scene.jitter.ground_y
    wide, long = depth * side, DEPTH_UNITS * depth / below * side
    kept = weight * np.sinc(kx * wide / 24.0) * np.sinc(ky * long / 24.0)
    turn = _TURN * (kx[..., None] * across - ky[..., None] * along[:, None])
    turn = turn + 2 * np.pi * phase[..., None]
    sine, cosine = ((kept[..., None] * f(turn)).reshape(len(kx), -1) for f in (np.sin, np.cos))
    speed = DEPTH_UNITS * (DRONE_DEPTHS[0] - DRONE_DEPTHS[1])
    flown = _TURN * speed * np.outer(u, ky)
    field = (np.cos(flown) @ sine - np.sin(flown) @ cosine).reshape(len(u), *across.shape)
    clear = np.clip((below - 0.6) / 7.0, 0, 1)[:, None]
    mixed = _mix(0.5 + (_share(field, ground) - 0.5) * clear, ground)
    haze = np.array(HORIZON, dtype=np.float32)
    on_ground = np.clip((y_H - HORIZON_Y) / 0.8 + 0.5, 0, 1)[:, None, None].astype(np.float32)
    return np.asarray(haze + on_ground * (mixed - haze))


def background(scene: Scene, height_px: int, width_px: int, times_s: Array) -> Array:
    """The ground at each instant: float32 (T, H, W, 3), or (1, 1, 1, 3), (1, H, W, 3) if still."""
    ground = BACKGROUNDS[ground_of(scene)]
    if ground.plain:
        return np.array(ground.low, dtype=np.float32)[None, None, None]
    x_W, y_H, scale = pixel_centres(height_px, width_px)
    u = progress(times_s)
    if scene.truth.camera == "drone":
        return _flown(scene, ground, x_W, y_H, u, 1 / scale)
    if scene.truth.camera == "still":
        u = u[:1]
    return _plane(scene, ground, x_W, y_H, u)
