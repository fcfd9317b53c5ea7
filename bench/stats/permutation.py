"""Permutation tests: pairs with whole prompts as the unit, and two independent sets of prompts.

Two systems that are the same could have swapped their outputs for a prompt, all seeds of it at
once: so under the null the sign of a prompt's summed difference is a coin's (Fisher 1935; Good
2005). All signs are tried where there are few prompts, else they are drawn, and the p is
`(b + 1) / (B + 1)` (Phipson and Smyth 2010), which is never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats.clusters import cluster_sums

F64 = npt.NDArray[np.float64]
ENUMERATED = 13
"""Up to so many clusters all `2^C` signs are tried."""
_BLOCK = 2_000_000
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Permuted:
    """A two-sided permutation p and how it was made; `seed` is None where nothing was drawn."""

    p: float
    method: str
    n_permutations: int
    seed: int | None


def paired(
    differences_N: F64,
    clusters: Sequence[str],
    *,
    n_permutations: int = 9999,
    seed: int = 0,
) -> Permuted:
    """Two-sided p that the mean of paired differences is 0, by flipping signs of whole clusters.

    Args:
        differences_N: one difference a pair, finite.
        clusters: the label of each pair's cluster (its prompt), length N.
        n_permutations: drawn where there are more than 13 clusters.
        seed: of the drawing's own generator (PCG64).
    """
    sums_C, _ = cluster_sums(differences_N, clusters)
    n_clusters = len(sums_C)
    seen = abs(float(sums_C.sum())) * (1 - _ROUNDING)
    if n_clusters <= ENUMERATED:
        bits = (np.arange(2**n_clusters)[:, None] >> np.arange(n_clusters)) & 1
        share = float(np.mean(np.abs((2.0 * bits - 1) @ sums_C) >= seen))
        method = f"all {2**n_clusters} sign flips of {n_clusters} clusters"
        return Permuted(p=share, method=method, n_permutations=2**n_clusters, seed=None)
    rng = np.random.Generator(np.random.PCG64(seed))
    extreme = 0
    for size in _blocks(n_permutations, n_clusters):
        signs_BC = 2.0 * rng.integers(0, 2, size=(size, n_clusters)) - 1
        extreme += int(np.count_nonzero(np.abs(signs_BC @ sums_C) >= seen))
    return Permuted(
        p=(extreme + 1) / (n_permutations + 1),
        method=f"sign flips of {n_clusters} clusters",
        n_permutations=n_permutations,
        seed=seed,
    )


def unpaired(x_C: F64, y_C: F64, *, n_permutations: int = 9999, seed: int = 0) -> Permuted:
    """Two-sided p that two independent sets of clusters' means have one mean.

    Labels are dealt anew and the statistic is Welch's t, which keeps its level where the two
    sets' spreads differ (Janssen 1997).

    Raises:
        UsageError: for fewer than two clusters on a side.
    """
    if min(len(x_C), len(y_C)) < 2:
        raise UsageError(
            "too few clusters to compare", seen=f"{len(x_C)} and {len(y_C)}", legal="2 or more"
        )
    pool, n = np.concatenate([x_C, y_C]), len(x_C)
    # what is added to all changes no difference; without it sums of squares keep their digits
    pool = pool - pool.mean()
    rng = np.random.Generator(np.random.PCG64(seed))
    seen = float(_welch_t(pool[None, :n], pool[None, n:])[0]) * (1 - _ROUNDING)
    extreme = 0
    for size in _blocks(n_permutations, len(pool)):
        dealt = rng.permuted(np.broadcast_to(pool, (size, len(pool))), axis=1)
        extreme += int(np.count_nonzero(_welch_t(dealt[:, :n], dealt[:, n:]) >= seen))
    return Permuted(
        p=(extreme + 1) / (n_permutations + 1),
        method=f"labels dealt anew among {len(pool)} clusters, Welch's t",
        n_permutations=n_permutations,
        seed=seed,
    )


def _welch_t(x_BN: F64, y_BM: F64) -> F64:
    """Absolute Welch t of each row; infinite where neither side varies and the means differ."""
    gap_B = np.abs(x_BN.mean(axis=1) - y_BM.mean(axis=1))
    variance_B = x_BN.var(axis=1, ddof=1) / x_BN.shape[1] + y_BM.var(axis=1, ddof=1) / y_BM.shape[1]
    t_B = np.zeros_like(gap_B)
    np.divide(gap_B, np.sqrt(variance_B), out=t_B, where=variance_B > 0)
    t_B[(variance_B == 0) & (gap_B > 0)] = np.inf
    return np.asarray(t_B, dtype=np.float64)


def _blocks(total: int, width: int) -> list[int]:
    """Sizes of blocks of rows that stay small in memory, in the order they are drawn."""
    block = max(1, _BLOCK // max(1, width))
    return [min(block, total - start) for start in range(0, total, block)]
