"""SSIM by equation 13 of Wang, Bovik, Sheikh and Simoncelli (2004), window by window in float64."""

import math

import numpy as np

SIDE, SIGMA = 11, 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def window():
    """The circular Gaussian of section III-B, 11 x 11, sum 1."""
    w = np.empty((SIDE, SIDE))
    for i in range(SIDE):
        for j in range(SIDE):
            w[i, j] = math.exp(-((i - 5) ** 2 + (j - 5) ** 2) / (2 * SIGMA**2))
    return w / w.sum()


def ssim_map(x_HW, y_HW):
    """The index at every place of the window inside the image."""
    x_HW, y_HW, w = x_HW.astype(np.float64), y_HW.astype(np.float64), window()
    height, width = x_HW.shape[0] - SIDE + 1, x_HW.shape[1] - SIDE + 1
    made = np.empty((height, width))
    for i in range(height):
        for j in range(width):
            x, y = x_HW[i : i + SIDE, j : j + SIDE], y_HW[i : i + SIDE, j : j + SIDE]
            mean_x, mean_y = (w * x).sum(), (w * y).sum()
            var_x, var_y = (w * (x - mean_x) ** 2).sum(), (w * (y - mean_y) ** 2).sum()
            covariance = (w * (x - mean_x) * (y - mean_y)).sum()
            made[i, j] = (
                (2 * mean_x * mean_y + C1)
                * (2 * covariance + C2)
                / ((mean_x**2 + mean_y**2 + C1) * (var_x + var_y + C2))
            )
    return made


def ssim(x_HW, y_HW):
    """Mean of the map (equation 17)."""
    return float(ssim_map(x_HW, y_HW).mean())
