"""Which style and which background explain a clip best, and the clip with its style undone.

Every pair of style and background predicts, for each pixel, a segment of colours between its two
tones as the style paints them there. The pair under which the pixels lie nearest to their segments
wins; pixels of things are outliers to all pairs alike. Legend: S styles, G grounds, F frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from generator.world.grammar import STYLES
from generator.world.palette import BACKGROUNDS, HORIZON, Array
from generator.world.styles import STYLES_BY_NAME, pattern, veil

GROUNDS = tuple(BACKGROUNDS)
_SIGMA = 11.0  # tolerance of colours, RGB units
_MOST_CAST = 10.0  # RGB units
_OUTLIER = 0.004  # density of pixels that no ground explains
_LEAST_SHARE = 0.25  # of clear canvas under a veil


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundFit:
    """The best style and background, and how far the next of each lies behind (nats per pixel).

    `explained` is the share of pixels near their segment, 0..1.
    """

    style: str
    background: str
    style_margin: float
    background_margin: float
    explained: float


def painted(rgb: Array, name: str, size: tuple[int, int]) -> Array:
    """A plain colour (..., 3) as a style paints it over a canvas: (..., H, W, 3), no ink."""
    colour = np.asarray(rgb, dtype=np.float32)[..., None, None, :]
    if name == "flat":
        return np.broadcast_to(colour, (*colour.shape[:-3], *size, 3))
    style = STYLES_BY_NAME[name]
    relief = style.relief * pattern(name, *size)
    if name == "pointillist":
        relief = relief * np.tanh((colour.mean(axis=-1, keepdims=True) - 110) / 40)
    out = colour * np.array(style.gain, np.float32) + np.array(style.lift, np.float32) + relief
    share = veil(name, *size)[..., None]
    out += share * (np.array(style.veil, np.float32) - out)
    return np.asarray(np.clip(out, 0, 255), dtype=np.float32)


@lru_cache(maxsize=16)
def _segments(style: str, size: tuple[int, int]) -> tuple[Array, Array, Array]:
    """Low ends (G, H, W, 3), ways to the high ends, squared lengths (G, H, W)."""
    low = painted(np.array([BACKGROUNDS[g].low for g in GROUNDS]), style, size)
    way = painted(np.array([BACKGROUNDS[g].high for g in GROUNDS]), style, size) - low
    return low, way, (way * way).sum(axis=-1)


def _cast(away_GFHW3: Array) -> Array:
    """A cast of colour over the whole picture under each ground, at most a few levels: (G, 3).

    Learned models and codecs miss a colour by a little everywhere; only what varies over the
    canvas is a style's signature.
    """
    near = np.exp((away_GFHW3 * away_GFHW3).sum(axis=-1) / (-2 * (2 * _SIGMA) ** 2))[..., None]
    mean = (near * away_GFHW3).sum(axis=(1, 2, 3)) / np.maximum(near.sum(axis=(1, 2, 3)), 1.0)
    return np.asarray(np.clip(mean, -_MOST_CAST, _MOST_CAST))


def _log_likelihood(frames_FHW3: Array, style: str) -> tuple[Array, Array]:
    """Per ground: nats per pixel, and share of pixels near the segment."""
    low, way, length2 = _segments(style, frames_FHW3.shape[1:3])
    away = frames_FHW3[None] - low[:, None]
    along = (away * way[:, None]).sum(axis=-1) / np.maximum(length2, 1e-6)[:, None]
    away -= np.clip(along, 0, 1)[..., None] * way[:, None]
    away -= _cast(away)[:, None, None, None]
    nearness = np.exp((away * away).sum(axis=-1) / (-2 * _SIGMA**2))
    spread = 1 + np.sqrt(length2)[:, None] / (_SIGMA * np.sqrt(2 * np.pi))
    nats = np.log(_OUTLIER + nearness / spread).mean(axis=(1, 2, 3))
    return nats, (nearness > 0.03).mean(axis=(1, 2, 3))


def fit_ground(frames_FHW3: Array) -> GroundFit:
    """The style and background that explain float32 frames 0..255 best."""
    nats, near = (
        np.stack(part)
        for part in zip(*(_log_likelihood(frames_FHW3, style) for style in STYLES), strict=True)
    )
    s, g = np.unravel_index(int(nats.argmax()), nats.shape)
    best = nats[s, g]
    return GroundFit(
        style=STYLES[s],
        background=GROUNDS[g],
        style_margin=float(best - np.delete(nats, s, axis=0).max()),
        background_margin=float(best - np.delete(nats, g, axis=1).max()),
        explained=float(near[s, g]),
    )


def unpainted(frames_THW3: Array, name: str) -> Array:
    """Frames with the style undone as far as it can be: float32, about 0..255."""
    if name == "flat":
        return frames_THW3
    style, size = STYLES_BY_NAME[name], frames_THW3.shape[1:3]
    gain, lift, over = (np.array(c, np.float32) for c in (style.gain, style.lift, style.veil))
    share = veil(name, *size)[..., None]
    bare = over + (frames_THW3 - over) / np.maximum(1 - share, _LEAST_SHARE)
    relief = style.relief * pattern(name, *size)
    if name == "pointillist":
        bright = ((bare - lift) / gain).mean(axis=-1, keepdims=True)
        relief = relief * np.tanh((bright - 110) / 40)
    return np.asarray(np.clip((bare - relief - lift) / gain, -40, 295), dtype=np.float32)


def off_ground(frames_THW3: Array, background: str) -> Array:
    """From the nearest colour of a background to each pixel: (T, H, W, 3)."""
    ground = BACKGROUNDS[background]
    low = np.array(ground.low, dtype=np.float32)
    way = np.array(ground.high, dtype=np.float32) - low
    away = frames_THW3 - low
    if ground.plain:
        return away
    along = np.clip(away @ way / (way @ way), 0, 1)
    return np.asarray(away - along[..., None] * way)


def clear_share(name: str, size: tuple[int, int]) -> Array:
    """How far a canvas can be trusted under a style's veil: (H, W, 1), 1 where there is none."""
    if name == "flat":
        return np.ones((*size, 1), dtype=np.float32)
    return np.asarray(np.clip((0.85 - veil(name, *size)) / 0.35, 0, 1))[..., None]


def off_haze(frames_THW3: Array, background: str) -> Array:
    """From the nearest mixture of haze and background, as at a horizon, to each pixel."""
    ground = BACKGROUNDS[background]
    haze = np.array(HORIZON, dtype=np.float32)
    way = (np.array(ground.low, np.float32) + np.array(ground.high, np.float32)) / 2 - haze
    away = frames_THW3 - haze
    along = np.clip(away @ way / max(float(way @ way), 1e-6), 0, 1)
    return np.asarray(away - along[..., None] * way)


def ground_share(frames_THW3: Array, background: str) -> Array:
    """Share of the high tone at each pixel, -0.5..1.5: the texture that moves with the camera."""
    ground = BACKGROUNDS[background]
    low = np.array(ground.low, dtype=np.float32)
    way = np.array(ground.high, dtype=np.float32) - low
    return np.asarray(np.clip((frames_THW3 - low) @ way / max(float(way @ way), 1e-6), -0.5, 1.5))


def nearest_tone(rgb: Array, background: str) -> Array:
    """The colour of a background that is nearest to `rgb` (..., 3)."""
    colour = np.asarray(rgb, dtype=np.float32)
    return np.asarray(colour - off_ground(colour, background))
