"""Intervals for means and proportions of videos, clustered by prompt. The frame is never the unit.

A mean's interval resamples whole clusters (Efron and Tibshirani 1993, chapters 8, 12 to 14):
`bootstrap-t`, which covers best where the numbers are skewed and prompts are few, `bca` (Efron
1987) or `percentile`; docs/decisions/0005 has the measured coverage of each. Below ten clusters no
bootstrap is to be trusted: there it is a t interval on the clustered standard error. A
proportion's is Wilson's, with n divided by the design effect of the clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats._checks import known_level
from bench.stats.clusters import cluster_sums, clustered_standard_error, design_effect
from bench.stats.proportions import wilson
from bench.types import Interval

F64 = npt.NDArray[np.float64]
MIN_CLUSTERS = 10
DEFAULT = "bootstrap-t"
_BLOCK = 4_000_000


def mean_interval(
    values_N: F64,
    clusters: Sequence[str],
    *,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
    method: str = DEFAULT,
) -> Interval | None:
    """Interval of the mean of `values_N`; None when there are fewer than two clusters.

    Args:
        values_N: one value a video, finite.
        clusters: the label of each video's cluster (its prompt), length N.
        confidence: two-sided, between 0 and 1.
        n_resamples: bootstrap resamples of clusters.
        seed: of the resampling's own generator (PCG64).
        method: `bootstrap-t`, `bca` or `percentile`.

    Raises:
        UsageError: for a method that there is not, or an impossible confidence.
    """
    known_level("confidence", confidence)
    if method not in METHODS:
        raise UsageError("no such bootstrap", seen=method, legal=", ".join(METHODS))
    n_clusters = len(set(clusters))
    if n_clusters < 2:
        return None
    if n_clusters < MIN_CLUSTERS:
        return t_interval(values_N, clusters, confidence=confidence)
    sums_C, counts_C = cluster_sums(values_N, clusters)
    low, high, degenerate = METHODS[method](
        sums_C, counts_C, confidence, n_resamples, np.random.Generator(np.random.PCG64(seed))
    )
    notes = (f"{degenerate} of {n_resamples} resamples had no spread",) if degenerate else ()
    if not np.isfinite([low, high]).all():
        # so few videos differ from the others that many resamples hold none of them
        made = t_interval(values_N, clusters, confidence=confidence)
        return Interval(
            low=made.low, high=made.high, confidence=confidence, method=made.method, notes=notes
        )
    return Interval(
        low=low,
        high=high,
        confidence=confidence,
        method=f"{method} of clusters"
        if "bootstrap" in method
        else f"{method} bootstrap of clusters",
        n_resamples=n_resamples,
        seed=seed,
        notes=notes,
    )


def t_interval(values_N: F64, clusters: Sequence[str], *, confidence: float = 0.95) -> Interval:
    """The t interval on the clustered standard error with C - 1 degrees of freedom, C >= 2."""
    from scipy.stats import t

    n_clusters = len(set(clusters))
    mean = float(values_N.mean())
    half = float(t.ppf(0.5 + confidence / 2, n_clusters - 1))
    half *= clustered_standard_error(values_N, clusters)
    why = f" (fewer than {MIN_CLUSTERS} clusters)" if n_clusters < MIN_CLUSTERS else ""
    return Interval(
        low=mean - half,
        high=mean + half,
        confidence=confidence,
        method=f"t interval, {n_clusters - 1} df{why}",
    )


def proportion_interval(
    values_N: F64, clusters: Sequence[str], *, confidence: float = 0.95
) -> Interval:
    """Wilson's interval for the share of ones in `values_N` (each 0 or 1), clustered."""
    effect = design_effect(values_N, clusters)
    low, high = wilson(float(values_N.mean()), len(values_N) / effect, confidence)
    notes = (f"design effect {effect:.2f}",) if effect > 1 else ()
    return Interval(low=low, high=high, confidence=confidence, method="Wilson score", notes=notes)


def _resampled(columns_CK: F64, n_resamples: int, rng: np.random.Generator) -> F64:
    """Sums (B, K) of each column over C clusters drawn with replacement, in small blocks."""
    n_clusters = len(columns_CK)
    share_C = np.full(n_clusters, 1 / n_clusters)
    block = max(1, _BLOCK // n_clusters)
    sizes = [min(block, n_resamples - done) for done in range(0, n_resamples, block)]
    return np.concatenate(
        [rng.multinomial(n_clusters, share_C, size=size) @ columns_CK for size in sizes]
    )


def _percentile(
    sums_C: F64, counts_C: F64, confidence: float, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float, int]:
    mean = float(sums_C.sum() / counts_C.sum())
    columns = np.stack([sums_C - mean * counts_C, counts_C], axis=1)
    moved_B, n_B = _resampled(columns, n_resamples, rng).T
    tail = (1 - confidence) / 2
    low, high = np.quantile(moved_B / n_B, [tail, 1 - tail])
    return mean + float(low), mean + float(high), 0


def _bca(
    sums_C: F64, counts_C: F64, confidence: float, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float, int]:
    """Bias-corrected and accelerated (Efron 1987), accelerated by leaving out each cluster."""
    from scipy.special import ndtr, ndtri

    mean = float(sums_C.sum() / counts_C.sum())
    residuals_C = sums_C - mean * counts_C
    moved_B, n_B = _resampled(np.stack([residuals_C, counts_C], axis=1), n_resamples, rng).T
    moved_B = moved_B / n_B
    left_out_C = -residuals_C / (counts_C.sum() - counts_C)
    d_C = left_out_C.mean() - left_out_C
    spread = float((d_C**2).sum()) ** 1.5
    if spread == 0:
        return mean, mean, 0
    acceleration = float((d_C**3).sum()) / (6 * spread)
    # ties count half, so that a mean which many resamples meet is no bias
    below = float(np.mean(moved_B < 0) + 0.5 * np.mean(moved_B == 0))
    bias = float(ndtri(min(max(below, 0.5 / n_resamples), 1 - 0.5 / n_resamples)))
    z = bias + ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    low, high = np.quantile(moved_B, ndtr(bias + z / (1 - acceleration * z)))
    return mean + float(low), mean + float(high), 0


def _bootstrap_t(
    sums_C: F64, counts_C: F64, confidence: float, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float, int]:
    mean = float(sums_C.sum() / counts_C.sum())
    t_B, error, degenerate = studentised(sums_C, counts_C, n_resamples, rng)
    if error == 0:
        return mean, mean, 0
    tail = (1 - confidence) / 2
    # order statistics, because a value between infinity and a number is no number
    low, high = np.quantile(t_B, [tail, 1 - tail], method="closest_observation")
    return mean - float(high) * error, mean - float(low) * error, degenerate


def studentised(
    sums_C: F64, counts_C: F64, n_resamples: int, rng: np.random.Generator
) -> tuple[F64, float, int]:
    """Each resample's mean in units of its own clustered standard error (Hall 1988).

    With r_c a cluster's residual sum about the mean, n_c its size and w_c how often it was drawn,
    a resample's mean moves by `d = sum w r / sum w n`, and the square of its standard error is
    `C/(C-1) sum w (r - d n)^2 / (sum w n)^2`.

    Returns:
        The moves (B,), infinite where a resample moved and has no spread; the standard error of the
        mean, 0 (and no moves) where the clusters do not differ; how many had no spread.
    """
    n_clusters, n = len(sums_C), float(counts_C.sum())
    mean = float(sums_C.sum()) / n
    residuals_C = sums_C - mean * counts_C
    total = float((residuals_C**2).sum())
    scale = n_clusters / (n_clusters - 1)
    if total <= (1e-12 * abs(mean) * n) ** 2:
        return np.empty(0), 0.0, 0
    columns = np.stack(
        [residuals_C, counts_C, residuals_C**2, residuals_C * counts_C, counts_C**2], axis=1
    )
    r_B, n_B, rr_B, rn_B, nn_B = _resampled(columns, n_resamples, rng).T
    d_B = r_B / n_B
    squares_B = rr_B - 2 * d_B * rn_B + d_B**2 * nn_B
    flat_B = squares_B <= 1e-12 * total
    t_B = np.divide(d_B * n_B, np.sqrt(scale * np.where(flat_B, 1.0, squares_B)))
    t_B[flat_B] = np.where(np.abs(d_B[flat_B]) > 0, np.copysign(np.inf, d_B[flat_B]), 0.0)
    return t_B, float(np.sqrt(scale * total)) / n, int(flat_B.sum())


METHODS: Mapping[
    str, Callable[[F64, F64, float, int, np.random.Generator], tuple[float, float, int]]
] = {
    "bootstrap-t": _bootstrap_t,
    "bca": _bca,
    "percentile": _percentile,
}
