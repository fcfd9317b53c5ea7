"""Which shape a thing has, how it turns, how big it is and where: views matched along paths.

A path is a shape that rests, spins in the plane or turns in depth at the world's pace; the path
whose views resemble the frames most tells all at once. Legend: T frames, V views, S shapes, P
phases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generator.world.grammar import SHAPES
from generator.world.palette import Array
from generator.world.readers.hues import contrast
from generator.world.readers.views import (
    REST,
    SPIN,
    STEPS,
    TURN,
    VIEWS,
    Bank,
    Moments,
    bank,
    moments,
    patches,
    weights,
)

_PACES = (1.0, -1.0)
_LEAST_MASS = 2.0  # square world units of a thing that can be looked at
MODES = {REST: "none", SPIN: "spin", TURN: "turn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A thing's best path.

    `resemblance_SM` is the best mean cosine by shape and mode, -1 where there is none; `x_T`, `y_T`
    (pixels) and `radius_T` (world units) follow it; `weight_T` is 0 where nothing is seen.
    """

    resemblance_SM: Array
    x_T: Array
    y_T: Array
    radius_T: Array
    weight_T: Array

    @property
    def shape(self) -> str:
        """The most alike shape."""
        return SHAPES[int(self.resemblance_SM.max(axis=1).argmax())]

    @property
    def mode(self) -> int:
        """How the most alike shape turns."""
        return int(self.resemblance_SM.max(axis=0).argmax())


def _rows(mode: int) -> tuple[Array, Array]:
    """Rows of a turning mode in the bank as (S, STEPS), and which shapes they are."""
    rows = np.flatnonzero(VIEWS.mode_V == mode).reshape(-1, STEPS)
    return rows, VIEWS.shape_V[rows[:, 0]]


def _resting(alike_TV: Array, weight_T: Array) -> tuple[Array, Array]:
    """Best resting view of each shape: resemblance (S,) and its row (S,)."""
    mean = weight_T @ alike_TV
    best, rows = np.full(len(SHAPES), -1.0), np.zeros(len(SHAPES), dtype=int)
    for row in np.flatnonzero(VIEWS.mode_V == REST):
        shape = VIEWS.shape_V[row]
        if mean[row] > best[shape]:
            best[shape], rows[shape] = mean[row], row
    return best, rows


def _turning(alike_TV: Array, weight_T: Array, u_T: Array, mode: int) -> tuple[Array, Array]:
    """Best path of each shape that turns: resemblance (S,) and its rows (S, T)."""
    rows, shapes = _rows(mode)
    best = np.full(len(SHAPES), -1.0)
    path = np.zeros((len(SHAPES), len(u_T)), dtype=int)
    alike = alike_TV[:, rows]
    frames = np.arange(len(u_T))
    for pace in _PACES:
        step_PT = np.arange(STEPS)[:, None] + np.round(STEPS * pace * u_T).astype(int)
        mean_PS = np.einsum("ptk,t->pk", alike[frames, :, step_PT % STEPS], weight_T)
        phase = mean_PS.argmax(axis=0)
        score = mean_PS.max(axis=0)
        for k, shape in enumerate(shapes):
            if score[k] > best[shape]:
                best[shape] = score[k]
                path[shape] = rows[k][step_PT[phase[k]] % STEPS]
    return best, path


def _follow(at: Moments, views: Bank, path_T: Array, scale: float) -> tuple[Array, Array, Array]:
    """Centre in pixels and radius in world units, given the view of each frame."""
    radius_px = at.spread_T / views.spread_V[path_T]
    centre = views.centre_V2[path_T] * radius_px[:, None]
    return at.x_T - centre[:, 0], at.y_T - centre[:, 1], radius_px / scale


def fit_paths(away_THW3: Array, views: Bank, way_3: Array, u_T: Array, scale: float) -> Fit | None:
    """The best path of the one thing in `away_THW3`; None where nothing is seen.

    `views` and `way_3` belong to the thing's colour and background; `u_T` is 0..1.
    """
    at = moments(weights(away_THW3, way_3))
    seen = at.mass_T >= _LEAST_MASS * scale**2
    if not seen.any():
        return None
    weight = np.where(seen, np.sqrt(at.mass_T), 0.0)
    weight = weight / weight.sum()
    alike = patches(away_THW3, at) @ views.patch_VD.T.astype(np.float32)
    rest, row = _resting(alike, weight)
    spin, spin_path = _turning(alike, weight, u_T, SPIN)
    turn, turn_path = _turning(alike, weight, u_T, TURN)
    resemblance = np.stack([rest, spin, turn], axis=1)
    shape, mode = np.unravel_index(int(resemblance.argmax()), resemblance.shape)
    paths = (np.full(len(u_T), row[shape]), spin_path[shape], turn_path[shape])
    x, y, radius = _follow(at, views, paths[int(mode)], scale)
    return Fit(resemblance_SM=resemblance, x_T=x, y_T=y, radius_T=radius, weight_T=weight)


def bank_for(colour: str, background: str, style: str, scale: float) -> tuple[Bank, Array]:
    """The bank and the way from background to colour for a clip at `scale` pixels per unit."""
    blur = 0.09 if scale < 1.7 else 0.05
    ink = style if style in ("ukiyo_e", "watercolour") else ""
    return bank(colour, background, blur, ink), contrast(colour, background)
