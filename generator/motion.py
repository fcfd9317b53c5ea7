"""Moves the frames on both sides of a new one to its instant, along the optical flow between them.

What a temporal stage starts from. The mean of two frames shows a moving thing twice; a small
network needs long to unlearn that, while dense inverse search (Kroeger et al., arXiv 1603.03590)
finds the motion at once and leaves the network only what it gets wrong: edges, things that come
out from behind others, turning solids. Where moving makes the two frames agree less than they did
before, they stay as they were.

Shapes: N clips, T pairs, 6 channels (the frame before, the frame after), H x W pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from generator.world.palette import Array

_MIN_SIDE_PX = 16
"""The search looks at patches of eight pixels in two sizes; smaller frames stay as they are."""
_WINDOW_PX = 5


def meet(pairs_NTCHW: Tensor, share_T: Sequence[float] | None = None) -> Tensor:
    """Both frames of each pair at the instant midway; same shape, about -1..1.

    `share_T` gives other instants, 0 for the frame before and 1 for the one after.
    """
    if min(pairs_NTCHW.shape[-2:]) < _MIN_SIDE_PX:
        return pairs_NTCHW
    pairs = pairs_NTCHW.detach().permute(0, 1, 3, 4, 2).contiguous().numpy()
    out = np.empty_like(pairs)
    flow = np.empty(0)
    for i, j in np.ndindex(*pairs.shape[:2]):
        before, after = (np.ascontiguousarray(part) for part in np.split(pairs[i, j], 2, axis=-1))
        if j == 0 or not np.array_equal(pairs[i, j], pairs[i, j - 1]):
            flow = _both_ways(before, after)
        share = 0.5 if share_T is None else share_T[j]
        out[i, j] = np.concatenate(_meet(before, after, flow, share), axis=-1)
    return torch.from_numpy(out).permute(0, 1, 4, 2, 3)


def _flow(first_HW: Array, second_HW: Array) -> Array:
    """How far each place of the first moves (H, W, 2: columns, rows), in pixels."""
    import cv2

    # a new search each time: a used one remembers a little of what it saw before
    preset = cv2.DISOPTICAL_FLOW_PRESET_FAST
    search = cv2.DISOpticalFlow_create(preset)  # type: ignore[attr-defined]
    flow: Array = search.calc(first_HW, second_HW, None)
    return flow


def _grey(frame_HWC: Array) -> Array:
    grey = (frame_HWC.mean(axis=-1) + 1) * 127.5
    return np.ascontiguousarray(grey.round().clip(0, 255).astype(np.uint8))


def _both_ways(before_HWC: Array, after_HWC: Array) -> Array:
    """The flow from the first frame to the second, the mean of what both searches find."""
    if np.array_equal(before_HWC, after_HWC):
        return np.zeros((*before_HWC.shape[:2], 2), np.float32)
    first, second = _grey(before_HWC), _grey(after_HWC)
    return np.asarray((_flow(first, second) - _flow(second, first)) / 2)


def _meet(before_HWC: Array, after_HWC: Array, flow: Array, share: float) -> tuple[Array, Array]:
    """The two frames moved towards each other, to a share of the way from the first."""
    import cv2

    if share == 0 or np.array_equal(before_HWC, after_HWC):
        return before_HWC, after_HWC
    height, width = before_HWC.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    # the flow of a thing stands where it was; on the way along it is where it is needed
    flow = _look(flow, grid - share * flow, cv2.INTER_LINEAR)
    moved = tuple(
        _look(frame, grid + way * flow, cv2.INTER_CUBIC)
        for frame, way in ((before_HWC, -share), (after_HWC, 1 - share))
    )
    apart, apart_before = (
        cv2.blur(np.abs(a - b).sum(axis=-1), (_WINDOW_PX, _WINDOW_PX))
        for a, b in (moved, (before_HWC, after_HWC))
    )
    better = (apart <= apart_before)[..., None]
    return np.where(better, moved[0], before_HWC), np.where(better, moved[1], after_HWC)


def _look(picture_HWC: Array, at_HW2: Array, interpolation: int) -> Array:
    """The picture's values at places (column, row) that need not be whole."""
    import cv2

    seen: Array = cv2.remap(
        picture_HWC,
        at_HW2[..., 0],
        at_HW2[..., 1],
        interpolation,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return seen
