"""Kernel Video Distance: squared maximum mean discrepancy of the videos' I3D logits.

The rows are those of `fvd` (400 logits of I3D, 16 frames squashed to 224 x 224). Two sets of one
distribution have 0 on average at any n, so unlike FVD the number has no sampling bias and may be
below 0; and it sees more than means and covariances. It needs I3D's pinned weights; without them it
is unavailable.

Formula:
    With k(a, b) = (a·b / D + 1)³ and D = 400:
    KVD = Σ_{i≠j} k(x_i, x_j) / (n (n − 1)) + Σ_{i≠j} k(y_i, y_j) / (m (m − 1))
    − 2 mean k(x_i, y_j).
    The interval is the infinitesimal jackknife's over clusters of videos of one prompt: a video's
    influence is twice the difference of its mean kernel to its own set and to the other one.

Source:
    Bińkowski et al. 2018 (arXiv 1801.01401), the unbiased estimator; for video Unterthiner et al.
    2018 (arXiv 1812.01717).

Range:
    minus infinity to infinity; around 0 for two sets of one distribution. None below 8 videos on a
    side; its interval held the truth in 93 to 99 simulations of 100 at 8, 16, 24 and 32.

Direction:
    Lower is closer to the reference, which is better only where the reference is what is wanted.

Unit:
    cubed logits products.

Blind to:
    what I3D's logits do not show, as `fvd`. Videos of one prompt resemble each other and lift it a
    little, as pairs within a prompt count like any others.

Golden value:
    rows (1) and (−1) against (0) and (0), D = 1: 0 + 1 − 2 · 1 = −1. Two sets of 64 clips in
    tests/golden: see tests/bench/metrics/test_kvd.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from bench.errors import UsageError
from bench.metrics._expects import Expects
from bench.metrics._features_of_set import LogitRows
from bench.metrics.base import F64, Column
from bench.stats.clusters import jackknife_interval
from bench.types import Interval

_NOTES = ("it takes the two sets as independent of each other",)


def polynomial_mmd2(x_ND: F64, y_MD: F64) -> float:
    """Unbiased squared MMD with the kernel `(a·b / D + 1)^3`.

    Args:
        x_ND: candidate rows, N >= 2.
        y_MD: reference rows, M >= 2.

    Raises:
        UsageError: for fewer than two rows on a side, or rows of different lengths.
    """
    xx, yy, xy = _kernels(x_ND, y_MD)
    n, m = xy.shape
    within = (xx.sum() - xx.trace()) / (n * (n - 1)) + (yy.sum() - yy.trace()) / (m * (m - 1))
    return float(within - 2 * xy.mean())


def influence(x_ND: F64, y_MD: F64) -> tuple[F64, F64]:
    """How each row moves the distance, to first order, (N,) and (M,); each has mean 0."""
    xx, yy, xy = _kernels(x_ND, y_MD)
    n, m = xy.shape
    x_N = 2 * ((xx.sum(axis=1) - xx.diagonal()) / (n - 1) - xy.mean(axis=1))
    y_M = 2 * ((yy.sum(axis=1) - yy.diagonal()) / (m - 1) - xy.mean(axis=0))
    return x_N - x_N.mean(), y_M - y_M.mean()


class Kvd(LogitRows):
    """KVD with the standard cubic kernel."""

    name = "kvd"
    version = "1"
    min_videos = 8
    why_min = "with fewer its interval is untried"
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            name="kvd",
            unit="cubed logits products",
            low=-math.inf,
            high=math.inf,
            higher_is_better=False,
            summary="Unbiased polynomial MMD of I3D logits, frames squashed to 224",
        ),
    )
    expects = (
        Expects(
            column="kvd",
            rises=("gaussian_blur", "noise", "h264"),
            blind=("shuffle", "freeze"),
        ),
    )

    def value(self, x_ND: F64, y_MD: F64) -> Mapping[str, float]:
        """As :func:`polynomial_mmd2`."""
        return {"kvd": polynomial_mmd2(x_ND, y_MD)}

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
        """The jackknife's; nothing is resampled, so the last two are not used."""
        sides = zip(influence(x_ND, y_MD), (x_clusters, y_clusters), strict=True)
        made = jackknife_interval(
            polynomial_mmd2(x_ND, y_MD),
            list(sides),
            confidence=confidence,
            unit="clusters",
            notes=_NOTES,
        )
        return {} if made is None else {"kvd": made}

    def difference(
        self,
        x_ND: F64,
        z_ND: F64,
        y_MD: F64,
        *,
        clusters: Sequence[str],
        y_clusters: Sequence[str],
        confidence: float,
    ) -> Mapping[str, Interval]:
        """The jackknife's on the differences of the pairs' influences."""
        value = polynomial_mmd2(z_ND, y_MD) - polynomial_mmd2(x_ND, y_MD)
        moved = zip(influence(z_ND, y_MD), influence(x_ND, y_MD), strict=True)
        sides = zip(
            (after - before for after, before in moved), (clusters, y_clusters), strict=True
        )
        made = jackknife_interval(
            value, list(sides), confidence=confidence, unit="paired clusters", notes=_NOTES
        )
        return {} if made is None else {"kvd": made}


def _kernels(x_ND: F64, y_MD: F64) -> tuple[F64, F64, F64]:
    if min(len(x_ND), len(y_MD)) < 2 or x_ND.shape[1] != y_MD.shape[1]:
        raise UsageError(
            "these sets of rows cannot be compared",
            seen=f"shapes {x_ND.shape} and {y_MD.shape}",
            legal="two rows or more on each side, of one length",
        )
    d = x_ND.shape[1]
    pairs = ((x_ND, x_ND), (y_MD, y_MD), (x_ND, y_MD))
    xx, yy, xy = ((a @ b.T / d + 1) ** 3 for a, b in pairs)
    return xx, yy, xy
