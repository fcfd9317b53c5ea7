"""How often the picture cuts: steps between frames at which most colours change at once.

A generated clip of one shot should have no cut; where one shows, the model has changed its mind
half-way. Motion, pans and zooms keep a picture's colours, a cut replaces them.

Formula:
    d_t = distance of the colour histograms of frames t and t+1: for R, G and B the share of pixels
    that would have to change to another of 17 levels, mean of the three; levels between two knots
    count for both in proportion. cuts = #{t : d_t > 0.12 and d_t > 3 d_s for the three steps s on
    either side}, over consecutive sampled frames (all by default). `largest` is the largest d_t.

Source:
    Colour histograms for shot boundaries: Zhang, Kankanhalli and Smoliar, "Automatic partitioning
    of full-motion video", Multimedia Systems 1, 1993. Soft bins and the rule are those of
    `bench.videos.shots`.

Range:
    cuts: 0 to the number of pairs. largest: [0, 1]; inside shots of Big Buck Bunny at 320x180 0.001
    to 0.28 (nine clips in ten), half of them up to 0.012.

Direction:
    Lower is better, for clips that should be one shot. A film of several shots has its cuts by
    right; compare it with the reference row.

Unit:
    Cuts per video; share of the pixels (`largest`).

Blind to:
    Cuts between pictures of like colours, dissolves and wipes (no single step is large), cuts amid
    motion as quick as a cut: of cuts from one film shot to another it missed one in eight. Shots
    of three frames or fewer, so flashes and single wrong frames: in and out stand side by side, and
    neither is alone. For the same reason shaking and flicker are no cuts. A lamp switched on counts
    as one. Sampling fewer frames makes each step larger and shots shorter: compare at equal
    sampling.

Golden value:
    Three frames of black and then two of white: one cut, largest 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames
from bench.features.pixels import pixel_features, pixel_spec
from bench.metrics._expects import Expects
from bench.metrics.base import F64, Column, Value, VideoMetric
from bench.types import Arrays, Clip
from bench.videos.shots import cuts

U8 = npt.NDArray[np.uint8]


def pair_distances(pixels: Arrays) -> F64:
    """The colour distance of each of T-1 pairs, from the arrays of the `pixels` extractor.

    Raises:
        TooFewFrames: when there is one frame, after which nothing can cut.
    """
    if len(pixels["index"]) < 2:
        raise TooFewFrames("a cut lies between frames, so two are needed", seen="1 frame")
    return np.asarray(pixels["histogram_distance"], np.float64)


def shot_cuts(frames_THWC: U8) -> int:
    """The number of cuts in frames in memory, uint8 RGB (T, H, W, 3)."""
    return len(cuts(pair_distances(pixel_features(frames_THWC))))


class ShotCuts(VideoMetric):
    """Cuts in a video. `frames` is the sampling rule of the pixel statistics."""

    name: ClassVar[str] = "shot_cuts"
    version: ClassVar[str] = "2"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="cuts",
            unit="cuts per video",
            low=0.0,
            high=float("inf"),
            higher_is_better=False,
            summary="steps between frames that change the colours as no step near them does",
        ),
        Column(
            name="largest",
            unit="share of pixels",
            low=0.0,
            high=1.0,
            higher_is_better=False,
            summary="colour distance of the two consecutive frames that differ most",
            headline=False,
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="cuts",
            rises=("splice",),
            ignores={"gaussian_blur": 0.1, "spatial_jitter": 0.1, "colour_shift": 0.1},
            blind=("freeze", "static", "reverse", "frame_duplicate"),
        ),
    )

    def __init__(self, frames: str = "all", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.needs = (pixel_spec(frames),)

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Number of cuts, and the distance of each pair as the series of `largest`."""
        distance_P = pair_distances(clip.features[self.needs[0]])
        cut_P = np.zeros(len(distance_P), np.float32)
        cut_P[cuts(distance_P)] = 1.0
        return {
            "cuts": Value(value=float(cut_P.sum()), series=cut_P),
            "largest": Value(value=float(distance_P.max()), series=distance_P.astype(np.float32)),
        }
