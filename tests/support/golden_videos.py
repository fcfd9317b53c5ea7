"""The videos behind tests/golden/i3d_golden.npz, by integer formula: (T, H, W, 3) uint8."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Clip = npt.NDArray[np.uint8]
NAMES = ("gradient", "square", "hash_noise", "zeros", "ones255")


def golden_video(name: str, frames: int = 16, height: int = 224, width: int = 224) -> Clip:
    """The video of this name."""
    t, y, x, c = np.ogrid[:frames, :height, :width, :3]
    shape = (frames, height, width, 3)
    if name == "gradient":
        values = 3 * t + 2 * y + x + 50 * c
    elif name == "square":
        side = height // 4
        across = (x - (10 + 6 * t)) % width < side
        down = (y - (20 + 4 * t)) % height < side
        values = np.where(across & down, 255 - 60 * c, 96 * y // height + 16 * c)
    elif name == "hash_noise":
        values = _lowbias32(((t * height + y) * width + x) * 3 + c + 12345)
    else:
        values = np.full(shape, {"zeros": 0, "ones255": 255}[name])
    return np.ascontiguousarray(np.broadcast_to(values % 256, shape), dtype=np.uint8)


def _lowbias32(value: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    v = value.astype(np.uint32)
    v = (v ^ (v >> 16)) * np.uint32(0x7FEB352D)
    v = (v ^ (v >> 15)) * np.uint32(0x846CA68B)
    return v ^ (v >> 16)
