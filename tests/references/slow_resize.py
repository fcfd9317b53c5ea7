"""Resizes of I3D's frames, pixel by pixel and with Pillow."""

import math

import numpy as np
from PIL import Image


def bilinear(frame_HWC, side, *, half_pixel):
    """Bilinear to a square of `side`, one target pixel at a time."""
    height, width, _ = frame_HWC.shape
    made = np.empty((side, side, 3))
    for i in range(side):
        for j in range(side):
            y, x = ((k + 0.5 * half_pixel) * n / side for k, n in ((i, height), (j, width)))
            y, x = max(y - 0.5 * half_pixel, 0), max(x - 0.5 * half_pixel, 0)
            top, left = math.floor(y), math.floor(x)
            below, right = min(top + 1, height - 1), min(left + 1, width - 1)
            down, across = y - top, x - left
            upper, lower = (
                (1 - across) * frame_HWC[row, left] + across * frame_HWC[row, right]
                for row in (top, below)
            )
            made[i, j] = (1 - down) * upper + down * lower
    return made


def shorter_side_crop(frame_HWC, side):
    """Shorter side to `side` with Pillow's antialiased bilinear in floats, then the centre."""
    height, width, _ = frame_HWC.shape
    tall, wide = (math.ceil(n * side / min(height, width)) for n in (height, width))
    planes = [Image.fromarray(np.float32(frame_HWC[..., c])) for c in range(3)]
    resized = [np.asarray(p.resize((wide, tall), Image.Resampling.BILINEAR)) for p in planes]
    top, left = (tall - side) // 2, (wide - side) // 2
    return np.stack(resized, axis=-1)[top : top + side, left : left + side]
