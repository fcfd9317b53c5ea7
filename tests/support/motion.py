"""Clips whose motion is known or harmed by degrees, and their flow as a metric sees it."""

from __future__ import annotations

import cv2
import numpy as np

from bench.features.flow import flow_features
from bench.types import Clip as ScoredClip
from support.clips import Clip, moving


def scored(frames: Clip, fps: float = 24.0, spec: str = "flow") -> ScoredClip:
    """The clip as the pipeline hands it to a metric that needs `spec`."""
    return ScoredClip(
        name="clip",
        n_frames=len(frames),
        fps=fps,
        height_px=frames.shape[1],
        width_px=frames.shape[2],
        features={spec: flow_features(frames)},
    )


def scene(frames: int = 12, height: int = 96, width: int = 128, speed: float = 2.0) -> Clip:
    """A sliding background with a textured disc that slides another way, `speed` px a frame."""
    back = moving(frames, height, width, speed, 0.4 * speed, seed=0)
    disc = moving(frames, height, width, -speed, 0.5 * speed, seed=7)
    shots = []
    for t in range(frames):
        mask_HW = np.zeros((height, width), np.float32)
        at = (round(16 * (0.7 * width - speed * t)), round(16 * (0.3 * height + 0.5 * speed * t)))
        cv2.circle(mask_HW, at, round(16 * 0.2 * height), 1.0, -1, cv2.LINE_AA, 4)
        mask_HW1 = mask_HW[..., None]
        shots.append((back[t] * (1 - mask_HW1) + disc[t] * mask_HW1).round().astype(np.uint8))
    return np.stack(shots)


def flickering(clip: Clip, sigma: float, seed: int = 1) -> Clip:
    """The clip with a step of `sigma` grey levels (Gaussian) added to each whole frame."""
    step_T = np.random.default_rng(seed).normal(scale=sigma, size=len(clip))
    return np.clip(clip + step_T[:, None, None, None], 0, 255).round().astype(np.uint8)


def stuttering(clip: Clip, every: int) -> Clip:
    """The clip with one frame in `every` replaced by the one before it."""
    index = np.arange(len(clip))
    index[every - 1 :: every] -= 1
    return clip[index]


def shuffled(clip: Clip, seed: int = 5) -> Clip:
    """The clip's frames in random order."""
    return clip[np.random.default_rng(seed).permutation(len(clip))]


def brightening(frames: int = 5, step: int = 10, height: int = 32, width: int = 40) -> Clip:
    """Plain grey frames, each `step` levels brighter than the one before."""
    level_T = 100 + step * np.arange(frames)
    return np.broadcast_to(level_T[:, None, None, None], (frames, height, width, 3)).astype(
        np.uint8
    )
