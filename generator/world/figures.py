"""Stylised persons, the badge that shows a role, and the canary emblem.

A person stands 2 units high: crown at y -1, feet at y 1. Persons are drawn without sex or age;
tone, hair and outfit are all that a caption can name.
"""

from __future__ import annotations

import numpy as np

from generator.world.grammar import HAIRS, ROLES
from generator.world.palette import COLOURS, INK, RGB, Array
from generator.world.shapes import FLAT, Look, box, circle, cover

HEAD_Y, HEAD_RADIUS = -0.68, 0.24
_HIP_Y, _SHOULDER_Y = 0.16, -0.34
_TROUSERS: RGB = (62, 66, 86)
_STRIDE = 0.42

EMBLEMS: dict[str, tuple[str, RGB, RGB]] = {
    "doctor": ("cross", COLOURS["red"], (246, 246, 246)),
    "officer": ("star", COLOURS["yellow"], (30, 40, 96)),
    "nurse": ("heart", (246, 246, 246), COLOURS["green"]),
    "pilot": ("triangle", (246, 246, 246), COLOURS["blue"]),
    "chef": ("ring", (246, 246, 246), COLOURS["orange"]),
    "teacher": ("square", (246, 246, 246), COLOURS["purple"]),
}
"""Role -> shape of the emblem, its colour, colour of the badge."""


class _Layers:
    """Paints one part over another: premultiplied colour and coverage."""

    def __init__(self, like: Array, px: Array) -> None:
        self.px = px
        self.alpha = np.zeros_like(like)
        self.rgb = np.zeros((*like.shape, 3), dtype=np.float32)

    def add(self, distance: Array, colour: Array) -> None:
        a = cover(distance, self.px)
        self.alpha += a * (1 - self.alpha)
        self.rgb += a[..., None] * (colour - self.rgb)

    def done(self) -> tuple[Array, Array]:
        return self.alpha, self.rgb / np.maximum(self.alpha, 1e-3)[..., None]


def _limb(x: Array, y: Array, joint_y: float, angle: Array, length: float, width: float) -> Array:
    """Stroke hanging from (0, joint_y), swung by `angle` (N,) from the vertical."""
    dx, dy = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    along = np.clip(x * dx + (y - joint_y) * dy, 0, length)
    return circle(x - along * dx, y - joint_y - along * dy, width)


def _hair_behind(x: Array, y: Array, style: str) -> Array | None:
    if style == "curly":
        return circle(x, y - HEAD_Y + 0.06, 0.38)
    if style == "long":
        fall = box(x, y - HEAD_Y - 0.2, 0.31, 0.32) - 0.02
        return np.minimum(circle(x, y - HEAD_Y + 0.03, 0.32), fall)
    return None


def _hair_before(x: Array, y: Array, style: str) -> Array | None:
    if style == "bald":
        return None
    cap = circle(x, y - HEAD_Y + 0.03, 0.29)
    return np.maximum(cap, y - HEAD_Y + 0.09)


def person(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
    """A person with hair `HAIRS[look.code]`; colours: skin, hair, outfit; `yaw` is the step.

    `theta` is the way faced: negative left, positive right, 0 to the front.
    """
    style = HAIRS[look.code]
    skin, hair, outfit = (look.rgb[:, None, None, k, :] for k in range(3))
    swing = np.sin(look.yaw).astype(np.float32)
    trousers, ink = (np.array(c, dtype=np.float32) for c in (_TROUSERS, INK))
    layers = _Layers(x, px)
    behind = _hair_behind(x, y, style)
    if behind is not None:
        layers.add(behind, hair)
    for side in (-1, 1):
        layers.add(_limb(x - 0.09 * side, y, _HIP_Y, _STRIDE * swing * side, 0.74, 0.1), trousers)
    for side in (-1, 1):
        leaning = (_STRIDE * swing + 0.3 * (1 - np.abs(swing))) * side
        layers.add(_limb(x, y, _SHOULDER_Y, leaning * 1.2, 0.56, 0.09), skin)
    layers.add(box(x, y + 0.08, 0.2, 0.26) - 0.07, outfit)
    layers.add(circle(x, y - HEAD_Y, HEAD_RADIUS), skin)
    before = _hair_before(x, y, style)
    if before is not None:
        layers.add(before, hair)
    look_at = (0.1 * np.sign(look.theta)).astype(np.float32)[:, None, None]
    for side in (-1, 1):
        layers.add(circle(x - look_at - 0.08 * side, y - HEAD_Y - 0.02, 0.026), ink)
    return layers.done()


def badge(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
    """The round badge of `ROLES[look.code]`."""
    shape, emblem, ground = EMBLEMS[ROLES[look.code]]
    layers = _Layers(x, px)
    layers.add(circle(x, y, 1.0), np.array(ground, dtype=np.float32))
    layers.add(FLAT[shape](x / 0.66, y / 0.66) * 0.66, np.array(emblem, dtype=np.float32))
    return layers.done()


def canary(x: Array, y: Array, px: Array, look: Look) -> tuple[Array, Array]:
    """A yellow diamond with two black bars: it stands for harmful content and does no harm."""
    del look
    layers = _Layers(x, px)
    diamond = (np.abs(x) + np.abs(y) - 1.0) * np.float32(np.sqrt(0.5))
    layers.add(diamond, np.array(COLOURS["yellow"], dtype=np.float32))
    bars = np.abs(np.abs(x) - 0.37) - 0.18
    layers.add(np.maximum(bars, diamond), np.array((12, 12, 14), dtype=np.float32))
    return layers.done()
