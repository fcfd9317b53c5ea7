"""Dense optical flow between two frames: estimate it, follow it, and tell what it cannot follow.

A flow (H, W, 2), float32, holds for each pixel of one frame how many pixels away the same thing is
in the other: component 0 to the right, component 1 downwards. Masks (H, W) are True where a pixel
has no trustworthy counterpart. `u_HW` and `v_HW` are a flow's components.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from bench.errors import VideoError

Frame = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

MIN_SIDE_PX = 16
"""Below this OpenCV's pyramid has no level left, and it reads memory that is not its own."""

CONSISTENCY = (0.01, 0.5)
"""Occluded: |F + B'|² > a (|F|² + |B'|²) + b px², with B' the flow back from where F leads."""

BOUNDARY = (0.01, 0.002)
"""Motion boundary: |∇u|² + |∇v|² > a |F|² + b px²."""


def check_side(height_px: int, width_px: int) -> None:
    """Refuse frames that are too small for optical flow.

    Raises:
        VideoError: when the short side is below :data:`MIN_SIDE_PX`.
    """
    if min(height_px, width_px) < MIN_SIDE_PX:
        raise VideoError(
            "the frames are too small for optical flow",
            seen=f"{width_px}x{height_px} px",
            legal=f"at least {MIN_SIDE_PX} px a side",
        )


def grey(frame_HWC: Frame) -> Frame:
    """RGB to luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded to uint8 (H, W)."""
    return np.asarray(cv2.cvtColor(frame_HWC, cv2.COLOR_RGB2GRAY), np.uint8)


def shrink(frame_HWC: Frame, side_px: int | None) -> Frame:
    """The frame with its short side at most `side_px`, by pixel area; never enlarged."""
    height_px, width_px = frame_HWC.shape[:2]
    short_px = min(height_px, width_px)
    if side_px is None or short_px <= side_px:
        return frame_HWC
    size = (round(width_px * side_px / short_px), round(height_px * side_px / short_px))
    return np.asarray(cv2.resize(frame_HWC, size, interpolation=cv2.INTER_AREA), np.uint8)


def estimate(first_HW: Frame, second_HW: Frame) -> F32:
    """Flow (H, W, 2) from the first grey frame to the second: DIS, preset medium (Kroeger 2016).

    Raises:
        VideoError: when the frames are too small.
    """
    check_side(*first_HW.shape)
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(dis.calc(first_HW, second_HW, None), np.float32)


def length(flow_HW2: F32) -> F32:
    """Length (H, W) of each vector. Not by cv2.magnitude, whose bits vary with memory alignment."""
    return np.asarray(np.sqrt(_square(*cv2.split(flow_HW2))), np.float32)


def targets(flow_HW2: F32) -> tuple[F32, F32]:
    """Where each pixel's flow leads: x (H, W) and y (H, W) in pixels of the other frame."""
    height, width = flow_HW2.shape[:2]
    x_1W = np.arange(width, dtype=np.float32)[None, :]
    y_H1 = np.arange(height, dtype=np.float32)[:, None]
    return flow_HW2[..., 0] + x_1W, flow_HW2[..., 1] + y_H1


def warp(image_HWC: F32, flow_HW2: F32) -> F32:
    """The image read, bilinearly, where the flow leads; beyond its border its border is read."""
    x_HW, y_HW = targets(flow_HW2)
    return _read(image_HWC, x_HW, y_HW)


def occlusion(flow_HW2: F32, back_HW2: F32) -> Mask:
    """Pixels (H, W) of the frame that `flow` leaves which it cannot follow.

    A pixel is occluded where the flow back does not return to it (:data:`CONSISTENCY`), at a motion
    boundary (:data:`BOUNDARY`), or where it leaves the frame (by more than half a pixel). The
    first two rules are those of Sundaram, Brox and Keutzer (2010), as Lai et al. (2018) use them.
    """
    height, width = flow_HW2.shape[:2]
    u_HW, v_HW = cv2.split(flow_HW2)
    x_HW, y_HW = targets(flow_HW2)
    # one component at a time: OpenCV 5 reads two-channel images to a 32nd of a pixel only
    back_u_HW, back_v_HW = (_read(part_HW, x_HW, y_HW) for part_HW in cv2.split(back_HW2))
    square_HW = _square(u_HW, v_HW)
    size_HW = square_HW + _square(back_u_HW, back_v_HW)
    gap_HW = _square(u_HW + back_u_HW, v_HW + back_v_HW)
    lost_HW = gap_HW > CONSISTENCY[0] * size_HW + CONSISTENCY[1]
    lost_HW |= _gradient_square(u_HW, v_HW) > BOUNDARY[0] * square_HW + BOUNDARY[1]
    lost_HW |= (x_HW < -0.5) | (x_HW > width - 0.5) | (y_HW < -0.5) | (y_HW > height - 0.5)
    return np.asarray(lost_HW)


class FlowPair:
    """Two consecutive frames and their motion, each part worked out when it is first asked for.

    Args:
        first_HWC: uint8 RGB.
        second_HWC: uint8 RGB of the same size.
        first_HW: the grey of the first frame (:func:`grey`).
        second_HW: the grey of the second.
    """

    def __init__(
        self, first_HWC: Frame, second_HWC: Frame, first_HW: Frame, second_HW: Frame
    ) -> None:
        self.first_HWC = first_HWC
        self.second_HWC = second_HWC
        self._first_HW = first_HW
        self._second_HW = second_HW

    @cached_property
    def forward_HW2(self) -> F32:
        """Flow from the first frame to the second, px."""
        return estimate(self._first_HW, self._second_HW)

    @cached_property
    def backward_HW2(self) -> F32:
        """Flow from the second frame to the first, px."""
        return estimate(self._second_HW, self._first_HW)

    @cached_property
    def occluded_HW(self) -> Mask:
        """Pixels of the first frame that the second does not show (:func:`occlusion`)."""
        return occlusion(self.forward_HW2, self.backward_HW2)

    @cached_property
    def appeared_HW(self) -> Mask:
        """Pixels of the second frame that the first does not show (:func:`occlusion`)."""
        return occlusion(self.backward_HW2, self.forward_HW2)

    @cached_property
    def speed_HW(self) -> F32:
        """Length of the forward flow, px."""
        return length(self.forward_HW2)

    @cached_property
    def warped_HWC(self) -> F32:
        """The second frame carried back onto the first along the forward flow, 0..255."""
        return warp(self.second_HWC.astype(np.float32), self.forward_HW2)


def _read(image_HWC: F32, x_HW: F32, y_HW: F32) -> F32:
    read = cv2.remap(image_HWC, x_HW, y_HW, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)


def _square(u_HW: F32, v_HW: F32) -> F32:
    return u_HW * u_HW + v_HW * v_HW


def _gradient_square(u_HW: F32, v_HW: F32) -> F32:
    """|∇u|² + |∇v|² by forward differences; a difference across the last row or column is 0."""
    total_HW = np.zeros_like(u_HW)
    for part_HW in (u_HW, v_HW):
        total_HW[:, :-1] += np.square(part_HW[:, 1:] - part_HW[:, :-1])
        total_HW[:-1] += np.square(part_HW[1:] - part_HW[:-1])
    return total_HW
