"""How the ground moves under the camera: each move predicts one frame from an earlier one.

The texture of an earlier frame is warped as each camera move would have it and correlated with a
later frame, things and marks left out. Legend: T frames, H rows, W columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generator.world.grammar import CAMERAS
from generator.world.palette import Array
from generator.world.tracks import DRONE_DEPTHS, GROUND_HEIGHT, HORIZON_Y, PAN_SPAN, ZOOM

_PACES = (0.75, 1.0, 1.25)
_PASSED = 0.2  # share of a clip between the two frames that are compared
_PAIRS = 6
_LEAST_PIXELS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The camera move that predicts best: correlation -1..1, lead over the next move."""

    name: str
    correlation: float
    lead: float

    @property
    def moves(self) -> bool:
        """True when the camera is plainly not still."""
        return self.name not in ("still", "")


NO_MOVE = Move(name="", correlation=0.0, lead=0.0)


def _source(name: str, x: Array, y: Array, passed: float) -> tuple[Array, Array]:
    """Where a point (world units) of the later frame was in the earlier one."""
    if name in ("pan_left", "pan_right"):
        shift = PAN_SPAN * passed * (1 if name == "pan_left" else -1)
        return x - shift, y
    if name in ("zoom_in", "zoom_out"):
        ratio = (ZOOM[1] / ZOOM[0]) ** (passed if name == "zoom_in" else -passed)
        return x / ratio, y / ratio
    if name == "drone":
        depth = GROUND_HEIGHT / np.maximum(y - HORIZON_Y, 0.5)
        earlier = depth + (DRONE_DEPTHS[0] - DRONE_DEPTHS[1]) * passed
        return x * depth / earlier, HORIZON_Y + GROUND_HEIGHT / earlier
    return x, y


def _correlation(a: Array, b: Array, weight: Array) -> float:
    """Weighted correlation of two pictures; 0 where too little is seen or nothing varies."""
    total = float(weight.sum())
    if total < _LEAST_PIXELS:
        return 0.0
    da, db = a - (weight * a).sum() / total, b - (weight * b).sum() / total
    power = float((weight * da * da).sum() * (weight * db * db).sum())
    return float((weight * da * db).sum() / np.sqrt(power)) if power > 1e-6 else 0.0


class _Warper:
    """Predicts frames on one grid."""

    def __init__(self, share_THW: Array, free_THW: Array, x_W: Array, y_H: Array, scale: float):
        self.share, self.free = share_THW.astype(np.float32), free_THW.astype(np.float32)
        self.x, self.y = np.meshgrid(x_W, y_H)
        self.scale = scale
        self.first = (float(x_W[0]), float(y_H[0]))

    def agreement(self, name: str, early: int, late: int, passed: float) -> float:
        sx, sy = _source(name, self.x, self.y, passed)
        columns = ((sx - self.first[0]) * self.scale).astype(np.float32)
        rows = ((sy - self.first[1]) * self.scale).astype(np.float32)
        moved, seen = (
            cv2.remap(f, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
            for f in (self.share[early], self.free[early])
        )
        weight = (seen > 0.98) * self.free[late]
        if name == "drone":
            weight = weight * (self.y > HORIZON_Y + 3)
        return _correlation(moved, self.share[late], weight)


def camera_move(
    share_THW: Array,
    free_THW: Array,
    grid: tuple[Array, Array, float],
    u_T: Array,
    legal: tuple[str, ...] = CAMERAS,
) -> Move:
    """The best of the legal moves.

    `share_THW` is the share of the ground's high tone, `free_THW` is 1 where the ground is seen;
    `grid` holds the world's x of columns, y of rows, and pixels per unit.
    """
    step = int(np.searchsorted(u_T - u_T[0], _PASSED * 0.99))
    if not 0 < step < len(u_T):
        return NO_MOVE
    starts = np.unique(np.linspace(0, len(u_T) - 1 - step, _PAIRS).round().astype(int))
    warper = _Warper(share_THW, free_THW, *grid)
    scores = {}
    for name in legal:
        paces = (1.0,) if name == "still" else _PACES
        scores[name] = max(
            float(
                np.mean(
                    [
                        warper.agreement(name, t, t + step, pace * float(u_T[t + step] - u_T[t]))
                        for t in starts
                    ]
                )
            )
            for pace in paces
        )
    first, second = sorted(scores, key=lambda name: scores[name], reverse=True)[:2]
    return Move(name=first, correlation=scores[first], lead=scores[first] - scores[second])
