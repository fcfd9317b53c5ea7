"""How fast things move: optical flow per second, of the fastest pixels and of all.

A number to read beside every temporal score, since a video that hardly moves passes most of them.
It replaces VBench's dynamic_degree, which makes a yes or no of the same flow by a threshold.

Formula:
    v_t = m_t · 256 / min(H, W) · fps / g_t, with m_t the mean of |F_t| over the largest 5 % of
    pixels (`top5`) or over all (`mean`), F_t the flow from a sampled frame to the next and g_t the
    frames from the one to the other. The columns are means over pairs.

Source:
    Largest 5 %, and a size of 256 px: dynamic_degree of Huang et al., "VBench: Comprehensive
    Benchmark Suite for Video Generative Models", CVPR 2024, there with RAFT and a threshold.

Range:
    [0, ∞). At 24 fps one pixel a frame at a 256-px side is 24. Big Buck Bunny at 448x256: `top5` 68
    to 93, `mean` 6 to 14.

Direction:
    Neither: a portrait should move little and a race much. Use it to find videos that do not move,
    and to see whether a better smoothness or flicker was bought by moving less.

Unit:
    Pixels of a frame with a 256-px short side, per second at the video's average frame rate.

Blind to:
    What moves: a camera's pan over a still scene counts as much as action. Motion beyond the reach
    of DIS, about a tenth of the longer side a frame. Noise on a still clip reads as slow motion (9
    to 33 in `top5` at a sigma of 10 grey levels), shuffled frames as fast motion, flat areas as
    none.

Golden value:
    A texture that slides by (3, 4) px a frame at 80x64 px and 8 fps: 5 · 256/64 · 8 = 160 (`mean`
    within 1 %; `top5` 2 to 8 % above, since the largest 5 % of an estimate lie above its mean).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.features.flow import flow_features
from bench.metrics._expects import Expects
from bench.metrics._flow import FlowMetric
from bench.metrics.base import F64, Column, Value
from bench.types import Arrays, Clip

SIDE_PX = 256


def speed(flow: Arrays, part: str, fps: float) -> F64:
    """Speed in each of the T-1 pairs, px of a 256-px side per second; `part` is top5 or mean."""
    length_px = flow[f"{part}_px"] * (SIDE_PX / flow["size_px"].min())
    return np.asarray(length_px / (np.diff(flow["index"]) / fps), np.float64)


def motion_amount(
    frames_THWC: npt.NDArray[np.uint8], fps: float, side_px: int | None = None
) -> float:
    """The mean top-5 % speed of frames in memory, uint8 RGB (T, H, W, 3), shown at `fps`."""
    if not fps > 0:
        raise UsageError("speed needs a frame rate", seen=fps, legal="above 0")
    return float(speed(flow_features(frames_THWC, side_px), "top5", fps).mean())


class MotionAmount(FlowMetric):
    """Speed in a video. `frames` and `side` are those of the flow that it is made from."""

    name: ClassVar[str] = "motion_amount"
    version: ClassVar[str] = "1"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="top5",
            unit="px of a 256-px side per s",
            low=0.0,
            high=float("inf"),
            higher_is_better=None,
            summary="mean speed of the fastest 5 % of pixels",
        ),
        Column(
            name="mean",
            unit="px of a 256-px side per s",
            low=0.0,
            high=float("inf"),
            higher_is_better=None,
            summary="mean speed of all pixels",
            headline=False,
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="top5",
            falls=("freeze", "static"),
            rises=("shuffle", "spatial_jitter", "frame_drop"),
            blind=("frame_duplicate", "reverse", "colour_shift"),
        ),
    )

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Mean over pairs, with the series of the pairs."""
        if not clip.fps > 0:
            unknown = Value(value=float("nan"), reason="the video states no frame rate")
            return {column.name: unknown for column in self.columns}
        values = {}
        for column in self.columns:
            speed_P = speed(clip.features[self.needs[0]], column.name, clip.fps)
            values[column.name] = Value(
                value=float(speed_P.mean()), series=speed_P.astype(np.float32)
            )
        return values
