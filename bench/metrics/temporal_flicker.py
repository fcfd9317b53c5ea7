"""How much frames change beside their motion, and VBench's score that counts motion too.

`compensated` carries the next frame back along the optical flow before it is compared, so that
lively video is not taken for flicker; that makes it the headline. `vbench` is VBench's
temporal_flickering, kept for comparison: it calls a clean fast clip worse than a slow one that
flickers (0.938 against 0.942 with luma steps of sigma 15). VBench gives it only to clips that pass
a static filter; here no clip is left out.

Formula:
    compensated = mean_t Σ_p M_t(p) ‖V̂_t+1(p) - V_t(p)‖₁ / (3 Σ_p M_t(p)), frames in [0, 1], V̂ and
    the mask M as in warping_error. vbench = (255 - mean_t mean_p,c |I_t+1 - I_t|) / 255 on frames
    of 0..255 at the video's own size whatever `side` is, over consecutive sampled frames (all by
    default).

Source:
    vbench: Huang et al., "VBench: Comprehensive Benchmark Suite for Video Generative Models", CVPR
    2024 (Vchitect/VBench 45e79ec, temporal_flickering.py). compensated: the mask and the warp of
    Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, with absolute differences.

Range:
    [0, 1] for both. Clean film lies at 0.002 to 0.009 (`compensated`) and 0.984 to 0.995 (`vbench`;
    Big Buck Bunny at 448x256); luma steps of sigma 5 grey levels give 0.014 to 0.017.

Direction:
    `compensated`: lower is better. `vbench`: higher is better, among clips that move equally.

Unit:
    Grey level of a range of 1; times 255 for 8-bit levels (`vbench`: 1 less that).

Blind to:
    Whether anything moves: frozen and black clips are perfect, and repeated frames improve both.
    The cause: noise and flicker of the whole frame add up to one number. Flicker of what cannot be
    followed (see `occluded` of warping_error). Lossy compression lowers noise and so improves it.

Golden value:
    A plain grey clip that brightens by 10 of 255 levels a frame: compensated 10/255 = 0.039216,
    vbench 245/255 = 0.960784.
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


def compensated(flow: Arrays) -> F64:
    """The change beside motion in each of T-1 pairs, from the arrays of the `flow` extractor."""
    return np.asarray(flow["absolute_error"], np.float64)


def vbench(flow: Arrays) -> F64:
    """VBench's score of each of T-1 pairs, from the arrays of the `flow` extractor."""
    return np.asarray(1 - np.asarray(flow["difference"], np.float64), np.float64)


def temporal_flicker(frames_THWC: npt.NDArray[np.uint8], side_px: int | None = None) -> float:
    """The compensated flicker of frames in memory, uint8 RGB (T, H, W, 3)."""
    return float(compensated(flow_features(frames_THWC, side_px)).mean())


class TemporalFlicker(FlowMetric):
    """Flicker of a video. `frames` and `side` are those of the flow that it is made from."""

    name: ClassVar[str] = "temporal_flicker"
    version: ClassVar[str] = "1"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="compensated",
            unit="grey level of 1",
            low=0.0,
            high=1.0,
            higher_is_better=False,
            summary="mean absolute change of what can be followed along the motion",
        ),
        Column(
            name="vbench",
            unit="1 - grey level of 1",
            low=0.0,
            high=1.0,
            higher_is_better=True,
            summary="VBench's temporal_flickering of this video, motion and all",
            headline=False,
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="compensated",
            rises=("luma_flicker", "noise", "shuffle"),
            blind=("freeze", "static", "black", "frame_duplicate", "h264", "reverse"),
        ),
        Expects(
            column="vbench",
            falls=("luma_flicker", "noise", "shuffle", "spatial_jitter"),
            blind=("freeze", "static", "black", "frame_duplicate", "h264", "reverse"),
        ),
    )

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Both columns, with the series of the pairs."""
        flow = clip.features[self.needs[0]]
        columns = {"compensated": compensated(flow), "vbench": vbench(flow)}
        return {
            name: Value(value=float(values_P.mean()), series=values_P.astype(np.float32))
            for name, values_P in columns.items()
        }
