"""Fixed patterns of paint and paper as functions of world coordinates.

Randomness is a frozen table looked up by cell, so that a pattern is the same at every size and in
every frame. Patterns are (..., 3) with about zero mean and unit strength.
"""

from __future__ import annotations

import numpy as np

from generator.world.palette import Array

_SIDE = 64
_TABLE = np.random.default_rng(1872).uniform(-1, 1, (_SIDE, _SIDE, 4)).astype(np.float32)


def _at(i: Array, j: Array, channel: int) -> Array:
    """The table's value for cells (i, j)."""
    value: Array = _TABLE[i.astype(np.int64) % _SIDE, j.astype(np.int64) % _SIDE, channel]
    return value


def _noise(x: Array, y: Array, cell: float, channel: int) -> Array:
    """Smooth value noise with cells of the given side."""
    u, v = x / cell, y / cell
    i, j = np.floor(u), np.floor(v)
    a, b = u - i, v - j
    a, b = a * a * (3 - 2 * a), b * b * (3 - 2 * b)
    top = _at(i, j, channel) * (1 - a) + _at(i + 1, j, channel) * a
    low = _at(i, j + 1, channel) * (1 - a) + _at(i + 1, j + 1, channel) * a
    return np.asarray(top * (1 - b) + low * b)


def granulation(x: Array, y: Array) -> Array:
    """Pools of pigment two to five units wide, and the tooth of the paper."""
    pools = _noise(x, y, 4.1, 0) + 0.8 * _noise(x + 9, y - 5, 2.2, 1)
    tooth = _noise(x, y, 0.5, 2) + _noise(y, x, 0.23, 3)
    return np.repeat((1.3 * pools + 0.5 * tooth)[..., None], 3, axis=-1)


def _nearest_dot(x: Array, y: Array, cell: float) -> tuple[Array, Array, Array, Array, Array]:
    """Distance to the nearest of one jittered dot per cell, the way there, and its cell."""
    i0, j0 = np.floor(x / cell), np.floor(y / cell)
    best = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf)
    way_x, way_y, best_i, best_j = (np.zeros_like(best) for _ in range(4))
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            i, j = i0 + di, j0 + dj
            dx = (i + 0.5 + 0.28 * _at(i, j, 0)) * cell - x
            dy = (j + 0.5 + 0.28 * _at(i, j, 1)) * cell - y
            d = dx * dx + dy * dy
            nearer = d < best
            best = np.where(nearer, d, best)
            way_x, way_y = np.where(nearer, dx, way_x), np.where(nearer, dy, way_y)
            best_i, best_j = np.where(nearer, i, best_i), np.where(nearer, j, best_j)
    return np.sqrt(best), way_x, way_y, best_i, best_j


TOUCH, SPECK = 2.2, 0.62
"""Sides of the cells that hold one coarse touch and one fine speck each, world units."""


def dots(x: Array, y: Array) -> Array:
    """Touches of paint with gaps between them; specks of many hues inside."""
    coarse, *_ = _nearest_dot(x, y, TOUCH)
    fine, _, _, i, j = _nearest_dot(x, y, SPECK)
    touch = 1.3 * np.tanh((0.44 - coarse / TOUCH) * 7) - 0.3
    speck = 0.5 * np.tanh((0.44 - fine / SPECK) * 6) - 0.15
    hue = np.stack([_at(i, j, c) for c in (1, 2, 3)], axis=-1)
    return np.asarray((touch + speck)[..., None] + 0.9 * (hue - hue.mean(axis=-1, keepdims=True)))


def speck_way(x: Array, y: Array) -> tuple[Array, Array]:
    """From each point to the centre of its speck, from which it takes its colour."""
    _, way_x, way_y, _, _ = _nearest_dot(x, y, SPECK)
    return way_x, way_y


def _dab(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Which brush stroke a point lies in (row, place) and how far across it (-1..1)."""
    along, across = 0.82 * x - 0.57 * y, 0.57 * x + 0.82 * y
    across = across + 0.25 * np.sin(0.45 * along)
    row = np.floor(across / 1.6)
    shift = _at(row, row * 0, 3)
    place = np.floor(along / 5.5 + 2 * shift)
    return row, place, (across / 1.6 - row) * 2 - 1


def strokes(x: Array, y: Array) -> Array:
    """Slanting dabs of a brush, each of its own brightness, ridged at the rim, with bristles."""
    row, place, across = _dab(x, y)
    tone = 1.9 * _at(row, place, 0)
    rim = 0.55 * np.abs(across) ** 4 - 0.11
    along = 0.82 * x - 0.57 * y
    bristle = 0.55 * _noise(along, (row + across / 2) * 9.0, 1.0, 2)
    return np.repeat((tone - rim + bristle)[..., None], 3, axis=-1)


def stroke_way(x: Array, y: Array) -> tuple[Array, Array]:
    """How far each brush stroke drags the colour that it lays down, along its own way."""
    row, place, _ = _dab(x, y)
    drag = 0.55 * _at(row, place, 1)
    return 0.82 * drag, -0.57 * drag


def grain(x: Array, y: Array) -> Array:
    """The grain of the printing block: nearly level lines."""
    wavy = y + 0.5 * _noise(x, y, 9.0, 2)
    lines = np.cos(2 * np.pi * wavy / 3.4) + 0.5 * np.cos(2 * np.pi * wavy / 0.55)
    return np.repeat(lines[..., None], 3, axis=-1)


def no_pattern(x: Array, y: Array) -> Array:
    """Nothing: flat style."""
    return np.zeros((*np.broadcast_shapes(x.shape, y.shape), 3))
