"""Small synthetic clips with known properties: (T, H, W, 3) uint8 RGB."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Clip = npt.NDArray[np.uint8]


def texture(height: int, width: int, seed: int = 0, scale: float = 4.0) -> Clip:
    """A smooth random colour texture (H, W, 3)."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), scale, borderType=cv2.BORDER_REFLECT)
    smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    return (smooth * 255).astype(np.uint8)


def moving(
    frames: int = 16,
    height: int = 64,
    width: int = 80,
    dx: float = 2.0,
    dy: float = 1.0,
    seed: int = 0,
) -> Clip:
    """A texture that slides by (dx, dy) pixels a frame, without wrapping into view."""
    pad = int(np.ceil(max(abs(dx), abs(dy)) * frames)) + 2
    big = texture(height + 2 * pad, width + 2 * pad, seed)
    shots = []
    for t in range(frames):
        shift = np.float32([[1, 0, dx * t - pad], [0, 1, dy * t - pad]])
        shots.append(cv2.warpAffine(big, shift, (width, height), flags=cv2.INTER_LINEAR))
    return np.stack(shots)


def still(frames: int = 16, height: int = 64, width: int = 80, seed: int = 0) -> Clip:
    """One textured frame, repeated."""
    return np.repeat(texture(height, width, seed)[None], frames, axis=0)


def noisy(clip: Clip, sigma: float, seed: int = 0) -> Clip:
    """The clip with independent Gaussian noise of `sigma` grey levels on every value."""
    noise = np.random.default_rng(seed).normal(scale=sigma, size=clip.shape)
    return np.clip(clip + noise, 0, 255).round().astype(np.uint8)
