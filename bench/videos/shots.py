"""Where a film cuts: a leap of the colour histogram among small steps, found in one reading.

A histogram counts, for each of R, G and B, how many pixels have each level; a level counts for the
two nearest of 17 knots, in proportion (so that a slow fade moves the distance slowly, and never by
a whole bin). The distance of two frames is the share of pixels that would have to change knot,
mean of the three channels: 0 for the same colours wherever they stand, 1 for no colour in common.
What moves, pans or zooms changes its colours little by little; a cut does so at once.

A step is a cut when it is larger than CUT_DISTANCE and than CUT_RATIO times each of the three steps
before and after it. Neither number is delicate: of the 14,314 steps of Big Buck Bunny, 123 are cuts
by these; distances of 0.05 to 0.15 and ratios of 2 to 5 give 118 to 126. A distance alone must
choose between the quiet cuts, from 0.13, and quick motion and fades, up to 0.49. Missed are
dissolves, and cuts amid motion as quick as a cut. A flash of one to three frames is no cut; a shot
as short as that cannot be told from one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from bench.errors import NoFrames
from bench.videos.colour import U8, to_rgb
from bench.videos.read import decoded

F64 = npt.NDArray[np.float64]

CUT_DISTANCE = 0.12
CUT_RATIO = 3.0
NEAR = 3
"""So many steps before and after must be smaller."""
SIDE_PX = 144
"""Frames are shrunk to this short side: a histogram of some 37,000 pixels tells no less."""
_STEP = 16
"""Grey levels from knot to knot."""


def histogram_distance(a_HWC: U8, b_HWC: U8) -> float:
    """Distance of two frames' colours, 0 to 1; `a_HWC`, `b_HWC` are uint8 RGB of any two sizes."""
    return _distance(colour_histogram(a_HWC), colour_histogram(b_HWC))


def colour_histogram(frame_HWC: U8) -> F64:
    """Share of the pixels (3, 17) at each knot of R, G and B; each channel sums to 1."""
    levels = [cv2.calcHist([frame_HWC], [c], None, [256], [0, 256]).ravel() for c in range(3)]
    n_pixels = frame_HWC.shape[0] * frame_HWC.shape[1]
    return np.asarray(np.array(levels, np.float64) @ _KNOTS / n_pixels)


def shot_bounds(path: Path) -> list[range]:
    """The frames of each shot of a film, in order; together they are all frames that decode.

    One frame is held at a time, and a number for each that went by.

    Raises:
        NotAVideo: when there is no such file, or no video in it.
        NoFrames: when not one frame decodes.
        VideoError: when a colour space is unknown.
    """
    path = Path(path)
    distances, last = array("d"), None
    for here in _histograms(path):
        if last is not None:
            distances.append(_distance(last, here))
        last = here
    if last is None:
        raise NoFrames("no frame can be decoded", seen=path.name)
    starts = [0, *(int(step) + 1 for step in cuts(np.array(distances)))]
    ends = [*starts[1:], len(distances) + 1]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]


def cuts(distance_P: F64) -> npt.NDArray[np.intp]:
    """Which steps (indices into `distance_P`, histogram distances of neighbours) are cuts."""
    padded = np.pad(distance_P, NEAR)
    offsets = [offset for offset in range(2 * NEAR + 1) if offset != NEAR]
    near_P = np.max([padded[o : o + len(distance_P)] for o in offsets], axis=0)
    return np.flatnonzero((distance_P > CUT_DISTANCE) & (distance_P > CUT_RATIO * near_P))


def _histograms(path: Path) -> Iterator[F64]:
    reformatter = VideoReformatter()
    with closing(decoded(path)) as frames:
        for _, frame in frames:
            yield colour_histogram(to_rgb(frame, reformatter, side_px=SIDE_PX))


def _distance(a: F64, b: F64) -> float:
    return float(np.abs(a - b).sum()) / 6


def _knots() -> F64:
    """How much of each level (256,) falls to each knot (17,); rows sum to 1."""
    at_L1 = np.arange(256)[:, None] * (256 / 255) / _STEP
    return np.asarray(np.maximum(0.0, 1 - np.abs(at_L1 - np.arange(256 // _STEP + 1))))


_KNOTS = _knots()
