"""A decoded frame as 8-bit RGB: exact to one grey level, the same on every machine.

swscale with BILINEAR (chroma upsampling) | ACCURATE_RND | BITEXACT | FULL_CHR_H_INT, one thread,
into planes that are then interleaved (twice as fast as straight to packed RGB, and the same bytes).
swscale's default, which most readers use, is off by up to three levels in more than half of all
values. The frame's own matrix and range are used; an untagged frame is BT.601 limited, as every
FFmpeg-based reader takes it (and most tools that write untagged files make it). Grey is full range
unless tagged limited. Primaries and transfer curves are left alone: an HDR frame is not
tone-mapped. Alpha is composited over black. Pixels are not squared, fields are not deinterlaced.
YUV that would be an R, G or B of 512 and more, or below -256, wraps around in swscale: 0.2 % of all
YUV values, and none that was made from RGB.
"""

from __future__ import annotations

import math
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from bench.errors import VideoError

U8 = npt.NDArray[np.uint8]

EXACT = (
    Interpolation.BILINEAR
    | Interpolation.ACCURATE_RND
    | Interpolation.BITEXACT
    | Interpolation.FULL_CHR_H_INT
)
_NO_MATRIX = frozenset({0, 2, 3})
"""AVCOL_SPC_RGB, _UNSPECIFIED and _RESERVED name no YUV matrix."""


def has_alpha(pixel_format: Any) -> bool:
    """Whether frames of this av.VideoFormat can be transparent (palettes can)."""
    return pixel_format.name == "pal8" or any(part.is_alpha for part in pixel_format.components)


def to_rgb(frame: Any, reformatter: VideoReformatter, side_px: int | None = None) -> U8:
    """A decoded frame as (H, W, 3) uint8 RGB, turned as its display matrix asks; owns its memory.

    With `side_px`, a larger frame is shrunk to that short side on the way.

    Raises:
        VideoError: when its colour space cannot be converted.
    """
    width_px, height_px = _size(frame, side_px)
    try:
        planar = reformatter.reformat(
            frame,
            width=width_px,
            height=height_px,
            format="gbrap" if has_alpha(frame.format) else "gbrp",
            src_colorspace=Colorspace.ITU601 if frame.colorspace in _NO_MATRIX else None,
            dst_color_range=ColorRange.JPEG,
            interpolation=EXACT,
            threads=1,
        )
    except av.FFmpegError as error:
        raise VideoError(
            "the frames cannot be converted to RGB",
            seen=f"{frame.format.name}, colour space {frame.colorspace}",
            legal="RGB, grey, or YUV with a BT.601, BT.709 or BT.2020 matrix",
        ) from error
    green, blue, red, *alpha = (_plane(plane) for plane in planar.planes)
    if alpha and int(alpha[0].min()) < 255:
        red, green, blue = (
            cv2.multiply(part, alpha[0], scale=1 / 255) for part in (red, green, blue)
        )
    frame_HWC = cv2.merge((red, green, blue))
    if frame.format.name.startswith("gray") and frame.color_range == ColorRange.MPEG:
        frame_HWC = cv2.LUT(frame_HWC, _STRETCH)
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return frame_HWC if matrix is None else turn(frame_HWC, np.frombuffer(matrix, "=i4"))


def _size(frame: Any, side_px: int | None) -> tuple[int, int]:
    """Width and height after shrinking to a short side; frames are never enlarged."""
    scale = min(1.0, (side_px or math.inf) / min(frame.width, frame.height))
    return max(1, round(frame.width * scale)), max(1, round(frame.height * scale))


def turn(frame_HWC: U8, matrix_9: npt.NDArray[np.int32]) -> U8:
    """The frame turned and mirrored by a display matrix, to the nearest quarter turn.

    The matrix sends a pixel at (x, y) to (a x + c y, b x + d y), where (a, b) are its first two
    numbers and (c, d) its fourth and fifth.
    """
    a, b, _, c, d = (int(value) for value in matrix_9[:5])
    if abs(a) >= abs(b):
        turned = frame_HWC[:: _sign(d), :: _sign(a)]
    else:
        turned = frame_HWC.swapaxes(0, 1)[:: _sign(b), :: _sign(c)]
    return np.ascontiguousarray(turned)


def clockwise_deg(frame: Any) -> int:
    """The clockwise turn, 0, 90, 180 or 270, that a decoded frame's display matrix asks for.

    Where the matrix mirrors too, it is the turn after mirroring left and right.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return 0
    a, b, _, c, d = (float(value) for value in np.frombuffer(matrix, "=i4")[:5])
    if a * d < b * c:
        a, b = -a, -b
    return round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360


def _sign(value: int) -> int:
    return -1 if value < 0 else 1


def _plane(plane: Any) -> U8:
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


_STRETCH: U8 = (np.clip((np.arange(256) - 16) / 219, 0, 1) * 255).round().astype(np.uint8)
"""Limited-range grey to full range; swscale takes all grey for full, whatever its tag says."""
