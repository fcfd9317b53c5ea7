"""Warping, occlusion and what is measured along a flow, written plainly: loops and SciPy, float64.

Nothing here is shared with the code under test but the flows that it is given.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def warp(image_HWC, flow_HW2):
    """Each pixel reads the image where its flow leads; outside, the border repeats."""
    height, width = flow_HW2.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    at = [rows + flow_HW2[..., 1], columns + flow_HW2[..., 0]]
    channels = np.moveaxis(np.asarray(image_HWC, np.float64), -1, 0)
    return np.stack(
        [ndimage.map_coordinates(c, at, order=1, mode="nearest") for c in channels], axis=-1
    )


def occlusion(flow_HW2, back_HW2):
    """The three rules, pixel by pixel."""
    height, width = flow_HW2.shape[:2]
    flow = np.asarray(flow_HW2, np.float64)
    returned = warp(back_HW2, flow_HW2)
    lost = np.zeros((height, width), bool)
    for y in range(height):
        for x in range(width):
            u, v = flow[y, x]
            bu, bv = returned[y, x]
            gap = (u + bu) ** 2 + (v + bv) ** 2
            inconsistent = gap > 0.01 * (u * u + v * v + bu * bu + bv * bv) + 0.5
            slope = 0.0
            if x + 1 < width:
                slope += np.sum((flow[y, x + 1] - flow[y, x]) ** 2)
            if y + 1 < height:
                slope += np.sum((flow[y + 1, x] - flow[y, x]) ** 2)
            boundary = slope > 0.01 * (u * u + v * v) + 0.002
            outside = not (-0.5 <= x + u <= width - 0.5 and -0.5 <= y + v <= height - 0.5)
            lost[y, x] = inconsistent or boundary or outside
    return lost


def residuals(first_HWC, second_HWC, flow_HW2, occluded_HW):
    """Mean squared and mean absolute residual of the visible pixels (of all, if none is)."""
    rest = (warp(second_HWC, flow_HW2) - first_HWC) / 255
    kept = rest[~occluded_HW] if not occluded_HW.all() else rest
    return np.mean(kept**2), np.mean(np.abs(kept))


def top_mean(values, share):
    """Mean of the largest share of the values."""
    ordered = sorted(np.ravel(values).tolist(), reverse=True)
    return float(np.mean(ordered[: max(1, int(len(ordered) * share))]))


def acceleration(onward_HW2, back_HW2, hidden_HW):
    """Mean length of the sum of the flows to the next and to the previous frame."""
    lengths = np.hypot(*np.moveaxis(np.asarray(onward_HW2, np.float64) + back_HW2, -1, 0))
    return float(lengths[~hidden_HW].mean() if not hidden_HW.all() else lengths.mean())
