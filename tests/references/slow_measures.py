"""Frame statistics and orders of frames written plainly, pixel by pixel: nothing is shared."""

from __future__ import annotations

import math

import numpy as np


def ssim(a_HW, b_HW):
    """Mean of the index over every place where an 11 x 11 window fits; formula 13 of the paper."""
    a_HW, b_HW = np.asarray(a_HW, np.float64), np.asarray(b_HW, np.float64)
    line = [math.exp(-((i - 5) ** 2) / (2 * 1.5**2)) for i in range(11)]
    weight = np.outer(line, line) / sum(line) ** 2
    c1, c2 = 2.55**2, 7.65**2
    found = []
    for y in range(a_HW.shape[0] - 10):
        for x in range(a_HW.shape[1] - 10):
            a, b = a_HW[y : y + 11, x : x + 11], b_HW[y : y + 11, x : x + 11]
            mean_a, mean_b = (weight * a).sum(), (weight * b).sum()
            var_a, var_b = (weight * (a - mean_a) ** 2).sum(), (weight * (b - mean_b) ** 2).sum()
            cov = (weight * (a - mean_a) * (b - mean_b)).sum()
            above = (2 * mean_a * mean_b + c1) * (2 * cov + c2)
            found.append(above / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)))
    return float(np.mean(found))


def luma(frame_HWC):
    """BT.601, rounded to whole levels."""
    return np.rint(np.asarray(frame_HWC, np.float64) @ [0.299, 0.587, 0.114])


def laplacian_variance(image_HW):
    """Variance of four neighbours less four times the centre; the edge pixel is the mirror."""
    image = np.pad(np.asarray(image_HW, np.float64), 1, mode="reflect")
    height, width = np.shape(image_HW)
    found = []
    for y in range(1, height + 1):
        for x in range(1, width + 1):
            around = image[y - 1, x] + image[y + 1, x] + image[y, x - 1] + image[y, x + 1]
            found.append(around - 4 * image[y, x])
    return float(np.var(found))


def colour_distance(a_HWC, b_HWC):
    """Share of colours that would have to change knot; 17 knots of 16 levels, counted softly."""

    def counts(frame_HWC):
        knots = np.zeros((3, 18))
        for pixel in np.reshape(frame_HWC, (-1, 3)).tolist():
            for channel, level in enumerate(pixel):
                at = level * 256 / 255 / 16
                knots[channel, int(at)] += 1 - at % 1
                knots[channel, int(at) + 1] += at % 1
        return knots / (np.size(frame_HWC) / 3)

    return float(np.abs(counts(a_HWC) - counts(b_HWC)).sum() / 2 / 3)


def shortest_tree(distance_TT):
    """Length of the minimum spanning tree: grow it from the first frame, nearest next."""
    inside, total = {0}, 0.0
    while len(inside) < len(distance_TT):
        rest = [
            (distance_TT[i][j], j)
            for i in inside
            for j in range(len(distance_TT))
            if j not in inside
        ]
        length, nearest = min(rest)
        inside.add(nearest)
        total += length
    return total


def order_ratios(x_TD):
    """Way over shortest tree, and mean distance at the best lag over the mean of all pairs."""
    unit = []
    for x in np.asarray(x_TD, np.float64):
        unit.append((x - x.mean()) / max(x.std(), 4.0))
    n = len(unit)
    distance = [[float(np.abs(a - b).sum()) for b in unit] for a in unit]
    way = sum(distance[i][i + 1] for i in range(n - 1))
    lags = [np.mean([distance[i][i + lag] for i in range(n - lag)]) for lag in range(1, n // 2 + 1)]
    pairs = [distance[i][j] for i in range(n) for j in range(i)]
    return way / shortest_tree(distance), float(min(lags) / np.mean(pairs))


def lag_mean(x_TD, lag):
    """Mean over frames of the root mean square of the difference to the frame `lag` later."""
    gaps = [x_TD[i + lag] - x_TD[i] for i in range(len(x_TD) - lag)]
    return float(np.mean([math.sqrt(np.mean(gap**2)) for gap in gaps]))
