"""How alike each frame is to the next, by structural similarity of luma.

SSIM compares local means, contrasts and structure. Between consecutive frames it falls with
whatever changes: motion, noise, flicker, a cut. It is the oldest number for temporal steadiness,
and one that every reader knows; alone it says little, since the best clip there is stands still.

Formula:
    ssim = mean_t SSIM(Y_t, Y_t+1) over consecutive sampled frames (all by default), Y the BT.601
    luma at the video's own size. SSIM(a, b) = mean over positions of
    (2 μ_a μ_b + C₁)(2 σ_ab + C₂) / ((μ_a² + μ_b² + C₁)(σ_a² + σ_b² + C₂)), with a Gaussian window
    of 11 px and sigma 1.5 px that lies wholly inside the image, C₁ = (0.01 · 255)²,
    C₂ = (0.03 · 255)², and population variances. `lowest` is the least similar pair.

Source:
    Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to
    Structural Similarity", IEEE Transactions on Image Processing 13(4), 2004.

Range:
    [-1, 1]; equal frames have 1. Clips of Big Buck Bunny at 320x180 have 0.49 to 0.999 (nine in
    ten), half of them 0.96 or more.

Direction:
    Neither: stillness and blur raise it, motion and noise lower it. Compare only clips that move
    equally (see motion_amount).

Unit:
    None (a similarity).

Blind to:
    Whether anything moves: frozen and black clips score 1, the best there is. The order of frames
    that hardly differ. Colour: only luma is compared. What moves is not followed, so that a clean
    fast clip scores below a slow one with noise.

Golden value:
    Plain frames of grey 100 and 150: (2 · 100 · 150 + C₁) / (100² + 150² + C₁) = 0.923092.
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

U8 = npt.NDArray[np.uint8]


def pair_similarities(pixels: Arrays) -> F64:
    """SSIM of each of T-1 pairs, from the arrays of the `pixels` extractor.

    Raises:
        TooFewFrames: when there is one frame, which has no next.
    """
    if len(pixels["index"]) < 2:
        raise TooFewFrames("a frame is compared with the next, so two are needed", seen="1 frame")
    # in float32 the map of all but equal frames comes out up to 4e-8 above 1
    return np.clip(np.asarray(pixels["ssim"], np.float64), -1.0, 1.0)


def ssim_consecutive(frames_THWC: U8) -> float:
    """Mean SSIM of consecutive frames in memory, uint8 RGB (T, H, W, 3); NaN below 11 px a side."""
    return float(pair_similarities(pixel_features(frames_THWC)).mean())


class SsimConsecutive(VideoMetric):
    """Similarity of consecutive frames. `frames` is the sampling rule of the pixel statistics."""

    name: ClassVar[str] = "ssim_consecutive"
    version: ClassVar[str] = "1"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="ssim",
            unit="similarity",
            low=-1.0,
            high=1.0,
            higher_is_better=None,
            summary="mean SSIM of each frame with the next",
        ),
        Column(
            name="lowest",
            unit="similarity",
            low=-1.0,
            high=1.0,
            higher_is_better=None,
            summary="SSIM of the two consecutive frames that differ most",
            headline=False,
        ),
    )
    expects: ClassVar[tuple[Expects, ...]] = (
        Expects(
            column="ssim",
            falls=("noise", "luma_flicker", "shuffle", "spatial_jitter"),
            rises=("freeze", "static", "gaussian_blur"),
            blind=("colour_shift", "reverse"),
        ),
    )

    def __init__(self, frames: str = "all", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.needs = (pixel_spec(frames),)

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Mean and minimum over pairs, with the series of the pairs."""
        values_P = pair_similarities(clip.features[self.needs[0]])
        if np.isnan(values_P).any():
            size = f"{clip.width_px}x{clip.height_px} px"
            small = Value(
                value=float("nan"), reason=f"SSIM needs 11 px a side; the video is {size}"
            )
            return {column.name: small for column in self.columns}
        return {
            "ssim": Value(value=float(values_P.mean()), series=values_P.astype(np.float32)),
            "lowest": Value(value=float(values_P.min())),
        }
