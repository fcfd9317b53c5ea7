"""Whether scores are probabilities: Brier's score, the reliability curve, its expected error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats.proportions import wilson

F64 = npt.NDArray[np.float64]
B = npt.NDArray[np.bool_]
N_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Cases of neighbouring scores: their mean score, and how many of them are positive."""

    n: int
    k: int
    mean_score: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of positives."""
        return self.k / self.n


def brier(scores_N: F64, positive_N: B) -> float:
    """Mean squared difference of score and truth, 0 to 1 (Brier 1950); 0 is best."""
    _check(scores_N)
    return float(np.mean((scores_N - positive_N) ** 2))


def reliability(
    scores_N: F64, positive_N: B, *, n_bins: int = N_BINS, confidence: float = 0.95
) -> list[Bin]:
    """Bins of equal mass, by score, each with Wilson's interval of its share of positives.

    Equal scores are never parted, so there may be fewer bins than asked for.
    """
    _check(scores_N)
    order = np.argsort(scores_N, kind="stable")
    sorted_N, hits_N = scores_N[order], positive_N[order]
    ideal = np.linspace(0, len(sorted_N), n_bins + 1).round().astype(int)[1:-1]
    # a cut moves to the end of the run of equal scores that it falls into
    cuts = [int(np.searchsorted(sorted_N, sorted_N[i - 1], "right")) for i in ideal if i]
    edges = sorted({0, *cuts, len(sorted_N)})
    bins = []
    for start, end in zip(edges, edges[1:], strict=False):  # noqa: RUF007 - two ends of a bin
        k, n = int(hits_N[start:end].sum()), end - start
        low, high = wilson(k / n, n, confidence)
        mean = float(sorted_N[start:end].mean())
        bins.append(Bin(n=n, k=k, mean_score=mean, low=low, high=high))
    return bins


def expected_error(bins: list[Bin]) -> float:
    """Expected calibration error: mean over cases of |share of positives - mean score| of its bin.

    It is too high in small samples: chance alone moves the shares.
    """
    n = sum(one.n for one in bins)
    return sum(one.n * abs(one.share - one.mean_score) for one in bins) / n


def _check(scores_N: F64) -> None:
    if not len(scores_N) or not bool(((scores_N >= 0) & (scores_N <= 1)).all()):
        raise UsageError("no scores from 0 to 1", seen=f"{len(scores_N)} scores", legal="0 to 1")
