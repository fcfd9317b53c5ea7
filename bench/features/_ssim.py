"""Structural similarity of two grey images, as Wang, Bovik, Sheikh and Simoncelli (2004) define it.

`a_HW` and `b_HW` are uint8. The index is the mean of the map over the positions where the window
lies wholly inside the image, as in the authors' own code; libraries that pad the border differ in
the third or fourth digit for small images.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

WINDOW_PX = 11
SIGMA_PX = 1.5
K = (0.01, 0.03)
LEVELS = 255.0

_MARGIN = WINDOW_PX // 2
_STRIP_ROWS = 32
"""Rows worked on at a time: the intermediate images stay in the processor's cache."""
_CENTRE = 128.0
"""Subtracted before squaring: variances do not change, and float32 keeps three digits more."""


def ssim(a_HW: U8, b_HW: U8) -> float:
    """Mean SSIM of two images of one size; NaN where they are smaller than the window."""
    height, width = a_HW.shape
    n_rows, n_columns = height - 2 * _MARGIN, width - 2 * _MARGIN
    if n_rows < 1 or n_columns < 1:
        return float("nan")
    total = 0.0
    for top in range(0, n_rows, _STRIP_ROWS):
        rows = slice(top, top + _STRIP_ROWS + 2 * _MARGIN)
        total += float(ssim_map(a_HW[rows], b_HW[rows]).sum(dtype=np.float64))
    return float(total / (n_rows * n_columns))


def ssim_map(a_HW: U8, b_HW: U8) -> F32:
    """The index at each position of the window, (H-10, W-10); equation 13 of the paper."""
    a_HW32 = a_HW.astype(np.float32) - _CENTRE
    b_HW32 = b_HW.astype(np.float32) - _CENTRE
    mean_a, mean_b = _window_mean(a_HW32), _window_mean(b_HW32)
    products, squares = mean_a * mean_b, mean_a * mean_a + mean_b * mean_b
    variances = _window_mean(a_HW32 * a_HW32 + b_HW32 * b_HW32) - squares
    covariance = _window_mean(a_HW32 * b_HW32) - products
    # (m_a + c)(m_b + c) = m_a m_b + c (m_a + m_b) + c²: the means as they were before centring
    shift = _CENTRE * (mean_a + mean_b) + _CENTRE**2
    c1, c2 = ((k * LEVELS) ** 2 for k in K)
    luminance = (2 * (products + shift) + c1) / (squares + 2 * shift + c1)
    structure = (2 * covariance + c2) / (variances + c2)
    return np.asarray(luminance * structure, np.float32)


def _window_mean(image_HW: F32) -> F32:
    kernel = cv2.getGaussianKernel(WINDOW_PX, SIGMA_PX, cv2.CV_32F)
    blurred = cv2.sepFilter2D(image_HW, -1, kernel, kernel)
    return np.asarray(blurred[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN], np.float32)
