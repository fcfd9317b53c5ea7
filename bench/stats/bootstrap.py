"""Intervals for means and proportions of videos, clustered by prompt. The frame is never the unit.

A mean's interval resamples whole clusters (Efron and Tibshirani 1993, chapter 8; Cameron, Gelbach
and Miller 2008 for clusters); below ten clusters, where the percentile bootstrap is too narrow,
it is a t interval on the clustered standard error (Miller 2024, arXiv 2411.00640, equation 4). A
proportion's is Wilson's (1927), with n divided by Kish's design effect when clusters hold more
than one video.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.types import Interval

F64 = npt.NDArray[np.float64]
MIN_CLUSTERS = 10


def cluster_sums(values_N: F64, clusters: Sequence[str]) -> tuple[F64, F64]:
    """Sum of the values and number of videos in each cluster, each (C,), in sorted label order."""
    labels, inverse = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums_C = np.bincount(inverse, weights=values_N, minlength=len(labels))
    counts_C = np.bincount(inverse, minlength=len(labels)).astype(np.float64)
    return sums_C.astype(np.float64), counts_C


def clustered_standard_error(values_N: F64, clusters: Sequence[str]) -> float:
    """Standard error of the mean with whole clusters as the unit: C/(C-1) sum_c r_c^2 / n^2."""
    sums_C, counts_C = cluster_sums(values_N, clusters)
    residuals_C = sums_C - counts_C * values_N.mean()
    n_clusters = len(sums_C)
    scale = n_clusters / (n_clusters - 1)
    return math.sqrt(scale * float(residuals_C @ residuals_C)) / len(values_N)


def mean_interval(
    values_N: F64,
    clusters: Sequence[str],
    *,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Interval | None:
    """Interval of the mean of `values_N`; None when there are fewer than two clusters.

    Args:
        values_N: one value a video, finite.
        clusters: the label of each video's cluster (its prompt), length N.
        confidence: two-sided, between 0 and 1.
        n_resamples: bootstrap resamples of clusters.
        seed: of the resampling's own generator (PCG64).
    """
    n_clusters = len(set(clusters))
    if n_clusters < 2:
        return None
    mean = float(values_N.mean())
    if n_clusters < MIN_CLUSTERS:
        from scipy.stats import t

        half = float(t.ppf(0.5 + confidence / 2, n_clusters - 1))
        half *= clustered_standard_error(values_N, clusters)
        return Interval(
            low=mean - half,
            high=mean + half,
            confidence=confidence,
            method=f"t interval, {n_clusters - 1} df (fewer than {MIN_CLUSTERS} clusters)",
        )
    sums_C, counts_C = cluster_sums(values_N, clusters)
    rng = np.random.Generator(np.random.PCG64(seed))
    picks_BC = rng.multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=n_resamples)
    means_B = (picks_BC @ sums_C) / (picks_BC @ counts_C)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means_B, [tail, 1 - tail])
    return Interval(
        low=float(low),
        high=float(high),
        confidence=confidence,
        method="percentile bootstrap of clusters",
        n_resamples=n_resamples,
        seed=seed,
    )


def wilson(p: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for a proportion `p` seen in `n` (possibly effective) trials."""
    from scipy.stats import norm

    z = float(norm.ppf(0.5 + confidence / 2))
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if p <= 0 else max(0.0, centre - half)
    high = 1.0 if p >= 1 else min(1.0, centre + half)
    return low, high


def design_effect(values_N: F64, clusters: Sequence[str]) -> float:
    """Clustered variance over independent variance, at least 1: what clustering costs."""
    n = len(values_N)
    variance = float(values_N.var(ddof=1)) / n if n > 1 else 0.0
    if variance == 0 or len(set(clusters)) in {1, n}:
        # no spread to measure it by: assume that videos of one prompt agree fully
        return n / len(set(clusters))
    return max(1.0, clustered_standard_error(values_N, clusters) ** 2 / variance)


def proportion_interval(
    values_N: F64, clusters: Sequence[str], *, confidence: float = 0.95
) -> Interval:
    """Wilson's interval for the share of ones in `values_N` (each 0 or 1), clustered."""
    effect = design_effect(values_N, clusters)
    low, high = wilson(float(values_N.mean()), len(values_N) / effect, confidence)
    notes = (f"design effect {effect:.2f}",) if effect > 1 else ()
    return Interval(low=low, high=high, confidence=confidence, method="Wilson score", notes=notes)
