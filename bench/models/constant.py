"""A fake model for tests: one known clip, whatever it is asked for.

A square runs to the right over a grey ramp. Every number made from it can be worked out by hand,
and a run of it costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from bench.models._options import number, whole
from bench.models.base import U8, Ask, Made, VideoModel
from bench.types import Json


class Constant(VideoModel):
    """Gives the clip of :func:`known_clip`; the options are its form."""

    name: ClassVar[str] = "constant"
    version: ClassVar[str] = "1"
    uses_torch: ClassVar[bool] = False

    def __init__(
        self,
        frames: int | str = 8,
        height: int | str = 48,
        width: int | str = 64,
        fps: float | str = 8,
    ) -> None:
        self.n_frames = whole("frames", frames, 1, 4096)
        self.height_px = whole("height", height, 16, 4096)
        self.width_px = whole("width", width, 16, 4096)
        self.fps = number("fps", fps, 0.1, 240)

    def settings(self) -> Mapping[str, Json]:
        """The clip's form."""
        return {
            "frames": self.n_frames,
            "height_px": self.height_px,
            "width_px": self.width_px,
            "fps": self.fps,
        }

    def generate(self, asks: Sequence[Ask]) -> list[Made]:
        """The clip, for each ask."""
        frames_THWC = known_clip(self.n_frames, self.height_px, self.width_px)
        return [Made(frames=frames_THWC, fps=self.fps) for _ in asks]


def known_clip(n_frames: int, height_px: int, width_px: int) -> U8:
    """Frames (T, H, W, 3): grey from 0 at the left to 255, a red square that moves 2 px a frame."""
    ramp_W = np.linspace(0, 255, width_px).round().astype(np.uint8)
    frames_THWC = np.broadcast_to(ramp_W[None, None, :, None], (n_frames, height_px, width_px, 3))
    frames_THWC = frames_THWC.copy()
    side = min(height_px, width_px) // 4
    for index, frame_HWC in enumerate(frames_THWC):
        left = 2 * index % (width_px - side)
        frame_HWC[side : 2 * side, left : left + side] = (255, 0, 0)
    return frames_THWC
