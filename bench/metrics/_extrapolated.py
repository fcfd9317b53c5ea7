"""FVD without its sampling bias, and what it would be between two halves of the reference.

Over sets of one size the bias of a Fréchet distance falls as 1/n (Chong and Forsyth 2020, arXiv
1911.07023): so a straight line through its values at several n, against 1/n, meets 0 at the value
for unlimited n. Subsets are of whole clusters, drawn without replacement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.metrics._frechet import frechet_distance
from bench.metrics.base import F64

SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
N_SUBSETS = 8
N_HALVES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The distance at unlimited n, the slope by 1/n, and the points that it went through."""

    at_infinity: float
    slope: float
    one_over_n: tuple[float, ...]
    values: tuple[float, ...]


def extrapolate(
    x_ND: F64,
    y_MD: F64,
    *,
    x_clusters: Sequence[str],
    y_clusters: Sequence[str],
    ddof: int = 1,
    seed: int = 0,
) -> Line:
    """The distance for unlimited videos, from subsets of both sides.

    Args:
        x_ND: candidate rows.
        y_MD: reference rows.
        x_clusters: whose each candidate row is; a subset holds whole clusters.
        y_clusters: the same of the reference.
        ddof: as for the distance.
        seed: of the drawing's own generator (PCG64).

    Raises:
        UsageError: for fewer than ten clusters on a side, or fewer rows than twice the features:
            a half would then have a singular covariance, where the bias is no longer 1/n (with 60
            rows of 60 features what was left of the bias was larger than the distance).
    """
    if min(len(x_ND), len(y_MD)) < 2 * x_ND.shape[1]:
        raise UsageError(
            "too few videos for a straight line in 1/n",
            seen=f"{len(x_ND)} and {len(y_MD)} of {x_ND.shape[1]} features",
            legal="twice as many as features on each side",
        )
    n_clusters = [len(set(x_clusters)), len(set(y_clusters))]
    if min(n_clusters) < 10:
        raise UsageError(
            "too few clusters to tell the bias from the distance",
            seen=" and ".join(map(str, n_clusters)),
            legal="10 or more on each side",
        )
    rng = np.random.Generator(np.random.PCG64(seed))
    inverse, values = [], []
    for share in SHARES:
        for _ in range(N_SUBSETS if share < 1 else 1):
            x = x_ND[_subset(x_clusters, share, rng)]
            y = y_MD[_subset(y_clusters, share, rng)]
            # the two sides' biases add up, each by its own n
            inverse.append((1 / len(x) + 1 / len(y)) / 2)
            values.append(frechet_distance(x, y, ddof))
    slope, at_infinity = np.polyfit(inverse, values, 1)
    return Line(
        at_infinity=float(at_infinity),
        slope=float(slope),
        one_over_n=tuple(inverse),
        values=tuple(values),
    )


def split_half_floor(
    y_MD: F64, y_clusters: Sequence[str], *, ddof: int = 1, seed: int = 0
) -> tuple[float, float]:
    """Mean and largest distance of the reference's halves to each other, over 20 splits.

    A candidate of that half's size that is no farther from the reference is as good as real.

    Raises:
        UsageError: for a half of fewer than two rows.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    values = []
    for _ in range(N_HALVES):
        one = _subset(y_clusters, 0.5, rng)
        values.append(frechet_distance(y_MD[one], y_MD[~one], ddof))
    return float(np.mean(values)), float(np.max(values))


def _subset(
    clusters: Sequence[str], share: float, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    names = np.asarray(clusters, dtype=str)
    unique = np.unique(names)
    chosen = rng.choice(unique, size=max(2, round(share * len(unique))), replace=False)
    return np.isin(names, chosen)
