"""FVD for unlimited videos: the sampling bias taken off by a straight line through 1/n.

FVD of few videos is far above 0 for videos of one distribution too. That bias falls as 1/n, so FVD
of subsets of half to all of the videos, drawn as a straight line against 1/n, points at the value
for unlimited n. Values at different n compare, which those of `fvd` do not. The features are those
of `fvd`. It needs I3D's pinned weights; without them it is unavailable.

Formula:
    With FVD at 41 subsets of n_s and m_s videos, the value at 0 of the least squares line through
    them against (1/n_s + 1/m_s) / 2. Its interval has the width of `fvd`'s: what single videos
    weigh is the same to first order.

Source:
    Chong and Forsyth 2020 (arXiv 1911.07023).

Range:
    minus infinity to infinity; around 0 for two sets of one distribution.

Direction:
    Lower is closer to the reference, which is better only where the reference is what is wanted.

Unit:
    squared logits.

Blind to:
    what `fvd` is blind to. Refused below 800 videos on either side, twice I3D's 400 logits: a half
    would have a singular covariance, where the bias is not 1/n (with as many videos as features it
    left more bias than there was distance). Subsets are of videos, so many videos of one prompt
    leave some bias too.

Golden value:
    Gaussian rows with known distances: see tests/bench/metrics/test_fvd_inf.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from bench.metrics._expects import Expects
from bench.metrics._extrapolated import extrapolate
from bench.metrics._features_of_set import LogitRows
from bench.metrics._frechet import frechet_distance, frechet_interval
from bench.metrics._fvd import N_LOGITS
from bench.metrics.base import F64, Column
from bench.types import Interval


class FvdInf(LogitRows):
    """FVD at unlimited n; `frames`, `seed`, `device` go to I3D."""

    name = "fvd_inf"
    version = "1"
    min_videos = 2 * N_LOGITS
    why_min = "with fewer a half has a singular covariance, and the bias does not fall as 1/n"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="fvd_inf",
            unit="squared logits",
            low=-math.inf,
            high=math.inf,
            higher_is_better=False,
            summary="Fréchet distance of I3D logits, extrapolated to unlimited videos",
        ),
    )
    expects = (
        Expects(
            column="fvd_inf",
            rises=("gaussian_blur", "noise", "h264"),
            blind=("shuffle", "freeze"),
        ),
    )

    def value(self, x_ND: F64, y_MD: F64) -> Mapping[str, float]:
        """Where the line through subsets of the videos meets 1/n = 0."""
        x_clusters, y_clusters = ([f"{i:06d}" for i in range(len(a))] for a in (x_ND, y_MD))
        line = extrapolate(x_ND, y_MD, x_clusters=x_clusters, y_clusters=y_clusters)
        return {"fvd_inf": line.at_infinity}

    def interval(
        self,
        x_ND: F64,
        y_MD: F64,
        *,
        x_clusters: Sequence[str],
        y_clusters: Sequence[str],
        confidence: float,
        n_resamples: int,
        seed: int,
    ) -> Mapping[str, Interval]:
        """Round the value, as wide as the plain distance's; nothing is resampled."""
        plain = frechet_interval(
            x_ND, y_MD, x_clusters=x_clusters, y_clusters=y_clusters, confidence=confidence
        )
        if plain is None:
            return {}
        value = self.value(x_ND, y_MD)["fvd_inf"]
        # the lower end is cut at 0, where a distance ends; the upper half is whole
        half = plain.high - frechet_distance(x_ND, y_MD)
        return {
            "fvd_inf": Interval(
                low=value - half,
                high=value + half,
                confidence=confidence,
                method=f"{plain.method}, moved to the extrapolated value",
                notes=("it takes the two sets as independent of each other",),
            )
        }

    def notes(self, n: int, m: int) -> tuple[str, ...]:
        """What the number rests on."""
        return (f"a straight line in 1/n through subsets of {n} and {m} videos, from half to all",)
