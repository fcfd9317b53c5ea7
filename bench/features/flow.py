"""Optical flow between consecutive sampled frames, kept as a few numbers for each pair.

Flow is DIS (Kroeger et al., ECCV 2016) in OpenCV, preset medium, on the frames' luma, both ways; it
is the same to the bit for any number of threads. By default it is worked out at the video's own
size; `side=N` first shrinks larger frames to a short side of N pixels. Cost grows with the pixels:
on one core a pair takes 12 ms at 256x256, 0.15 s at 1280x720 and 1.7 s at 3840x2160, and at any
size about 150 bytes of memory a pixel.

The arrays of a video of T sampled frames, float64 unless said otherwise; errors and differences are
means over pixels and channels of frames scaled to [0, 1]; an error is a mean over the visible
pixels, or over all of them in a pair where none is visible:

- `index` (T,) int64: the frames' indices in the video
- `size_px` (2,) int64: height and width at which flow was worked out
- `mean_px`, `top5_px` (T-1,): flow length in px a pair, mean of all pixels and of the largest 5 %
- `occluded` (T-1,): share of the first frame's pixels that cannot be followed
- `squared_error`, `absolute_error` (T-1,): second frame carried back along the flow, less the first
- `difference` (T-1,): mean |second - first|, at the video's own size and without following motion
- `acceleration_px` (T-2,): mean change of velocity at the frame between two pairs, px per frame²
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames, UsageError
from bench.features._optical_flow import (
    BOUNDARY,
    CONSISTENCY,
    MIN_SIDE_PX,
    FlowPair,
    Frame,
    Mask,
    check_side,
    grey,
    length,
    shrink,
)
from bench.features.base import Extractor, Step
from bench.registry import Spec
from bench.types import Arrays, Json, Probe
from bench.videos.sample import Sampling, parse_sampling

TOP_SHARE = 0.05
_PER_PAIR = ("mean_px", "top5_px", "occluded", "squared_error", "absolute_error", "difference")


class Flow(Extractor):
    """Motion between consecutive sampled frames.

    Args:
        frames: the sampling rule; pairs are consecutive sampled frames.
        side: shrink larger frames to this short side (px) first; by default never.
    """

    name: ClassVar[str] = "flow"
    version: ClassVar[str] = "1"
    uses_torch: ClassVar[bool] = False

    def __init__(self, frames: str = "all", side: int | str | None = None) -> None:
        self.sampling: Sampling = parse_sampling(frames)
        self.side_px = _parse_side(side)

    def settings(self) -> Mapping[str, Json]:
        """Estimator and its version, grey, size, mask rule, warp, range and mean."""
        return {
            "flow": "DIS medium, both ways",
            "opencv": cv2.__version__,
            "grey": "BT.601 uint8",
            "side_px": self.side_px,
            "mask": f"consistency {CONSISTENCY}, boundary {BOUNDARY}, leaves the frame",
            "warp": "bilinear",
            "range": "0..1",
            "mean": "visible pixels and channels",
        }

    def start(self, probe: Probe, sha256: str) -> FlowPass:
        """Begin a pass over one video."""
        return FlowPass(self.side_px)


class FlowPass:
    """Gathers one video's numbers, pair by pair."""

    def __init__(self, side_px: int | None) -> None:
        self._side_px = side_px
        self._indices: list[int] = []
        self._size_px = (0, 0)
        self._pairs: list[tuple[float, ...]] = []
        self._accelerations: list[float] = []
        self._before: FlowPair | None = None

    def push(self, step: Step) -> None:
        """Take the next sampled frame."""
        self._indices.append(step.index)
        self._size_px = _small(step, self._side_px).shape[:2]
        if step.previous is None or min(self._size_px) < MIN_SIDE_PX:
            return
        pair = flow_pair(step, self._side_px)
        self._pairs.append(
            (
                float(pair.speed_HW.mean(dtype=np.float64)),
                _top_mean(pair.speed_HW, TOP_SHARE),
                float(pair.occluded_HW.mean()),
                *_residuals(pair),
                _difference(step.previous.frame_HWC, step.frame_HWC),
            )
        )
        if self._before is not None:
            gaps = np.diff(self._indices[-3:])
            self._accelerations.append(_acceleration_px(self._before, pair, *gaps.tolist()))
        self._before = pair

    def finish(self) -> Arrays:
        """The arrays that the module's docstring lists.

        Raises:
            TooFewFrames: below two frames.
            VideoError: when the frames are too small for optical flow.
        """
        if len(self._indices) < 2:
            raise TooFewFrames("optical flow needs two frames", seen=len(self._indices))
        check_side(*self._size_px)
        columns = np.array(self._pairs, dtype=np.float64).T
        return {
            **dict(zip(_PER_PAIR, columns, strict=True)),
            "acceleration_px": np.array(self._accelerations, dtype=np.float64),
            "index": np.array(self._indices, dtype=np.int64),
            "size_px": np.array(self._size_px, dtype=np.int64),
        }


def flow_pair(step: Step, side_px: int | None = None) -> FlowPair:
    """The motion from the step before to this step, worked out once however many ask.

    Raises:
        ValueError: at the first step, which has none before it.
        VideoError: (from the pair's parts) when the frames are too small.
    """

    def make(step: Step) -> FlowPair:
        if step.previous is None:
            raise ValueError(f"step {step.index} has no step before it, so no motion leads to it")
        first, second = step.previous, step
        return FlowPair(
            _small(first, side_px),
            _small(second, side_px),
            _grey(first, side_px),
            _grey(second, side_px),
        )

    return step.shared(f"flow.pair:{side_px}", make)


def flow_features(frames_THWC: Frame, side_px: int | None = None) -> Arrays:
    """The arrays of :class:`Flow` for frames that are already in memory, uint8 RGB.

    Raises:
        UsageError: when the frames are not uint8 (T, H, W, 3).
        TooFewFrames: below two frames.
        VideoError: when the frames are too small for optical flow.
    """
    check_frames(frames_THWC)
    walk = FlowPass(side_px)
    step: Step | None = None
    for index, frame_HWC in enumerate(frames_THWC):
        step = Step(
            index=index,
            time_s=float(index),
            frame_HWC=np.ascontiguousarray(frame_HWC),
            previous=step,
        )
        walk.push(step)
    return walk.finish()


def check_frames(frames_THWC: Frame) -> None:
    """Refuse what is not uint8 (T, H, W, 3): floats in [0, 1] would give plausible numbers."""
    if frames_THWC.dtype != np.uint8 or frames_THWC.ndim != 4 or frames_THWC.shape[-1] != 3:
        raise UsageError(
            "these are not frames",
            seen=f"{frames_THWC.dtype} {frames_THWC.shape}",
            legal="uint8 (T, H, W, 3), RGB",
        )


def flow_spec(frames: str = "all", side: int | str | None = None) -> str:
    """The spec of a :class:`Flow`, as a metric names it in `needs`."""
    sampling, side_px = parse_sampling(frames), _parse_side(side)
    options = {} if sampling == Sampling() else {"frames": str(sampling)}
    if side_px is not None:
        options["side"] = str(side_px)
    return str(Spec(name=Flow.name, options=options))


def _parse_side(side: int | str | None) -> int | None:
    if side is None:
        return None
    try:
        side_px = int(side)
    except ValueError:
        side_px = 0
    if side_px < MIN_SIDE_PX:
        raise UsageError(
            "flow cannot be worked out at this side",
            seen=side,
            legal=f"a whole number of px, {MIN_SIDE_PX} or more",
        )
    return side_px


def _small(step: Step, side_px: int | None) -> Frame:
    return step.shared(f"flow.small:{side_px}", lambda step: shrink(step.frame_HWC, side_px))


def _grey(step: Step, side_px: int | None) -> Frame:
    return step.shared(f"flow.grey:{side_px}", lambda step: grey(_small(step, side_px)))


def _top_mean(values_HW: npt.NDArray[np.float32], share: float) -> float:
    """Mean of the largest `share` of the values (of one at least)."""
    n_top = max(1, int(values_HW.size * share))
    return float(np.partition(values_HW, -n_top, axis=None)[-n_top:].mean(dtype=np.float64))


def _visible(*masks_HW: Mask) -> tuple[npt.NDArray[np.uint8], int]:
    """1 where no mask is set, and how many those are; everywhere if that leaves none."""
    visible_HW = ~np.logical_or.reduce(masks_HW)
    if not visible_HW.any():
        visible_HW[:] = True
    return visible_HW.view(np.uint8), int(np.count_nonzero(visible_HW))


def _residuals(pair: FlowPair) -> tuple[float, float]:
    """Mean squared and mean absolute residual of visible pixels, frames in [0, 1]."""
    visible_HW, n_visible = _visible(pair.occluded_HW)
    first_HWC = pair.first_HWC.astype(np.float32)
    n_values = n_visible * first_HWC.shape[-1]
    squares = cv2.norm(pair.warped_HWC, first_HWC, cv2.NORM_L2SQR, visible_HW)
    absolutes = cv2.norm(pair.warped_HWC, first_HWC, cv2.NORM_L1, visible_HW)
    return squares / n_values / 255**2, absolutes / n_values / 255


def _difference(first_HWC: Frame, second_HWC: Frame) -> float:
    return float(cv2.norm(first_HWC, second_HWC, cv2.NORM_L1)) / first_HWC.size / 255


def _acceleration_px(before: FlowPair, after: FlowPair, gap_before: int, gap_after: int) -> float:
    """Mean |v⁺ - v⁻| / Δ at the frame that both pairs share, over pixels that both can follow.

    v⁺ is the flow onwards over `gap_after` frames, v⁻ the flow back, negated, over `gap_before`, so
    that no field is resampled; Δ is the time between the middles of the two, in frames.
    """
    change_HW2 = cv2.addWeighted(
        after.forward_HW2, 1 / gap_after, before.backward_HW2, 1 / gap_before, 0
    )
    visible_HW, _ = _visible(after.occluded_HW, before.appeared_HW)
    return float(cv2.mean(length(change_HW2), visible_HW)[0]) / ((gap_before + gap_after) / 2)
