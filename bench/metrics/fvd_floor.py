"""FVD between two halves of the reference: how far real videos are from real videos.

The noise floor beside `fvd`: a candidate of half the reference's size that is no farther from it
than this is, to FVD, as good as real. It says nothing of the candidate, and is refused below 32
reference videos, whose halves have the 16 that FVD needs. The features are those of `fvd`. It needs
I3D's pinned weights; without them it is unavailable.

Formula:
    Mean and largest FVD of the two halves over 20 random splits of the reference's m videos.

Source:
    Ours; the bias that it shows is that of Chong and Forsyth 2020 (arXiv 1911.07023).

Range:
    0 to infinity; falls with m. FVD at n and m is to be held against a floor of m / 2 = n.

Direction:
    Neither: it is a property of the reference.

Unit:
    squared logits.

Blind to:
    the candidate. The splits share videos, so their spread is no error of the mean, and it has no
    interval.

Golden value:
    the mean over pairs of independent Gaussian sets: see tests/bench/metrics/test_fvd_floor.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from bench.metrics._expects import Expects
from bench.metrics._extrapolated import split_half_floor
from bench.metrics._features_of_set import LogitRows
from bench.metrics._fvd import LEAST, WHY_MIN
from bench.metrics.base import F64, Column
from bench.types import Interval


class FvdFloor(LogitRows):
    """Split-half noise floor of the reference; `frames`, `seed`, `device` go to I3D."""

    name = "fvd_floor"
    version = "1"
    min_videos = 2 * LEAST
    why_min = f"a half needs {LEAST}; {WHY_MIN}"
    columns: ClassVar[tuple[Column, ...]] = tuple(
        Column(
            name=name,
            unit="squared logits",
            low=0.0,
            high=math.inf,
            higher_is_better=None,
            summary=summary,
            headline=name == "mean",
        )
        for name, summary in (
            ("mean", "FVD between halves of the reference, mean of 20 splits"),
            ("most", "The largest of the 20"),
        )
    )
    expects = (
        Expects(
            column="mean",
            ignores={"gaussian_blur": 0.0, "noise": 0.0, "shuffle": 0.0, "freeze": 0.0},
        ),
    )

    def value(self, x_ND: F64, y_MD: F64) -> Mapping[str, float]:
        """As :func:`split_half_floor`, of the reference alone."""
        mean, most = split_half_floor(y_MD, [f"{i:06d}" for i in range(len(y_MD))])
        return {"mean": mean, "most": most}

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
        """None: splits of one reference are no sample of references."""
        return {}

    def notes(self, n: int, m: int) -> tuple[str, ...]:
        """At which size it is."""
        return (f"halves of {m // 2} reference videos each; hold FVD at n={m // 2} against it",)
