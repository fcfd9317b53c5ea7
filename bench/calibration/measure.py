"""Spearman's correlation with strength and the size of the effect, with intervals over clips.

Pure functions on arrays. `values_NS` are one column's values of N clips at strengths 0 to 5, in
that order; a clip that lacks one (NaN) is left out as a whole, since its ladder has a gap. The clip
is the unit and its cluster (its scene or shot) what is resampled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bench.stats.bootstrap import mean_interval
from bench.types import Interval

F64 = npt.NDArray[np.float64]
CONFIDENCE = 0.95
N_RESAMPLES = 2000
ROUNDING = 1e-9
"""A value that differs by this share of itself differs by the order of a sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A column on a ladder. `change_S` and its bounds are against strength 0, in the column's unit.

    `moved` is whether any clip's value changed at all.
    """

    n_clips: int
    n_clusters: int
    rho: float
    rho_interval: Interval | None
    mean_S: F64
    change_S: F64
    low_S: F64
    high_S: F64
    spread: float
    moved: bool


def spearman(values_NS: F64) -> F64:
    """Spearman's correlation of each row with the strength, (N,); 0 where a row is constant.

    A constant row orders nothing, which is what 0 says; ties get their mean rank.
    """
    from scipy.stats import rankdata

    ranks_NS = rankdata(values_NS, axis=1)
    ranks_NS = ranks_NS - ranks_NS.mean(axis=1, keepdims=True)
    strength_S = np.arange(values_NS.shape[1]) - (values_NS.shape[1] - 1) / 2
    norm_N = np.linalg.norm(ranks_NS, axis=1) * np.linalg.norm(strength_S)
    rho_N: F64 = ranks_NS @ strength_S / np.where(norm_N > 0, norm_N, 1.0)
    return rho_N.clip(-1.0, 1.0)


def measure(values_NS: F64, clusters: Sequence[str], *, seed: int = 0) -> Measured | None:
    """A video metric's column on a ladder; None when no clip has all six values."""
    whole = [i for i, values_S in enumerate(values_NS) if bool(np.isfinite(values_S).all())]
    if not whole:
        return None
    values_NS, labels = _settled(values_NS[whole]), [clusters[i] for i in whole]
    change_NS = values_NS - values_NS[:, :1]
    rho_N = spearman(values_NS)
    intervals = [_interval(column_N, labels, seed) for column_N in change_NS.T]
    return Measured(
        n_clips=len(labels),
        n_clusters=len(set(labels)),
        rho=float(rho_N.mean()),
        rho_interval=_interval(rho_N, labels, seed),
        mean_S=values_NS.mean(axis=0),
        change_S=change_NS.mean(axis=0),
        low_S=np.array([np.nan if i is None else i.low for i in intervals]),
        high_S=np.array([np.nan if i is None else i.high for i in intervals]),
        spread=float(values_NS[:, 0].std(ddof=1)) if len(labels) > 1 else 0.0,
        moved=bool((change_NS != 0).any()),
    )


def _settled(values_NS: F64) -> F64:
    """The same with values that are the undamaged one but for the rounding of a sum set to it."""
    start_N1 = values_NS[:, :1]
    same_NS = np.abs(values_NS - start_N1) <= ROUNDING * np.abs(start_N1)
    settled: F64 = np.where(same_NS, start_N1, values_NS)
    return settled


def _interval(values_N: F64, labels: Sequence[str], seed: int) -> Interval | None:
    # percentile: a correlation ends at 1, where a studentised interval would go on
    return mean_interval(
        values_N,
        labels,
        confidence=CONFIDENCE,
        n_resamples=N_RESAMPLES,
        seed=seed,
        method="percentile",
    )


def measure_sets(
    rows_SND: Sequence[F64],
    reference_MD: F64,
    value: Callable[[F64, F64], float],
    clusters: Sequence[str],
    reference_clusters: Sequence[str],
    *,
    seed: int = 0,
) -> Measured:
    """A set metric's column on a ladder: one value a strength, each against the same reference.

    What leaving out one cluster does to the six values (of candidate clips, then of reference
    clips) gives their joint spread; values drawn with that spread give the intervals. Nothing is
    drawn with replacement, since a set with repeated clips is farther from anything than its
    original (docs/decisions/0003-interval-of-fvd.md).

    Args:
        rows_SND: the feature rows of the same N clips at each of six strengths.
        reference_MD: the rows of other clips, undamaged.
        value: the metric of candidate rows and reference rows.
        clusters: of the N clips; a cluster is left out at all strengths at once.
        reference_clusters: of the M clips.
        seed: of the drawing.
    """
    value_S = np.array([value(x_ND, reference_MD) for x_ND in rows_SND])
    found = Measured(
        n_clips=len(clusters),
        n_clusters=len(set(clusters)),
        rho=float(spearman(value_S[None])[0]),
        rho_interval=None,
        mean_S=value_S,
        change_S=value_S - value_S[0],
        low_S=np.full(len(value_S), np.nan),
        high_S=np.full(len(value_S), np.nan),
        spread=0.0,
        moved=bool((value_S != value_S[0]).any()),
    )
    if min(len(set(clusters)), len(set(reference_clusters))) < 2:
        return found
    of_candidate_CS = _moved(
        clusters, lambda keep: [value(x_ND[keep], reference_MD) for x_ND in rows_SND]
    )
    of_reference_CS = _moved(
        reference_clusters, lambda keep: [value(x_ND, reference_MD[keep]) for x_ND in rows_SND]
    )
    return _with_intervals(found, [of_candidate_CS, of_reference_CS], seed)


def _with_intervals(found: Measured, moved: Sequence[F64], seed: int) -> Measured:
    value_S = found.mean_S
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn_BS = value_S + sum(
        rng.standard_normal((N_RESAMPLES, len(moved_CS))) @ moved_CS for moved_CS in moved
    )
    # what no cluster moves is drawn where it was, but for the order of a sum
    drawn_BS = np.where(np.abs(drawn_BS - value_S) <= ROUNDING * np.abs(value_S), value_S, drawn_BS)
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    low, high = np.quantile(spearman(drawn_BS), tails)
    low_S, high_S = np.quantile(drawn_BS - drawn_BS[:, :1], tails, axis=0)
    interval = Interval(
        low=float(low),
        high=float(high),
        confidence=CONFIDENCE,
        method="draws with the jackknife's spread, of clusters of candidate and of reference",
        n_resamples=N_RESAMPLES,
        seed=seed,
    )
    return replace(found, rho_interval=interval, low_S=low_S, high_S=high_S)


def _moved(
    clusters: Sequence[str], values: Callable[[npt.NDArray[np.bool_]], Sequence[float]]
) -> F64:
    """How far each cluster moves the values (C, S): the sum of squares over C is their variance."""
    labels, inverse_N = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    left_out_CS = np.array([values(inverse_N != c) for c in range(len(labels))])
    moved_CS: F64 = left_out_CS - left_out_CS.mean(axis=0)
    return moved_CS * float(np.sqrt((len(labels) - 1) / len(labels)))
