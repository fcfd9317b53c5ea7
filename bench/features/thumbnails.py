"""A few small pictures of each video, for the report: JPEG files, the same bytes every time.

The arrays of a video of T sampled frames:

- `index` (T,) int64: the frames' indices in the video
- `lengths` (T,) int64: bytes of each picture
- `jpeg` (sum of `lengths`,) uint8: the pictures, one after the other
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames, UsageError
from bench.features.base import Extractor, Step
from bench.types import Arrays, Json, Probe
from bench.videos.sample import Sampling, parse_sampling

U8 = npt.NDArray[np.uint8]

HEIGHT_PX = 96
MAX_WIDTH_PX = 4 * HEIGHT_PX
"""A banner is shrunk further, so that no video fills the page."""
QUALITY = 80


class Thumbnails(Extractor):
    """Small pictures of frames spread evenly over a video.

    Args:
        frames: the sampling rule.
        height: height in px; smaller frames keep their own size.
    """

    name: ClassVar[str] = "thumbnails"
    version: ClassVar[str] = "1"
    uses_torch: ClassVar[bool] = False

    def __init__(self, frames: str = "uniform:5", height: int | str = HEIGHT_PX) -> None:
        self.sampling: Sampling = parse_sampling(frames)
        self.height_px = _parse_height(height)

    def settings(self) -> Mapping[str, Json]:
        """Size, quality, and the OpenCV whose JPEG encoder makes the bytes."""
        return {
            "opencv": cv2.__version__,
            "height_px": self.height_px,
            "max_width_px": MAX_WIDTH_PX,
            "quality": QUALITY,
        }

    def start(self, probe: Probe, sha256: str) -> ThumbnailPass:
        """Begin a pass over one video."""
        return ThumbnailPass(self.height_px)


class ThumbnailPass:
    """Gathers one video's pictures."""

    def __init__(self, height_px: int) -> None:
        self._height_px = height_px
        self._indices: list[int] = []
        self._files: list[U8] = []

    def push(self, step: Step) -> None:
        """Take the next sampled frame."""
        self._indices.append(step.index)
        self._files.append(encoded(thumbnail(step.frame_HWC, self._height_px)))

    def finish(self) -> Arrays:
        """The arrays that the module's docstring lists.

        Raises:
            TooFewFrames: when there was no frame at all.
        """
        if not self._files:
            raise TooFewFrames("thumbnails need a frame", seen="0 frames")
        return {
            "index": np.array(self._indices, dtype=np.int64),
            "lengths": np.array([len(file) for file in self._files], dtype=np.int64),
            "jpeg": np.concatenate(self._files),
        }


def thumbnail(frame_HWC: U8, height_px: int = HEIGHT_PX) -> U8:
    """The frame (H, W, 3), shrunk by pixel area to a height and at most MAX_WIDTH_PX of width."""
    height, width, _ = frame_HWC.shape
    scale = min(1.0, height_px / height, MAX_WIDTH_PX / width)
    if scale == 1.0:
        return frame_HWC
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(frame_HWC, size, interpolation=cv2.INTER_AREA), np.uint8)


def encoded(frame_HWC: U8) -> U8:
    """A JPEG file (n_bytes,) of an RGB frame."""
    bgr_HWC = cv2.cvtColor(frame_HWC, cv2.COLOR_RGB2BGR)
    _, file = cv2.imencode(".jpg", bgr_HWC, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return np.asarray(file, np.uint8).ravel()


def _parse_height(height: int | str) -> int:
    try:
        height_px = int(height)
    except ValueError:
        height_px = 0
    if not 16 <= height_px <= 1024:
        raise UsageError("not a height of thumbnails", seen=height, legal="16 to 1024 px")
    return height_px
