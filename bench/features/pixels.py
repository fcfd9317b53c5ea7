"""Statistics of each frame and of each step to the next, in one cheap pass and without weights.

Luma is BT.601, rounded to uint8. Most numbers are taken at the video's own size; those of `blocks`,
`thumbnail` and `sharpness` from luma at a short side of 256 px, so that they do not depend on the
size. Larger frames are shrunk by pixel area; smaller ones are left alone, except that `sharpness`
enlarges them, since a Laplacian sees more edges in fewer pixels.

The arrays of a video of T sampled frames, float64 unless said otherwise, in grey levels (0..255):

- `index` (T,) int64: the frames' indices in the video
- `mean`, `std` (T, 3): mean and standard deviation of R, G and B
- `luma_quantiles` (T, 5): levels that 2, 25, 50, 75 and 98 % of the luma do not exceed
- `luma_std` (T,): standard deviation of luma
- `sharpness` (T,): variance of the 3x3 Laplacian
- `hash` (T,) uint64: of the frame's bytes; frames with equal hashes are equal
- `thumbnail` (T, 16, 16) float32: mean luma of 16 by 16 equal parts
- `difference` (T-1,): mean |next - this| over pixels and channels
- `ssim` (T-1,): structural similarity of luma (Wang et al. 2004); NaN below 11 px a side
- `histogram_distance` (T-1,): distance of the colour histograms, 0 to 1
- `block_change` (T-1,): fourth-power mean over blocks of 8 px of |change of the block's mean|
- `block_range` (): the same of the blocks' highest less lowest mean in the whole video
- `n_announced`, `n_decoded` () int64: frames that the file announces, and that came, by this rule
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames
from bench.features._ssim import SIGMA_PX, WINDOW_PX, ssim
from bench.features.base import Extractor, Step
from bench.registry import Spec
from bench.types import Arrays, Json, Probe
from bench.videos.sample import Sampling, parse_sampling
from bench.videos.shots import histogram_distance

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

SIDE_PX = 256
BLOCK_PX = 8
THUMBNAIL_PX = 16
QUANTILES = (0.02, 0.25, 0.5, 0.75, 0.98)
_PER_PAIR = ("difference", "ssim", "histogram_distance", "block_change")


class Pixels(Extractor):
    """Frame statistics. `frames` is the sampling rule; pairs are consecutive sampled frames."""

    name: ClassVar[str] = "pixels"
    version: ClassVar[str] = "1"
    uses_torch: ClassVar[bool] = False

    def __init__(self, frames: str = "all") -> None:
        self.sampling: Sampling = parse_sampling(frames)

    def settings(self) -> Mapping[str, Json]:
        """Every size and constant that the numbers depend on."""
        return {
            "opencv": cv2.__version__,
            "luma": "BT.601 uint8",
            "side_px": SIDE_PX,
            "block_px": BLOCK_PX,
            "thumbnail_px": THUMBNAIL_PX,
            "quantiles": list(QUANTILES),
            "ssim": f"Gaussian {WINDOW_PX} px, sigma {SIGMA_PX} px, valid positions",
            "hash": "blake2b-64",
        }

    def start(self, probe: Probe, sha256: str) -> PixelPass:
        """Begin a pass over one video."""
        return PixelPass(len(self.sampling.indices(probe.n_frames, probe.fps, sha256)))


class PixelPass:
    """Gathers one video's numbers, frame by frame; `n_announced` frames are expected."""

    def __init__(self, n_announced: int) -> None:
        self._n_announced = n_announced
        self._of_frame: dict[str, list[Any]] = defaultdict(list)
        self._of_pair: dict[str, list[float]] = {name: [] for name in _PER_PAIR}
        self._luma_HW: U8 | None = None
        self._blocks: list[F32] = []
        """Block means of the last frame, and their lowest and highest so far."""

    def push(self, step: Step) -> None:
        """Take the next sampled frame."""
        luma_HW = np.asarray(cv2.cvtColor(step.frame_HWC, cv2.COLOR_RGB2GRAY), np.uint8)
        small_HW = shrunk(luma_HW)
        for name, value in _frame_numbers(step.frame_HWC, luma_HW, small_HW).items():
            self._of_frame[name].append(value)
        self._of_frame["index"].append(step.index)
        blocks_HW = block_means(small_HW)
        if step.previous is None or self._luma_HW is None:
            self._blocks = [blocks_HW, blocks_HW, blocks_HW]
        else:
            before, low, high = self._blocks
            pair = {
                "difference": difference(step.previous.frame_HWC, step.frame_HWC),
                "ssim": ssim(self._luma_HW, luma_HW),
                "histogram_distance": histogram_distance(step.previous.frame_HWC, step.frame_HWC),
                "block_change": fourth_power_mean(blocks_HW - before),
            }
            for name, number in pair.items():
                self._of_pair[name].append(number)
            self._blocks = [blocks_HW, np.minimum(low, blocks_HW), np.maximum(high, blocks_HW)]
        self._luma_HW = luma_HW

    def finish(self) -> Arrays:
        """The arrays that the module's docstring lists.

        Raises:
            TooFewFrames: when there was no frame at all.
        """
        if not self._blocks:
            raise TooFewFrames("pixel statistics need a frame", seen="0 frames")
        _, low, high = self._blocks
        types = {"index": np.int64, "hash": np.uint64, "thumbnail": np.float32}
        return {
            **{
                name: np.array(values, dtype=types.get(name, np.float64))
                for name, values in {**self._of_frame, **self._of_pair}.items()
            },
            "block_range": np.array(fourth_power_mean(high - low)),
            "n_announced": np.array(self._n_announced, dtype=np.int64),
            "n_decoded": np.array(len(self._of_frame["index"]), dtype=np.int64),
        }


def pixel_features(frames_THWC: U8, n_announced: int | None = None) -> Arrays:
    """The arrays of :class:`Pixels` for frames in memory, uint8 RGB (T, H, W, 3).

    Raises:
        TooFewFrames: when there is no frame.
    """
    walk = PixelPass(len(frames_THWC) if n_announced is None else n_announced)
    step: Step | None = None
    for index, frame_HWC in enumerate(frames_THWC):
        frame_HWC = np.ascontiguousarray(frame_HWC)
        step = Step(index=index, time_s=float(index), frame_HWC=frame_HWC, previous=step)
        walk.push(step)
    return walk.finish()


def pixel_spec(frames: str = "all") -> str:
    """The spec of a :class:`Pixels`, as a metric names it in `needs`."""
    sampling = parse_sampling(frames)
    options = {} if sampling == Sampling() else {"frames": str(sampling)}
    return str(Spec(name=Pixels.name, options=options))


def shrunk(luma_HW: U8) -> F32:
    """Luma with its short side at most 256 px, by pixel area."""
    height_px, width_px = luma_HW.shape
    scale = SIDE_PX / min(height_px, width_px)
    plain_HW = luma_HW.astype(np.float32)
    if scale >= 1:
        return plain_HW
    size = (round(width_px * scale), round(height_px * scale))
    return np.asarray(cv2.resize(plain_HW, size, interpolation=cv2.INTER_AREA), np.float32)


def block_means(small_HW: F32) -> F32:
    """Mean luma of blocks of 8 by 8 px."""
    height_px, width_px = small_HW.shape
    size = (max(1, round(width_px / BLOCK_PX)), max(1, round(height_px / BLOCK_PX)))
    return np.asarray(cv2.resize(small_HW, size, interpolation=cv2.INTER_AREA), np.float32)


def sharpness(small_HW: F32) -> float:
    """Variance of the Laplacian (4 neighbours less 4 times the centre) at a 256-px short side."""
    scale = SIDE_PX / min(small_HW.shape)
    if scale > 1:
        size = (round(small_HW.shape[1] * scale), round(small_HW.shape[0] * scale))
        small_HW = np.asarray(cv2.resize(small_HW, size, interpolation=cv2.INTER_LINEAR))
    _, std = cv2.meanStdDev(cv2.Laplacian(small_HW, cv2.CV_32F))
    return float(std.item() ** 2)


def quantiles(luma_HW: U8) -> npt.NDArray[np.float64]:
    """The lowest levels that at least 2, 25, 50, 75 and 98 % of the pixels do not exceed."""
    counts = cv2.calcHist([luma_HW], [0], None, [256], [0, 256]).ravel()
    cumulated = np.cumsum(counts, dtype=np.float64)
    return np.searchsorted(cumulated, np.array(QUANTILES) * luma_HW.size).astype(np.float64)


def difference(a_HWC: U8, b_HWC: U8) -> float:
    """Mean |a - b| over pixels and channels."""
    return float(cv2.norm(a_HWC, b_HWC, cv2.NORM_L1)) / a_HWC.size


def fourth_power_mean(values: F32) -> float:
    """(mean v⁴)^¼: a few blocks that change much outweigh many that a codec changes a little."""
    return float(np.mean(np.asarray(values, np.float64) ** 4) ** 0.25)


def _frame_numbers(frame_HWC: U8, luma_HW: U8, small_HW: F32) -> Mapping[str, Any]:
    mean, std = cv2.meanStdDev(frame_HWC)
    _, luma_std = cv2.meanStdDev(luma_HW)
    digest = hashlib.blake2b(np.ascontiguousarray(frame_HWC).data, digest_size=8).digest()
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    return {
        "mean": mean.ravel(),
        "std": std.ravel(),
        "luma_quantiles": quantiles(luma_HW),
        "luma_std": luma_std.item(),
        "sharpness": sharpness(small_HW),
        "hash": np.uint64(int.from_bytes(digest, "big")),
        "thumbnail": cv2.resize(small_HW, size, interpolation=cv2.INTER_AREA),
    }
