"""Where a film cuts: distance of colour histograms from frame to frame, in bounded memory.

A histogram counts, for each of R, G and B, how many pixels have each level; a level counts for the
two nearest of 17 knots, in proportion (so that a slow fade moves the distance slowly, and never by
a whole bin). The distance of two frames is the share of pixels that would have to change knot,
mean of the three channels: 0 for the same colours wherever they stand, 1 for no colour in common.
What moves, pans or zooms keeps its colours; a cut changes most of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
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

CUT_DISTANCE = 0.35
"""Above this, a step between frames is a cut."""
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

    Raises:
        NotAVideo: when there is no such file, or no video in it.
        NoFrames: when not one frame decodes.
        VideoError: when a colour space is unknown.
    """
    bounds = bounds_of(_histograms(Path(path)))
    if not bounds:
        raise NoFrames("no frame can be decoded", seen=Path(path).name)
    return bounds


def bounds_of(histograms: Iterable[F64]) -> list[range]:
    """The same from the frames' :func:`colour_histogram`; keeps one of them at a time."""
    bounds: list[range] = []
    start, count, last = 0, 0, None
    for here in histograms:
        if last is not None and _distance(last, here) > CUT_DISTANCE:
            bounds.append(range(start, count))
            start = count
        last, count = here, count + 1
    if count:
        bounds.append(range(start, count))
    return bounds


def _histograms(path: Path) -> Iterable[F64]:
    reformatter = VideoReformatter()
    with closing(decoded(path)) as frames:
        for _, frame in frames:
            yield colour_histogram(to_rgb(frame, reformatter, side_px=SIDE_PX))


def _distance(a: F64, b: F64) -> float:
    return float(np.abs(a - b).sum()) / 6


def _knots() -> F64:
    """How much of each level (256,) falls to each knot (17,); rows sum to 1."""
    at_L1 = np.arange(256)[:, None] * (256 / 255) / _STEP
    return np.maximum(0.0, 1 - np.abs(at_L1 - np.arange(256 // _STEP + 1)))


_KNOTS = _knots()
