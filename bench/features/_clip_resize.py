"""Pillow's bicubic resize and a centre crop, equal to the last bit, without Pillow.

Pillow resizes 8-bit images in two passes, across and then down, with whole-number weights of 22
fractional bits, and rounds to 8 bits after each pass. A resize in floating point differs from that
by several grey levels at sharp edges, where Pillow cuts the overshoot of the first pass. Here both
passes are matrix products in float64, which holds such whole numbers exactly, so that the result
is Pillow's whatever the order of summation. Only what the crop shows is worked out.

The order of the passes is fixed, as it is in every Pillow up to 12. Pillow 13 goes down first where
a picture loses more than twice as many rows as columns, which for CLIP means frames more than twice
as tall as wide; there its values differ from ours, and from its own of before, by some levels.

Shapes: H, W the frame; h, w the crop; C = 3 colours; K the taps of one output pixel.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

_A = -0.5  # the sharpness that Pillow gives its bicubic
_SUPPORT_PX = 2.0
_ONE = float(1 << 22)
_BAND = 16  # output pixels a product: wide enough for BLAS, narrow enough to skip the zeros


def resized(height_px: int, width_px: int, short_px: int) -> tuple[int, int]:
    """Height and width when the shorter side becomes `short_px`; the longer is cut, not rounded."""
    long_px = int(short_px * max(height_px, width_px) / min(height_px, width_px))
    return (short_px, long_px) if height_px <= width_px else (long_px, short_px)


def resize_crop(frame_HWC: U8, *, short_px: int, crop_px: int) -> U8:
    """The frame with its shorter side at `short_px`, then the centre (crop_px, crop_px, C)."""
    height, width, _ = frame_HWC.shape
    tall, wide = resized(height, width, short_px)
    top, left = (tall - crop_px) // 2, (wide - crop_px) // 2
    across_wW = weights(width, wide, left, crop_px)
    return _resize(frame_HWC, weights(height, tall, top, crop_px), across_wW)


def resize_squeeze(frame_HWC: U8, *, side_px: int) -> U8:
    """The whole frame as a square (side_px, side_px, C), whatever its shape was."""
    height, width, _ = frame_HWC.shape
    across_wW = weights(width, side_px, 0, side_px)
    return _resize(frame_HWC, weights(height, side_px, 0, side_px), across_wW)


def _resize(frame_HWC: U8, down_hH: F64, across_wW: F64) -> U8:
    import torch

    lo, hi = _span(down_hH)
    seen_HWC = torch.tensor(frame_HWC[lo:hi])
    x_wHC = _resample(across_wW, seen_HWC.transpose(0, 1))
    x_hwC: U8 = _resample(down_hH[:, lo:hi], x_wHC.transpose(0, 1)).numpy()
    return x_hwC


@functools.lru_cache(maxsize=8)
def weights(size_px: int, new_px: int, start_px: int, n_px: int) -> F64:
    """Whole-number weights (n_px, size_px) of the pixels from `start_px` on in one pass.

    The pass takes `size_px` pixels to `new_px`. The weights are those that Pillow rounds to 22
    fractional bits, so that each row sums to about 2²².
    """
    scale = size_px / new_px
    stretch = max(scale, 1.0)  # when shrinking, the kernel widens with the scale: antialiasing
    reach_px = _SUPPORT_PX * stretch
    centre_n = (np.arange(start_px, start_px + n_px) + 0.5) * scale
    first_n = np.maximum((centre_n - reach_px + 0.5).astype(np.int64), 0)
    stop_n = np.minimum((centre_n + reach_px + 0.5).astype(np.int64), size_px)
    source_nK = first_n[:, None] + np.arange(int((stop_n - first_n).max()))
    inside_nK = source_nK < stop_n[:, None]
    w_nK = _bicubic((source_nK - centre_n[:, None] + 0.5) * (1.0 / stretch)) * inside_nK
    # cumsum adds from left to right as Pillow does; a pairwise sum may differ in the last bit
    w_nK /= w_nK.cumsum(axis=1)[:, -1:]
    whole_nK = np.trunc(w_nK * _ONE + np.copysign(0.5, w_nK))
    matrix_nN = np.zeros((n_px, size_px))
    matrix_nN[np.nonzero(inside_nK)[0], source_nK[inside_nK]] = whole_nK[inside_nK]
    matrix_nN.setflags(write=False)
    return matrix_nN


def _bicubic(x: F64) -> F64:
    x = np.abs(x)
    near = ((_A + 2.0) * x - (_A + 3.0)) * x * x + 1.0
    far = (((x - 5.0) * x + 8.0) * x - 4.0) * _A
    return np.where(x < 1.0, near, np.where(x < _SUPPORT_PX, far, 0.0))


def _resample(weights_nN: F64, x_NMC: torch.Tensor) -> torch.Tensor:
    """One pass along the first axis: weighted sums, rounded half up and cut to 8 bits."""
    import torch

    x_NL = x_NMC.flatten(1)
    y_nL = torch.empty((len(weights_nN), x_NL.shape[1]), dtype=torch.uint8)
    for start in range(0, len(weights_nN), _BAND):
        band = weights_nN[start : start + _BAND]
        lo, hi = _span(band)
        sums = torch.tensor(band[:, lo:hi]) @ x_NL[lo:hi].to(torch.float64)
        y_nL[start : start + _BAND] = sums.add_(_ONE / 2).div_(_ONE).floor_().clamp_(0, 255)
    return y_nL.reshape(-1, *x_NMC.shape[1:])


def _span(weights_nN: F64) -> tuple[int, int]:
    """The inputs from the first to the last that have any weight, as a slice's bounds."""
    used = np.flatnonzero(weights_nN.any(axis=0))
    return int(used[0]), int(used[-1]) + 1
