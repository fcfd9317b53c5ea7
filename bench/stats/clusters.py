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


def shares_design_effect(
    codes_N: npt.NDArray[np.intp], clusters: Sequence[str], strata: Sequence[str]
) -> tuple[float, float]:
    """What clustering costs the shares of a sample, at least 1, and its degrees of freedom.

    The first-order correction of Rao and Scott (1981): the mean over categories of
    `V_k n / (p_k (1 - p_k))`, each weighted by `1 - p_k`. It is taken within strata (groups that
    have shares of their own) and pooled over them, because a few prompts alone measure it badly. A
    stratum of one cluster is the whole of what is asked of it and says nothing; where nothing says
    anything the effect is 1 with infinite degrees of freedom. Where no stratum has any spread,
    videos of a cluster are taken to agree fully.

    Args:
        codes_N: the category of each video.
        clusters: the label of each video's cluster, length N.
        strata: the label of each video's stratum, length N; no cluster lies in two.
    """
    names = np.asarray(strata, dtype=str)
    labels = np.asarray(clusters, dtype=str)
    total, weight, df, flat = 0.0, 0, 0.0, []
    for stratum in np.unique(names):
        inside = names == stratum
        n, n_clusters = int(inside.sum()), len(set(labels[inside]))
        if n_clusters in {1, n}:
            continue
        n_seen = len(set(codes_N[inside]))
        if n_seen == 1:
            flat.append((n, n_clusters))
            continue
        total += n * _effect_in_stratum(codes_N[inside], labels[inside])
        weight += n
        df += (n_clusters - 1) * (n_seen - 1)
    if weight:
        return max(1.0, total / weight), df
    if flat:
        n, n_clusters = (sum(column) for column in zip(*flat, strict=True))
        return n / n_clusters, float(n_clusters - len(flat))
    return 1.0, math.inf


def _effect_in_stratum(codes_N: npt.NDArray[np.intp], labels_N: npt.NDArray[np.str_]) -> float:
    kinds, codes = np.unique(codes_N, return_inverse=True)
    names, inverse = np.unique(labels_N, return_inverse=True)
    n, n_clusters = len(codes), len(names)
    counts_CK = np.zeros((n_clusters, len(kinds)))
    np.add.at(counts_CK, (inverse, codes), 1.0)
    shares_K = counts_CK.sum(axis=0) / n
    residuals_CK = counts_CK - counts_CK.sum(axis=1, keepdims=True) * shares_K
    variances_K = n_clusters / (n_clusters - 1) * (residuals_CK**2).sum(axis=0) / n**2
    return float((variances_K * n / shares_K).sum()) / (len(kinds) - 1)


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
