"""How much the motion changes from one frame to the next: acceleration along the motion.

Repeated and dropped frames, stutter, and objects that jump move things by uneven steps. Flicker,
SSIM and warping error all reward a repeated frame; this does not. At each inner frame the flow on
to the next frame is set against the flow back to the one before, so that no field is resampled: the
sum of the two is how far a thing lands from where constant velocity would have put it.

Formula:
    a_t = mean_p |F_t(p) + B_t-1(p)| · 256 / min(H, W), over pixels p of frame t that both flows can
    follow (over all where there are none; the mask is that of warping_error), F_t the flow from
    frame t to t+1 and B_t-1 that from t to t-1. `acceleration` is the mean over the inner frames.
    Where sampling leaves gaps of g₀ and g₁ frames: |F/g₁ + B/g₀| / ((g₀ + g₁)/2).

Source:
    Acceleration as the measure of unsteady motion: Grundmann, Kwatra and Essa, "Auto-Directed Video
    Stabilization with Robust L1 Optimal Camera Paths", CVPR 2011; motion features of tracked points
    for generated video: Liu et al., "Fréchet Video Motion Distance", 2024 (arXiv 2407.16124). The
    form here, from dense flow, is Prescreen's own. It replaces VBench's motion_smoothness, whose
    interpolation network may not be used commercially.

Range:
    [0, ∞). Clean film lies at 0.12 to 0.18; with every second frame repeated, at 0.35 to 1.1 (Big
    Buck Bunny at 448x256). The estimator's own noise is about 0.05.

Direction:
    Lower is smoother.

Unit:
    Pixels of a frame with a 256-px short side, per frame². Per frame and not per second, because
    what is seen is the distance from the expected place, and because a factor of fps² would blow up
    the estimator's noise in videos of a high frame rate.

Blind to:
    Whether anything moves: a frozen or black clip scores 0. What the motion is for: a bounce or a
    hand-held camera counts like a stutter, noise and the pumping of strong compression make flow
    tremble (0.25 at a noise of sigma 10 grey levels, 0.5 at x264 crf 36), and a still background
    dilutes what a small thing does. At half the frame rate the same acceleration counts four times:
    compare at equal frame rates. A cut adds two bad frames.

Golden value:
    A texture that slides 2 px a frame at 80x64 px, every second frame replaced by the one before:
    steps of 0 and 4 px, so 4 · 256/64 = 16 (16.0 by DIS).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames
from bench.features.flow import flow_features
from bench.metrics._expects import Expects
from bench.metrics._flow import FlowMetric
from bench.metrics.base import F64, Column, Value
from bench.types import Arrays, Clip

SIDE_PX = 256


def acceleration(flow: Arrays) -> F64:
    """Mean change of velocity at each inner frame, px of a 256-px side per frame², shape (T-2,).

    Raises:
        TooFewFrames: below three frames, where no velocity changes.
    """
    if not flow["acceleration_px"].size:
        raise TooFewFrames("a change of velocity needs three frames", seen=flow["index"].size)
    return np.asarray(flow["acceleration_px"] * (SIDE_PX / flow["size_px"].min()), np.float64)


def motion_smoothness(frames_THWC: npt.NDArray[np.uint8], side_px: int | None = None) -> float:
    """The mean acceleration of frames in memory, uint8 RGB (T, H, W, 3): lower is smoother."""
    return float(acceleration(flow_features(frames_THWC, side_px)).mean())


class MotionSmoothness(FlowMetric):
    """Acceleration in a video. `frames` and `side` are those of the flow that it is made from."""

    name: ClassVar[str] = "motion_smoothness"
    version: ClassVar[str] = "1"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="acceleration",
            unit="px of a 256-px side per frame²",
            low=0.0,
            high=float("inf"),
            higher_is_better=False,
            summary="mean change of velocity from frame to frame along the motion",
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="acceleration",
            rises=("shuffle", "spatial_jitter", "frame_duplicate", "frame_drop"),
            blind=("freeze", "static", "black", "colour_shift", "reverse"),
        ),
    )

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Mean over the inner frames, with their series."""
        values_P = acceleration(clip.features[self.needs[0]])
        return {
            "acceleration": Value(value=float(values_P.mean()), series=values_P.astype(np.float32))
        }
