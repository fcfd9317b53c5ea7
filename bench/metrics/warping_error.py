"""Squared difference between each frame and the next one carried back along the motion.

What moves is followed by optical flow, so what is left is what changes without moving: flicker,
noise, texture that boils, things that appear or vanish. Five choices move the number and are fixed
here and in the comparability key: the flow is DIS (preset medium) on the luma of the very video
that is scored; the scale is the video's own size unless `side` shrinks it; the mask leaves out
occluded pixels, motion boundaries and what leaves the frame; frames are RGB in the range [0, 1];
the mean is over visible pixels and the three channels, then over pairs.

Formula:
    E = mean_t Σ_p M_t(p) ‖V̂_t+1(p) - V_t(p)‖² / (3 Σ_p M_t(p)), with V̂_t+1(p) = V_t+1(p + F_t(p))
    read bilinearly, F_t the flow from frame t to t+1 and B_t the flow back. M_t(p) is 0 where
    |F + B̂|² > 0.01 (|F|² + |B̂|²) + 0.5 with B̂(p) = B_t(p + F_t(p)), where
    |∇u|² + |∇v|² > 0.01 |F|² + 0.002 with F = (u, v), or where p + F_t(p) is more than half a pixel
    outside; else 1. A pair without a visible pixel is judged on all its pixels. `occluded` is the
    mean share of pixels where M_t is 0.

Source:
    Lai, Huang, Wang, Shechtman, Yumer and Yang, "Learning Blind Video Temporal Consistency", ECCV
    2018, and its code (phoenix104104/fast_blind_video_consistency). Three differences: they take
    FlowNet2 flow from a filter's input, which a generated video does not have; their warp repeats
    the border where the motion leaves the frame; a pair without a visible pixel counts 0 in their
    code, the best value there is.

Range:
    [0, 1] for both columns. Clean film lies near 1e-4 (Big Buck Bunny at 448x256: 6e-5 to 2e-4).

Direction:
    Lower is better. `occluded` has no better end, but where it is high the error speaks for little.

Unit:
    Squared grey level of a range of 1 (`warping_error`); share of pixels (`occluded`).

Blind to:
    Whether anything moves: a frozen or black clip scores 0, and repeated frames lower the error.
    What flow can explain away, such as slow melting. Lossy compression and blur lower it. Fine
    texture between pixels raises it, since reading there blurs. A cut adds one bad pair.

Golden value:
    A plain grey clip that brightens by 10 of 255 levels a frame: (10/255)² = 0.0015379, occluded 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from bench.features.flow import flow_features
from bench.metrics._expects import Expects
from bench.metrics._flow import FlowMetric
from bench.metrics.base import F64, Column, Value
from bench.types import Arrays, Clip


def pair_errors(flow: Arrays) -> F64:
    """The error of each of T-1 pairs, from the arrays of the `flow` extractor."""
    return np.asarray(flow["squared_error"], np.float64)


def warping_error(frames_THWC: npt.NDArray[np.uint8], side_px: int | None = None) -> float:
    """The warping error of frames in memory, uint8 RGB (T, H, W, 3)."""
    return float(pair_errors(flow_features(frames_THWC, side_px)).mean())


class WarpingError(FlowMetric):
    """Warping error of a video. `frames` and `side` are those of the flow that it is made from."""

    name: ClassVar[str] = "warping_error"
    version: ClassVar[str] = "1"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="warping_error",
            unit="squared grey level of 1",
            low=0.0,
            high=1.0,
            higher_is_better=False,
            summary="mean squared change of what can be followed along the motion",
        ),
        Column(
            name="occluded",
            unit="share of pixels",
            low=0.0,
            high=1.0,
            higher_is_better=None,
            summary="pixels that cannot be followed to the next frame",
            headline=False,
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="warping_error",
            rises=("luma_flicker", "noise", "shuffle"),
            blind=(
                "freeze",
                "static",
                "black",
                "frame_duplicate",
                "gaussian_blur",
                "h264",
                "reverse",
            ),
        ),
    )

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Mean over pairs, with the series of the pairs."""
        flow = clip.features[self.needs[0]]
        columns = {
            "warping_error": pair_errors(flow),
            "occluded": np.asarray(flow["occluded"], np.float64),
        }
        return {
            name: Value(value=float(values_P.mean()), series=values_P.astype(np.float32))
            for name, values_P in columns.items()
        }
