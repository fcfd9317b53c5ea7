"""Shaded solids under parallel projection: they turn in depth and keep their structure.

Depth z grows toward the viewer. Light falls from the upper left front. `yaw` turns a solid about
its upright axis, which leans toward the viewer so that its top shows; `theta` turns the picture.
"""

from __future__ import annotations

import numpy as np

from generator.world.palette import Array
from generator.world.shapes import Look, Painter, cover, turned

_LIGHT = np.array([-0.45, -0.6, 0.66])
_LEAN = 0.5  # radians by which the upright axis leans toward the viewer
_SIDE_LIGHT = 0.42
_NUDGE = np.array([0.0, 0.0, 1e-3])  # keeps edge-on faces off division by zero


def rotation(yaw_N: Array, lean: float = _LEAN) -> Array:
    """Rotation matrices (N, 3, 3): about the upright y axis by `yaw`, then leaning by `lean`."""
    c, s = np.cos(yaw_N), np.sin(yaw_N)
    zero, one = np.zeros_like(c), np.ones_like(c)
    turn = np.stack([c, zero, s, zero, one, zero, -s, zero, c], axis=-1).reshape(-1, 3, 3)
    k, m = np.cos(lean), np.sin(lean)
    tilt = np.array([[1, 0, 0], [0, k, m], [0, -m, k]])
    return np.asarray(tilt @ turn)


def _shade(normal: Array) -> Array:
    """Brightness of a face by its normal (..., 3): 0.5 in shadow to 1.08 in full light."""
    return np.asarray(0.72 + 0.4 * (normal @ _LIGHT))


def _unit(rows: list[tuple[float, float, float]]) -> Array:
    normals = np.array(rows)
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


_CUBE = (_unit([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]), [0.68] * 6)
_SLOPE = 0.62
_PYRAMID = (
    _unit([(1, -_SLOPE, 0), (-1, -_SLOPE, 0), (0, -_SLOPE, 1), (0, -_SLOPE, -1), (0, 1, 0)]),
    [0.44] * 4 + [0.72],
)


def _convex(planes_F3: Array, offsets: list[float]) -> Painter:
    """A painter of the convex solid {p: n.p <= d for every face}."""
    d_F = np.array(offsets)

    def paint(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
        u, v = turned(x, y, look.theta)
        n_NF3 = planes_F3 @ np.swapaxes(rotation(look.yaw), 1, 2)
        n_NF3 = np.where(np.abs(n_NF3[..., 2:]) < 1e-3, n_NF3 + _NUDGE, n_NF3)
        n_FN3 = np.swapaxes(n_NF3, 0, 1).astype(np.float32)
        gx, gy = (-n_FN3[..., k] / n_FN3[..., 2] for k in (0, 1))
        depth = [
            (gx[f][:, None, None] * u)
            + (gy[f][:, None, None] * v + (d_F[f] / n_FN3[f, :, 2])[:, None, None])
            for f in range(len(d_F))
        ]
        front = n_FN3[..., 2] > 0
        shade_FN = _shade(n_FN3)
        alpha = cover(_outline(depth, front, gx, gy), px)
        shade = _blend_faces(depth, front, shade_FN, px)
        return alpha, shade[..., None] * look.rgb[:, None, None, 0, :]

    return paint


def _outline(depth: list[Array], front_FN: Array, gx: Array, gy: Array) -> Array:
    """Signed distance of the silhouette: over all pairs, back face must lie behind front face."""
    best = np.full_like(depth[0], -np.inf)
    faces = range(len(depth))
    for i in faces:
        for j in faces:
            on = front_FN[i] & ~front_FN[j]
            if i == j or not on.any():
                continue
            slope = np.hypot(gx[i] - gx[j], gy[i] - gy[j])
            scale = np.where(on & (slope > 1e-6), 1 / np.maximum(slope, 1e-6), np.nan)
            gap = (depth[j] - depth[i]) * scale[:, None, None]
            best = np.fmax(best, gap)
    return best


def _blend_faces(depth: list[Array], front_FN: Array, shade_FN: Array, px: Array) -> Array:
    """Brightness of the nearest front face at each point, its edges one pixel soft."""
    far = np.float32(1e3)
    nearest = np.full_like(depth[0], far)
    shade = np.zeros_like(depth[0])
    for z, front, bright in zip(depth, front_FN, shade_FN, strict=True):
        mine = np.where(front[:, None, None], z, far)
        weight = cover(mine - nearest, 1.4 * px)
        shade += weight * (bright[:, None, None] - shade)
        nearest = np.minimum(nearest, mine)
    return shade


def cylinder(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
    """A can whose axis leans to the side, so that turning swings it and shows its ends."""
    u, v = turned(x, y, look.theta)
    tip = 0.62
    axis = rotation(look.yaw, 0.35) @ np.array([np.sin(tip), -np.cos(tip), 0.0])
    axis = np.where(axis[:, 2:] < 0, -axis, axis).astype(np.float32)  # the near end
    flat = np.maximum(np.hypot(axis[:, 0], axis[:, 1]), 1e-4)
    across = np.stack([-axis[:, 1] / flat, axis[:, 0] / flat], axis=1)
    a = u * across[:, 0, None, None] + v * across[:, 1, None, None]
    b = u * across[:, 1, None, None] - v * across[:, 0, None, None]
    radius, half = 0.62, 0.8
    squash = np.maximum(axis[:, 2], 0.04)[:, None, None]
    length = (half * flat)[:, None, None]
    near = _ellipse(a, b - length, radius, squash)
    body = np.maximum(np.abs(a) - radius, np.abs(b) - length)
    outline = np.minimum(np.minimum(near, _ellipse(a, b + length, radius, squash)), body)
    shade = 0.7 - (_SIDE_LIGHT / radius) * np.clip(a, -radius, radius) * _lit_side(across)
    lid = cover(near, px)
    shade += lid * (_shade(axis)[:, None, None] + 0.12 - shade)
    return cover(outline, px), shade[..., None] * look.rgb[:, None, None, 0, :]


def _lit_side(across_N2: Array) -> Array:
    lit = -(across_N2 @ _LIGHT[:2]) / 0.75
    return np.asarray(lit[:, None, None], dtype=np.float32)


def _ellipse(a: Array, b: Array, radius: float, squash: Array) -> Array:
    """First-order distance to an ellipse with half axes `radius` and `radius * squash`.

    Beside a thin ellipse the first order falls far short, so its bounding box has a say too.
    """
    bs = b / squash
    norm = np.sqrt(a * a + bs * bs)
    gradient = np.sqrt(a * a + (bs / squash) ** 2)
    first_order = (norm - radius) * norm / np.maximum(gradient, 1e-6)
    bounds = np.maximum(np.abs(a) - radius, np.abs(b) - radius * squash)
    return np.where(norm > radius, np.maximum(first_order, bounds), first_order)


_BELT_AXIS = np.array([0.75, -0.5, 0.43]) / np.linalg.norm([0.75, -0.5, 0.43])


def ball(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
    """A shaded ball with a white belt and a white cap, by which its turning is seen."""
    radius = 0.95
    u, v = turned(x, y, look.theta)
    u, v = u / radius, v / radius
    r2 = u * u + v * v
    w = np.sqrt(np.maximum(1 - r2, 0))
    axis = (rotation(look.yaw, 0.0) @ _BELT_AXIS).astype(np.float32)[:, :, None, None]
    height = u * axis[:, 0] + v * axis[:, 1] + w * axis[:, 2]
    soft = 1.3 * px / radius
    white = cover(np.abs(height) - 0.2, soft) + cover(0.8 - height, soft)
    shade = np.clip(0.8 + 0.28 * (u * _LIGHT[0] + v * _LIGHT[1] + w * _LIGHT[2]), 0, 1.02)
    rgb = look.rgb[:, None, None, 0, :]
    rgb = (rgb + white[..., None] * (np.float32(250) - rgb)) * shade[..., None]
    return cover((np.sqrt(r2) - 1) * radius, px), rgb


# x, y, z, radius, kind: 0 fur, 1 pale fur, 2 dark
_TEDDY = np.array(
    [
        (0.0, 0.38, 0.0, 0.56, 0),  # body
        (0.0, -0.42, 0.05, 0.47, 0),  # head
        (-0.4, -0.82, 0.0, 0.21, 0),  # ears
        (0.4, -0.82, 0.0, 0.21, 0),
        (-0.4, -0.82, 0.13, 0.12, 1),
        (0.4, -0.82, 0.13, 0.12, 1),
        (-0.62, 0.14, 0.16, 0.22, 0),  # arms
        (0.62, 0.14, 0.16, 0.22, 0),
        (-0.36, 0.86, 0.2, 0.26, 0),  # legs
        (0.36, 0.86, 0.2, 0.26, 0),
        (0.0, -0.3, 0.4, 0.22, 1),  # muzzle
        (0.0, 0.42, 0.32, 0.36, 1),  # belly
        (0.0, -0.36, 0.62, 0.09, 2),  # nose
        (-0.2, -0.55, 0.43, 0.075, 2),  # eyes
        (0.2, -0.55, 0.43, 0.075, 2),
    ]
)


def teddy(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
    """A teddy bear of fifteen balls, painted from back to front."""
    u, v = turned(x, y, look.theta)
    parts = _TEDDY[:, :3] @ np.swapaxes(rotation(look.yaw, 0.12), 1, 2)
    reach = parts[..., 2] + 0.35 * _TEDDY[:, 3]
    order = np.argsort(reach, axis=1)
    rgb_in = look.rgb[:, 0, :]
    kinds = np.stack([rgb_in, rgb_in * 0.45 + 250 * 0.55, np.full_like(rgb_in, 24)], axis=1)
    rows = np.arange(len(parts))
    outline = np.full_like(u, np.inf)
    rgb = np.zeros((*u.shape, 3), dtype=np.float32)
    for k in range(parts.shape[1]):
        part = order[:, k]
        centre = parts[rows, part].astype(np.float32)[:, :, None, None]
        radius = _TEDDY[part, 3].astype(np.float32)[:, None, None]
        du, dv = u - centre[:, 0], v - centre[:, 1]
        d = np.sqrt(du * du + dv * dv) - radius
        shade = 0.92 - (0.16 / radius) * (du + 1.3 * dv)
        colour = kinds[rows, _TEDDY[part, 4].astype(int)][:, None, None, :]
        rgb += cover(d, px)[..., None] * (shade[..., None] * colour - rgb)
        outline = np.minimum(outline, d)
    alpha = cover(outline, px)
    # what was painted is premultiplied by the soft edge of the first part: undo it
    return alpha, rgb / np.maximum(alpha, 1e-3)[..., None]


SOLID_PAINTERS: dict[str, Painter] = {
    "cube": _convex(*_CUBE),
    "pyramid": _convex(*_PYRAMID),
    "cylinder": cylinder,
    "ball": ball,
    "teddy": teddy,
}
