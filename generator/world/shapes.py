"""Flat shapes as signed distance functions, and the painter that turns them into coverage.

Coordinates are the shape's own: x to the right, y down, circumradius about 1. A distance is
negative inside. `px` is the side of one pixel in these units, so that coverage is antialiased at
any size. Legend: N sprites, P patch side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from generator.world.palette import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How N sprites of one kind look: `theta` and `yaw` (N,) in radians, `rgb` (N, K, 3) 0..255."""

    theta: Array
    yaw: Array
    rgb: Array
    code: int = 0


Painter = Callable[[Array, Array, Array, Look], tuple[Array, Array]]
"""(x_NPP, y_NPP, px_N11, look) -> coverage alpha_NPP 0..1 and colour rgb, broadcast to NPP3."""

SQUARE_SIDE = 0.84


def cover(distance: Array, px: Array) -> Array:
    """Share of a pixel that lies inside, from the signed distance of its centre."""
    alpha = distance * (-1 / px)
    alpha += 0.5
    clipped: Array = np.clip(alpha, 0, 1, out=alpha)
    return clipped


def box(x: Array, y: Array, half_width: float, half_height: float) -> Array:
    """Distance to an axis-parallel box centred at the origin (exact inside, a bound outside)."""
    return np.maximum(np.abs(x) - half_width, np.abs(y) - half_height)


def circle(x: Array, y: Array, radius: float) -> Array:
    """Distance to a circle about the origin."""
    distance: Array = np.sqrt(x * x + y * y) - radius
    return distance


def segment(
    x: Array, y: Array, start: tuple[float, float], end: tuple[float, float], width: float
) -> Array:
    """Distance to a stroke with round ends, `width` being half its thickness."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length2 = dx * dx + dy * dy
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / length2, 0, 1)
    return circle(x - start[0] - along * dx, y - start[1] - along * dy, width)


def polygon(x: Array, y: Array, corners: list[tuple[float, float]]) -> Array:
    """Distance to a convex polygon, corners clockwise as seen (y down)."""
    if len(corners) < 3:
        raise ValueError(f"a polygon needs corners; seen: {len(corners)}; legal: 3 or more")
    sides = []
    for (x0, y0), (x1, y1) in pairwise([*corners, corners[0]]):
        length = float(np.hypot(x1 - x0, y1 - y0))
        nx, ny = (y1 - y0) / length, -(x1 - x0) / length
        sides.append(x * nx + (y * ny - (x0 * nx + y0 * ny)))
    return np.asarray(np.maximum.reduce(sides))


def disc(x: Array, y: Array) -> Array:
    """A filled circle."""
    return circle(x, y, 0.95)


def square(x: Array, y: Array) -> Array:
    """A square."""
    return box(x, y, SQUARE_SIDE, SQUARE_SIDE)


def triangle(x: Array, y: Array) -> Array:
    """An equilateral triangle, point up."""
    return polygon(x, y, [(0.0, -1.1), (1.05, 0.72), (-1.05, 0.72)])


def star(x: Array, y: Array) -> Array:
    """A star of five points: folded onto half a point, whose edge is one straight line."""
    c, s = float(np.cos(np.pi / 5)), float(np.sin(np.pi / 5))
    u, v = np.abs(x), -y
    for nx, ny in ((c, -s), (-c, -s)):
        beyond = 2 * np.maximum(u * nx + v * ny, 0)
        u, v = u - beyond * nx, v - beyond * ny
    u = np.abs(u)
    tip, inner = 1.2, 0.58
    ex, ey = inner * s, inner * c - tip  # from the tip to the corner between two points
    length = float(np.hypot(ex, ey))
    return u * (-ey / length) + (v - tip) * (ex / length)


def heart(x: Array, y: Array) -> Array:
    """A heart: a square on its corner with two half circles on its upper sides."""
    ax = np.abs(x)
    yy = y - 0.12
    side = 0.62  # half side of the square
    h = side / np.sqrt(2)
    tilted = np.maximum(ax + yy, ax - yy) / np.sqrt(2) - side
    lobe = circle(ax - h, yy + h, side)
    shape: Array = np.minimum(tilted, lobe)
    return shape


def ring(x: Array, y: Array) -> Array:
    """A ring with a wide hole."""
    return np.abs(circle(x, y, 0.74)) - 0.26


def cross(x: Array, y: Array) -> Array:
    """A plus sign."""
    return np.minimum(box(x, y, 1.0, 0.33), box(x, y, 0.33, 1.0))


FLAT: dict[str, Callable[[Array, Array], Array]] = {
    "disc": disc,
    "square": square,
    "triangle": triangle,
    "star": star,
    "heart": heart,
    "ring": ring,
    "cross": cross,
}


def turned(x: Array, y: Array, theta_N: Array) -> tuple[Array, Array]:
    """The same points in axes turned by `theta` (clockwise as seen)."""
    if not np.any(theta_N):
        return x, y
    c, s = np.cos(theta_N)[:, None, None], np.sin(theta_N)[:, None, None]
    return x * c + y * s, y * c - x * s


def flat_painter(distance: Callable[[Array, Array], Array]) -> Painter:
    """A painter that fills one signed distance function with the first colour."""

    def paint(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
        u, v = turned(x, y, look.theta)
        return cover(distance(u, v), px), look.rgb[:, None, None, 0, :]

    return paint
