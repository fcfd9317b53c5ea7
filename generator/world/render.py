"""Draws scenes at any size and instant. One code path serves base-size batches and full size.

Every sprite is painted on a small patch about its centre; patches of one kind are painted together,
whatever clip and frame they belong to, and then laid over the canvas row by row. Work is cut into
pieces that stay in the processor's cache.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from generator.world import figures, glyphs
from generator.world.background import background, pixel_centres
from generator.world.grammar import Scene
from generator.world.palette import Array
from generator.world.shapes import FLAT, Look, Painter, flat_painter
from generator.world.solids import SOLID_PAINTERS
from generator.world.styles import paint_style
from generator.world.tracks import Sprite, sprites

BASE_HEIGHT_PX, BASE_WIDTH_PX, BASE_FPS, BASE_FRAMES = 24, 40, 3.0, 16
PAINTERS: dict[str, Painter] = {
    **{name: flat_painter(distance) for name, distance in FLAT.items()},
    **SOLID_PAINTERS,
    "letter": glyphs.paint_letter,
    "person": figures.person,
    "badge": figures.badge,
    "canary": figures.canary,
}
_REACH = {"person": 1.16, "pyramid": 1.4, "badge": 1.05, "canary": 1.05, "letter": 1.2}
_REACH_OF_SHAPES = 1.3
_PIECE_PX, _ROWS_AT_ONCE = 40_000, 64
_FRAMES_AT_ONCE_PX = 2_000_000


def times_of(fps: float, n_frames: int) -> Array:
    """Instants of the frames of a clip in seconds."""
    if not (fps > 0 and n_frames > 0):
        raise ValueError(f"a clip needs frames; seen: {n_frames} at {fps} fps; legal: above 0")
    return np.arange(n_frames) / fps


BASE_TIMES_S = times_of(BASE_FPS, BASE_FRAMES)


def _check_size(height_px: int, width_px: int) -> None:
    if height_px < 1 or width_px < 1:
        raise ValueError(f"impossible size; seen: {height_px} x {width_px}; legal: 1 x 1 and up")


class _Group:
    """Sprites that one painter paints together: rows of frame index and geometry."""

    def __init__(self) -> None:
        self.frame: list[Array] = []
        self.shape: list[Array] = []
        self.rgb: list[Array] = []

    def add(self, sprite: Sprite, first_frame: int) -> None:
        geometry = np.stack([sprite.x, sprite.y, sprite.radius, sprite.theta, sprite.yaw], axis=1)
        seen = np.flatnonzero(sprite.radius > 0)
        self.frame.append(first_frame + seen)
        self.shape.append(geometry[seen])
        colours = np.array(sprite.rgb, dtype=np.float32)
        self.rgb.append(np.broadcast_to(colours, (len(seen), *colours.shape)))


def _lay(canvas_FHW3: Array, frame: Array, corner: Array, alpha: Array, rgb: Array) -> None:
    """Blend patches (N, P, Q) over the canvas, upper left at `corner` (N, 2: row, column)."""
    _, height, width, _ = canvas_FHW3.shape
    flat = rgb.shape[1] == 1
    for f, (top, left), a, c in zip(frame, corner.tolist(), alpha[..., None], rgb, strict=True):
        y0, x0 = max(-top, 0), max(-left, 0)
        y1, x1 = min(a.shape[0], height - top), min(a.shape[1], width - left)
        if y1 <= y0 or x1 <= x0:
            continue
        under = canvas_FHW3[f, top + y0 : top + y1, left + x0 : left + x1]
        over = (c if flat else c[y0:y1, x0:x1]) - under
        over *= a[y0:y1, x0:x1]
        under += over


def _corner(centre_px: Array, side: int, length: int) -> Array:
    """First row or column of a patch about `centre_px`; one as long as the picture covers it."""
    if side >= length:
        return np.zeros(len(centre_px), dtype=int)
    return np.floor(centre_px - side / 2 + 0.5).astype(int)


def _pieces(
    radius_px: Array, reach: float, shape: tuple[int, int]
) -> Iterator[tuple[Array, Array]]:
    """Rows of about one size that are painted together, and their patch sides (rows, columns)."""
    order = np.argsort(radius_px, kind="stable")
    start = 0
    while start < len(order):
        biggest = radius_px[order[min(start + _ROWS_AT_ONCE, len(order)) - 1]]
        side = int(np.ceil(2 * reach * biggest)) + 2
        sides = np.minimum(side, shape)
        step = int(np.clip(_PIECE_PX // sides.prod(), 1, _ROWS_AT_ONCE))
        yield order[start : start + step], sides
        start += step


def _paint_group(canvas_FHW3: Array, painter: str, code: int, group: _Group, scale: float) -> None:
    frame, rows, rgb = (np.concatenate(part) for part in (group.frame, group.shape, group.rgb))
    shape = canvas_FHW3.shape[1:3]
    reach = _REACH.get(painter, _REACH_OF_SHAPES)
    for piece, sides in _pieces(rows[:, 2] * scale, reach, shape):
        x_px, y_px, radius_px = (rows[piece, :3] * scale).T
        x_px, y_px = x_px + shape[1] / 2, y_px + shape[0] / 2
        top, left = _corner(y_px, sides[0], shape[0]), _corner(x_px, sides[1], shape[1])
        x, y = (
            ((start[:, None] + np.arange(side) + 0.5 - centre[:, None]) / radius_px[:, None])
            for start, side, centre in ((left, sides[1], x_px), (top, sides[0], y_px))
        )
        grid = np.broadcast_arrays(x[:, None, :], y[:, :, None])
        alpha, colour = PAINTERS[painter](
            grid[0].astype(np.float32),
            grid[1].astype(np.float32),
            (1 / radius_px)[:, None, None].astype(np.float32),
            Look(
                theta=rows[piece, 3].astype(np.float32),
                yaw=rows[piece, 4].astype(np.float32),
                rgb=rgb[piece],
                code=code,
            ),
        )
        _lay(canvas_FHW3, frame[piece], np.stack([top, left], axis=1), alpha, colour)


def _draw(scenes: Sequence[Scene], height_px: int, width_px: int, times_NT: Array) -> Array:
    """Float32 canvas (N*T, H, W, 3) of scenes, before any style."""
    n, n_times = times_NT.shape
    canvas = np.empty((n, n_times, height_px, width_px, 3), dtype=np.float32)
    layers: dict[int, dict[tuple[str, int], _Group]] = defaultdict(lambda: defaultdict(_Group))
    for i, (scene, times_s) in enumerate(zip(scenes, times_NT, strict=True)):
        canvas[i] = background(scene, height_px, width_px, times_s)
        for layer, sprite in enumerate(sprites(scene, times_s)):
            layers[layer][sprite.painter, sprite.code].add(sprite, i * n_times)
    flat = canvas.reshape(-1, height_px, width_px, 3)
    scale = pixel_centres(height_px, width_px)[2]
    for layer in sorted(layers):
        for (painter, code), group in layers[layer].items():
            _paint_group(flat, painter, code, group, scale)
    return canvas


def render_batch(
    scenes: Sequence[Scene],
    height_px: int = BASE_HEIGHT_PX,
    width_px: int = BASE_WIDTH_PX,
    times_s: Array = BASE_TIMES_S,
) -> Array:
    """Many scenes at once: uint8 (N, T, H, W, 3).

    `times_s` is (T,) for all scenes or (N, T); T of 1 gives single images.
    """
    _check_size(height_px, width_px)
    times = np.asarray(times_s, dtype=np.float64)
    times_NT = np.broadcast_to(times, (len(scenes), times.shape[-1]))
    out = np.empty((*times_NT.shape, height_px, width_px, 3), dtype=np.uint8)
    scale = pixel_centres(height_px, width_px)[2]
    at_once = max(1, _FRAMES_AT_ONCE_PX // (height_px * width_px * times_NT.shape[1]))
    for start in range(0, len(scenes), at_once):
        some = scenes[start : start + at_once]
        canvas = _draw(some, height_px, width_px, times_NT[start : start + at_once])
        for i, scene in enumerate(some):
            if scene.truth.style != "flat":
                canvas[i] = paint_style(canvas[i], scene.truth.style, scale)
        canvas += 0.5
        np.clip(canvas, 0, 255, out=canvas)
        out[start : start + at_once] = canvas
    return out


def render_frames(scene: Scene, height_px: int, width_px: int, times_s: Array) -> Iterator[Array]:
    """The frames of one scene, one by one: uint8 (H, W, 3), in memory that does not grow."""
    _check_size(height_px, width_px)
    at_once = max(1, _FRAMES_AT_ONCE_PX // (height_px * width_px))
    times = np.asarray(times_s, dtype=np.float64)
    for start in range(0, len(times), at_once):
        yield from render_batch([scene], height_px, width_px, times[start : start + at_once])[0]


def render(
    scene: Scene,
    height_px: int = BASE_HEIGHT_PX,
    width_px: int = BASE_WIDTH_PX,
    *,
    fps: float = BASE_FPS,
    n_frames: int = BASE_FRAMES,
) -> Array:
    """One scene as a clip: uint8 (T, H, W, 3). Use `render_frames` where memory is short."""
    times_s = times_of(fps, n_frames)
    return np.stack(list(render_frames(scene, height_px, width_px, times_s)))
