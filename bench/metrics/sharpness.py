"""How much fine detail the frames show: the variance of the Laplacian, at one size for all.

A blurred picture has weak second derivatives, a crisp one strong ones. Frames are brought to a
short side of 256 px first (shrunk by area, enlarged bilinearly), so that videos of different sizes
compare and a small clip does not pass for a sharp one.

Formula:
    s_t = var_p ∇²Y_t(p), with ∇²Y = Y(x+1, y) + Y(x-1, y) + Y(x, y+1) + Y(x, y-1) - 4 Y(x, y) and Y
    the BT.601 luma (0..255) at a short side of 256 px, the border mirrored. `sharpness` is the mean
    over the sampled frames (all by default), `lowest` the least sharp frame.

Source:
    Pech-Pacheco, Cristobal, Chamorro-Martinez and Fernandez-Valdivia, "Diatom autofocusing in
    brightfield microscopy: a comparative study", ICPR 2000; operator LAP4 of Pertuz, Puig and
    Garcia, "Analysis of focus measure operators for shape-from-focus", Pattern Recognition 46,
    2013.

Range:
    0 to 1020² = 1040400 (a checkerboard of black and white pixels). Clips of Big Buck Bunny at
    320x180 have 21 to 530 (nine in ten), half of them 100 or more.

Direction:
    Higher is sharper. Only the same content compares: a foggy morning is not a worse video than a
    brick wall. Read it beside a reference set, or pair the same prompts.

Unit:
    Squared grey level of 0..255.

Blind to:
    What the detail is: noise, ringing, blocking and sharpening halos count as detail. Depth of
    field and motion blur that belong there count as blur. Motion: a frozen clip is as sharp as its
    frame. A mean over frames hides a few soft ones (see `lowest`).

Golden value:
    A checkerboard of single pixels of grey 0 and 20 at 256x256: the Laplacian is 80 or -80
    everywhere, so 80² = 6400.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bench.features.pixels import pixel_features, pixel_spec
from bench.metrics._expects import Expects
from bench.metrics.base import F64, Column, Value, VideoMetric
from bench.types import Arrays, Clip

U8 = npt.NDArray[np.uint8]

HIGHEST = (4 * 255.0) ** 2
"""The Laplacian of levels 0..255 lies within 1020 of 0."""


def frame_sharpness(pixels: Arrays) -> F64:
    """The sharpness of each of T frames, from the arrays of the `pixels` extractor."""
    return np.asarray(pixels["sharpness"], np.float64)


def sharpness(frames_THWC: U8) -> float:
    """The mean sharpness of frames in memory, uint8 RGB (T, H, W, 3)."""
    return float(frame_sharpness(pixel_features(frames_THWC)).mean())


class Sharpness(VideoMetric):
    """Detail of a video's frames. `frames` is the sampling rule of the pixel statistics."""

    name: ClassVar[str] = "sharpness"
    version: ClassVar[str] = "1"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="sharpness",
            unit="squared grey level of 255",
            low=0.0,
            high=HIGHEST,
            higher_is_better=True,
            summary="mean over frames of the variance of the Laplacian",
        ),
        Column(
            name="lowest",
            unit="squared grey level of 255",
            low=0.0,
            high=HIGHEST,
            higher_is_better=True,
            summary="the same of the least sharp frame",
            headline=False,
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="sharpness",
            falls=("gaussian_blur", "black"),
            ignores={"reverse": 0.0, "shuffle": 0.0},
            blind=("noise", "jpeg", "luma_flicker", "colour_shift", "freeze", "static", "loop"),
        ),
    )

    def __init__(self, frames: str = "all", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.needs = (pixel_spec(frames),)

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Mean and minimum over frames, with the series of the frames."""
        values_T = frame_sharpness(clip.features[self.needs[0]])
        return {
            "sharpness": Value(value=float(values_T.mean()), series=values_T.astype(np.float32)),
            "lowest": Value(value=float(values_T.min())),
        }
