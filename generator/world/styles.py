"""Painting styles as filters with a known signature.

Each style maps colour by a fixed rule, lays a veil over part of the canvas and adds a fixed pattern
that stands still, so that nothing flickers and a reader can undo the first two and look for the
third. Patterns are averaged over each pixel: coarse parts show at base size, fine parts only where
pixels are small enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from generator.world import canvas
from generator.world.background import pixel_centres
from generator.world.palette import INK, PAPER, RGB, Array

Field = Callable[[Array, Array], Array]
Way = Callable[[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A filter: gain and lift of colour, `relief` levels of `pattern`, `edge` share of ink.

    Ink goes where colours meet. `veil` is the colour laid over the canvas with the share that
    `veil_share` gives. `drag` moves the picture under the brush, in world units; it is left out
    where it is below a pixel.
    """

    gain: tuple[float, float, float]
    lift: tuple[float, float, float]
    relief: float
    pattern: Field
    edge: float = 0.0
    veil: RGB = (0, 0, 0)
    veil_share: Field | None = None
    drag: Way | None = None


def _paper_border(x: Array, y: Array) -> Array:
    """Bare paper toward the border of the canvas, with a wavering rim."""
    rim = np.minimum(20.0 - np.abs(x), 12.0 - np.abs(y))
    rim = rim + 0.8 * canvas.granulation(x, y)[..., 0] * 0.5
    return np.asarray(0.8 * np.clip((3.2 - rim) / 2.2, 0, 1))


def _bokashi(x: Array, y: Array) -> Array:
    """A wash of indigo that fades downward from the top."""
    return np.asarray(0.72 * np.clip((-3.0 - y) / 8.0, 0, 1) + 0 * x)


_PALE = 0.68
STYLES_BY_NAME: dict[str, Style] = {
    "watercolour": Style(
        gain=(_PALE, _PALE, _PALE),
        lift=(70.0, 69.0, 66.0),
        relief=9.0,
        pattern=canvas.granulation,
        edge=0.3,
        veil=PAPER,
        veil_share=_paper_border,
    ),
    "pointillist": Style(
        gain=(0.84, 0.84, 0.84),
        lift=(20.0, 20.0, 20.0),
        relief=22.0,
        pattern=canvas.dots,
        drag=canvas.speck_way,
    ),
    "ukiyo_e": Style(
        gain=(0.95, 0.9, 0.78),
        lift=(4.0, 4.0, 4.0),
        relief=5.0,
        pattern=canvas.grain,
        edge=0.9,
        veil=(30, 58, 118),
        veil_share=_bokashi,
    ),
    "oil": Style(
        gain=(0.86, 0.81, 0.68),
        lift=(16.0, 13.0, 10.0),
        relief=15.0,
        pattern=canvas.strokes,
        drag=canvas.stroke_way,
    ),
}


@lru_cache(maxsize=64)
def _field(field: Field, height_px: int, width_px: int) -> Array:
    """A field over the canvas, averaged over each pixel; read-only, since it is shared."""
    x, y, scale = pixel_centres(height_px, width_px)
    fine = max(1, int(np.ceil(6 / scale)))
    offset = ((np.arange(fine) + 0.5) / fine - 0.5) / scale
    xs, ys = (x[:, None] + offset).ravel(), (y[:, None] + offset).ravel()
    drawn = field(*np.meshgrid(xs, ys))
    drawn = drawn.reshape(height_px, fine, width_px, fine, *drawn.shape[2:]).mean(axis=(1, 3))
    drawn = drawn.astype(np.float32)
    drawn.flags.writeable = False
    return np.asarray(drawn)


def pattern(name: str, height_px: int, width_px: int) -> Array:
    """The style's fixed pattern (H, W, 3), about zero mean."""
    return _field(STYLES_BY_NAME[name].pattern, height_px, width_px)


def veil(name: str, height_px: int, width_px: int) -> Array:
    """Share (H, W) of the style's veil; zero where it has none."""
    field = STYLES_BY_NAME[name].veil_share
    if field is None:
        return np.zeros((height_px, width_px), dtype=np.float32)
    return _field(field, height_px, width_px)


@lru_cache(maxsize=8)
def _drag_map(way: Way, height_px: int, width_px: int) -> tuple[Array, Array]:
    x, y, scale = pixel_centres(height_px, width_px)
    grid_x, grid_y = np.meshgrid(x, y)
    way_x, way_y = way(grid_x, grid_y)
    columns, rows = np.meshgrid(np.arange(width_px), np.arange(height_px))
    return (
        (columns + way_x * scale).astype(np.float32),
        (rows + way_y * scale).astype(np.float32),
    )


def edges(frame_HW3: Array, scale: float) -> Array:
    """Strength 0..1 of colour edges about one unit wide, (H, W, 1)."""
    small, at = frame_HW3, min(scale, 8.0)
    if scale > 8:  # wide blurs are taken where they are cheap
        small = cv2.resize(
            frame_HW3, None, fx=8 / scale, fy=8 / scale, interpolation=cv2.INTER_AREA
        )
    soft = cv2.GaussianBlur(small, (0, 0), max(0.3 * at, 0.4))
    gx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=at / 8)
    gy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=at / 8)
    steep = gx * gx + gy * gy
    slope = np.sqrt(np.maximum(np.maximum(steep[..., 0], steep[..., 1]), steep[..., 2]))
    if scale > 8:
        height, width = frame_HW3.shape[:2]
        slope = cv2.resize(slope, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((slope - 42) / 36, 0, 1))[..., None]


def paint_style(canvas_THW3: Array, name: str, scale: float) -> Array:
    """The canvas (float32, 0..255) repainted in a style."""
    style = STYLES_BY_NAME[name]
    size = canvas_THW3.shape[1:3]
    gain, lift, ink, veil_colour = (
        np.array(c, dtype=np.float32) for c in (style.gain, style.lift, INK, style.veil)
    )
    if style.drag is not None and scale >= 3:
        maps = _drag_map(style.drag, *size)
        canvas_THW3 = np.stack(
            [
                cv2.remap(f, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
                for f in canvas_THW3
            ]
        )
    out = canvas_THW3 * gain + lift
    relief = style.relief * pattern(name, *size)[None]
    if name == "pointillist":  # gaps go toward the middle grey, or they would not show on it
        bright = canvas_THW3.mean(axis=3, keepdims=True)
        relief = relief * np.tanh((bright - 110) / 40)
    if style.edge:
        ink_share = np.stack([edges(frame, scale) for frame in canvas_THW3]) * style.edge
        out += ink_share * (0.85 * ink + 0.15 * out - out)
    out += relief
    if style.veil_share is not None:
        share = veil(name, *size)[None, :, :, None]
        out += share * (veil_colour - out)
    return np.asarray(out)
