"""Sums, standard errors and design effects with whole clusters (prompts) as the unit.

The clustered variance of a mean is `C/(C-1) sum_c (sum_i (x_ci - mean))^2 / n^2` (Cameron, Gelbach
and Miller 2008; Miller 2024, arXiv 2411.00640, equation 4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.types import Interval

F64 = npt.NDArray[np.float64]


def cluster_sums(values_N: F64, clusters: Sequence[str]) -> tuple[F64, F64]:
    """Sum of the values and number of videos in each cluster, each (C,), in sorted label order."""
    labels, inverse = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums_C = np.bincount(inverse, weights=values_N, minlength=len(labels))
    counts_C = np.bincount(inverse, minlength=len(labels)).astype(np.float64)
    return sums_C.astype(np.float64), counts_C


def cluster_means(values_N: F64, clusters: Sequence[str]) -> F64:
    """Mean of each cluster (C,), in sorted label order."""
    sums_C, counts_C = cluster_sums(values_N, clusters)
    means_C: F64 = sums_C / counts_C
    return means_C


def clustered_standard_error(values_N: F64, clusters: Sequence[str]) -> float:
    """Standard error of the mean with whole clusters as the unit: C/(C-1) sum_c r_c^2 / n^2."""
    sums_C, counts_C = cluster_sums(values_N, clusters)
    residuals_C = sums_C - counts_C * values_N.mean()
    n_clusters = len(sums_C)
    scale = n_clusters / (n_clusters - 1)
    return math.sqrt(scale * float(residuals_C @ residuals_C)) / len(values_N)


def design_effect(values_N: F64, clusters: Sequence[str]) -> float:
    """Clustered variance over independent variance, at least 1: what clustering costs."""
    n = len(values_N)
    variance = float(values_N.var(ddof=1)) / n if n > 1 else 0.0
    if variance == 0 or len(set(clusters)) in {1, n}:
        # no spread to measure it by: assume that videos of one prompt agree fully
        return n / len(set(clusters))
    return max(1.0, clustered_standard_error(values_N, clusters) ** 2 / variance)


def shares_design_effect(codes_N: npt.NDArray[np.intp], clusters: Sequence[str], k: int) -> float:
    """What clustering costs the K shares of one sample: Rao and Scott's mean effect, at least 1.

    The first-order correction (Rao and Scott 1981): the mean over categories of
    `V_k n / (p_k (1 - p_k))`, each weighted by `1 - p_k`. Where there is one cluster alone, its
    videos are the whole of what is asked and the effect is 1.

    Args:
        codes_N: the category of each video, 0 to k - 1.
        clusters: the label of each video's cluster, length N.
        k: how many categories there are, 2 or more.
    """
    labels, inverse = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    n, n_clusters = len(codes_N), len(labels)
    if n_clusters in {1, n}:
        return 1.0
    counts_CK = np.zeros((n_clusters, k))
    np.add.at(counts_CK, (inverse, codes_N), 1.0)
    shares_K = counts_CK.sum(axis=0) / n
    if shares_K.max() == 1:
        # no spread to measure it by: assume that videos of one prompt agree fully
        return n / n_clusters
    residuals_CK = counts_CK - counts_CK.sum(axis=1, keepdims=True) * shares_K
    variances_K = n_clusters / (n_clusters - 1) * (residuals_CK**2).sum(axis=0) / n**2
    seen = shares_K > 0
    return max(1.0, float((variances_K[seen] * n / shares_K[seen]).sum()) / (int(seen.sum()) - 1))


def kish(seeds: float, icc: float) -> float:
    """Design effect of `seeds` videos a prompt with correlation `icc` (Kish 1965): 1 + (m-1) r."""
    return 1 + (seeds - 1) * icc


def jackknife_interval(
    value: float,
    sides: Sequence[tuple[F64, Sequence[str]]],
    *,
    confidence: float,
    unit: str,
    notes: tuple[str, ...],
) -> Interval | None:
    """Infinitesimal jackknife interval of a number of two independent sets of videos.

    Args:
        value: the number; the interval has it in its middle.
        sides: for each set how each video moves the number, to first order, and its cluster.
        confidence: the interval's.
        unit: what was left out in turn, for the method's name.
        notes: what a reader must be told.

    Returns:
        The value and t times the standard error with whole clusters as the unit, with Welch's and
        Satterthwaite's degrees of freedom (Jaeckel 1972; Efron 1982, chapter 6); None with fewer
        than two clusters on a side.
    """
    from scipy.stats import t

    counts = [len(set(clusters)) for _, clusters in sides]
    if min(counts) < 2:
        return None
    variances = [clustered_standard_error(moves, clusters) ** 2 for moves, clusters in sides]
    total = sum(variances)
    df = float(sum(counts) - 2)
    if total > 0:
        df = 1 / sum((v / total) ** 2 / (c - 1) for v, c in zip(variances, counts, strict=True))
    half = float(t.ppf(0.5 + confidence / 2, df)) * math.sqrt(total)
    return Interval(
        low=value - half,
        high=value + half,
        confidence=confidence,
        method=f"infinitesimal jackknife of {unit}, t interval, {df:.0f} df",
        notes=notes,
    )
