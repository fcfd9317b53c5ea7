"""Are the shares of K outcomes those of a target? Exact and Monte Carlo tests, and distances.

The exact test adds up the probabilities of all tables that are no likelier than the one seen; where
there are too many tables, they are drawn, and p is `(b + 1) / (B + 1)` (Phipson and Smyth 2010).
Distances of a sample from its target are above 0 by chance alone, so the total variation comes with
what chance would give.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError

F64 = npt.NDArray[np.float64]
MOST_TABLES = 2_000_000
ROUNDING = 1e-9
"""Tables whose log probabilities differ by less are as likely as each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The p of a test against a target and how it was made; no seed where nothing was drawn."""

    p: float
    method: str
    n_draws: int = 0
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pearson:
    """Pearson's X^2, its degrees of freedom and asymptotic p, and the least expected count."""

    statistic: float
    df: int
    p: float
    least_expected: float


def goodness_of_fit(
    counts_K: Sequence[int], target_K: Sequence[float], *, n_draws: int = 9999, seed: int = 0
) -> Fit:
    """The exact test where its tables can be counted, else the Monte Carlo one."""
    n, k = sum(counts_K), len(counts_K)
    if math.comb(n + k - 1, k - 1) <= MOST_TABLES:
        return Fit(p=exact(counts_K, target_K), method="exact multinomial")
    p = monte_carlo(counts_K, target_K, n_draws=n_draws, seed=seed)
    return Fit(p=p, method="Monte Carlo multinomial", n_draws=n_draws, seed=seed)


def exact(counts_K: Sequence[int], target_K: Sequence[float]) -> float:
    """Exact p: the probability, under the target, of all tables no likelier than the one seen.

    Raises:
        UsageError: for a target with zeros or with another sum than 1, or for too many tables.
    """
    target = _known_target(counts_K, target_K)
    n, k = sum(counts_K), len(counts_K)
    n_tables = math.comb(n + k - 1, k - 1)
    if n_tables > MOST_TABLES:
        raise UsageError(
            "too many tables to count", seen=n_tables, legal=MOST_TABLES, then="monte_carlo"
        )
    log_n = _log_factorials(n)
    seen = _log_probability(np.asarray([counts_K]), target, log_n)[0]
    total = 0.0
    for tables_BK in _tables(n, k):
        logs_B = _log_probability(tables_BK, target, log_n)
        total += float(np.exp(logs_B[logs_B <= seen + ROUNDING]).sum())
    return min(1.0, total)


def monte_carlo(
    counts_K: Sequence[int], target_K: Sequence[float], *, n_draws: int = 9999, seed: int = 0
) -> float:
    """As :func:`exact`, from tables drawn under the target by an own generator (PCG64)."""
    target = _known_target(counts_K, target_K)
    n = sum(counts_K)
    log_n = _log_factorials(n)
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn_BK = rng.multinomial(n, target, size=n_draws)
    seen = _log_probability(np.asarray([counts_K]), target, log_n)[0]
    extreme = np.count_nonzero(_log_probability(drawn_BK, target, log_n) <= seen + ROUNDING)
    return (int(extreme) + 1) / (n_draws + 1)


def clustered_test(
    counts_K: Sequence[int],
    targets_BK: F64,
    *,
    n_effective: float,
    df: float = math.inf,
    seed: int = 0,
) -> float:
    """Monte Carlo p of Pearson's X^2 where videos come in clusters, or the target is not sure.

    The X^2 of the shares at the effective n (Rao and Scott 1981) is held against that of tables of
    as many videos, one drawn under each row of `targets_BK`. A row differs from another where the
    target was led through a reader's confusion that is an estimate. An effect that was itself
    measured, with `df` degrees of freedom, spreads the drawn X^2 as an F does.

    Args:
        counts_K: videos by category.
        targets_BK: the target's shares for each of B draws, above 0.
        n_effective: what the videos are worth, at most their number.
        df: of the design effect; infinite where it was not measured.
        seed: of the drawing's own generator (PCG64).
    """
    expected_K = targets_BK.mean(axis=0)
    _known_target(counts_K, [float(q) for q in expected_K])
    n_drawn = max(1, round(n_effective))
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn_BK = rng.multinomial(n_drawn, targets_BK) / n_drawn
    drawn_B = n_drawn * ((drawn_BK - expected_K) ** 2 / expected_K).sum(axis=1)
    if math.isfinite(df):
        drawn_B = drawn_B / (rng.chisquare(df, len(drawn_B)) / df)
    seen = n_effective * float(((_shares(counts_K) - expected_K) ** 2 / expected_K).sum())
    extreme = int(np.count_nonzero(drawn_B >= seen * (1 - ROUNDING) - 1e-12))
    return (extreme + 1) / (len(drawn_B) + 1)


def pearson(counts_K: Sequence[int], target_K: Sequence[float]) -> Pearson:
    """Pearson's X^2 = sum (O-E)^2/E; where an expected count is below 5, use the exact test."""
    from scipy.stats import chisquare

    target = _known_target(counts_K, target_K)
    expected_K = sum(counts_K) * target
    made = chisquare(np.asarray(counts_K), expected_K)
    return Pearson(
        statistic=float(made.statistic),
        df=len(target) - 1,
        p=float(made.pvalue),
        least_expected=float(expected_K.min()),
    )


def total_variation(counts_K: Sequence[int], target_K: Sequence[float]) -> float:
    """Half the sum of absolute differences of the shares, 0 to 1."""
    target = _known_target(counts_K, target_K)
    return 0.5 * float(np.abs(_shares(counts_K) - target).sum())


def expected_total_variation(n: int, target_K: Sequence[float]) -> float:
    """What chance alone gives at n: about `0.5 sum sqrt(2 q (1-q) / (pi n))`."""
    q_K = np.asarray(target_K, dtype=np.float64)
    return 0.5 * float(np.sqrt(2 * q_K * (1 - q_K) / (math.pi * n)).sum())


def total_variation_test(
    counts_K: Sequence[int], target_K: Sequence[float], *, n_draws: int = 9999, seed: int = 0
) -> tuple[float, float]:
    """Monte Carlo p of the total variation, and its 95th percentile under the target."""
    target = _known_target(counts_K, target_K)
    n = sum(counts_K)
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn_B = 0.5 * np.abs(rng.multinomial(n, target, size=n_draws) / n - target).sum(axis=1)
    seen = total_variation(counts_K, target_K) - ROUNDING
    p = (int(np.count_nonzero(drawn_B >= seen)) + 1) / (n_draws + 1)
    return p, float(np.quantile(drawn_B, 0.95))


def kullback_leibler(counts_K: Sequence[int], target_K: Sequence[float]) -> float:
    """KL(shares || target) in nats; `2 n KL` is the G statistic."""
    from scipy.special import rel_entr

    return float(rel_entr(_shares(counts_K), _known_target(counts_K, target_K)).sum())


def jensen_shannon(counts_K: Sequence[int], target_K: Sequence[float]) -> float:
    """Jensen-Shannon divergence in nats, 0 to ln 2."""
    from scipy.special import rel_entr

    p, q = _shares(counts_K), _known_target(counts_K, target_K)
    middle = (p + q) / 2
    return 0.5 * float(rel_entr(p, middle).sum() + rel_entr(q, middle).sum())


def wasserstein(counts_K: Sequence[int], target_K: Sequence[float]) -> float:
    """1-Wasserstein distance on ranks, in steps of an ordinal scale: 0 to K - 1.

    Total variation does not know that the next band is nearer than the one after it; this does.
    """
    target = _known_target(counts_K, target_K)
    return float(np.abs(np.cumsum(_shares(counts_K) - target)[:-1]).sum())


def normalised_entropy(counts_K: Sequence[int]) -> float:
    """Entropy of the shares over ln K: 0 for one outcome only, 1 for equal shares."""
    from scipy.special import entr

    return float(entr(_shares(counts_K)).sum()) / math.log(len(counts_K))


def _shares(counts_K: Sequence[int]) -> F64:
    counts = np.asarray(counts_K, dtype=np.float64)
    shares: F64 = counts / counts.sum()
    return shares


def _known_target(counts_K: Sequence[int], target_K: Sequence[float]) -> F64:
    target = np.asarray(target_K, dtype=np.float64)
    if len(counts_K) != len(target) or len(target) < 2 or min(counts_K) < 0 or not sum(counts_K):
        raise UsageError(
            "counts and target do not fit", seen=f"{list(counts_K)} and {list(target_K)}"
        )
    if not (target > 0).all() or abs(target.sum() - 1) > 1e-9:
        raise UsageError(
            "no such target", seen=list(target_K), legal="shares above 0 that add up to 1"
        )
    return np.asarray(target / target.sum(), dtype=np.float64)


def _log_factorials(n: int) -> F64:
    from scipy.special import gammaln

    made: F64 = gammaln(np.arange(n + 1) + 1.0)
    return made


def _log_probability(tables_BK: npt.NDArray[np.integer], target_K: F64, log_n: F64) -> F64:
    logs: F64 = log_n[-1] - log_n[tables_BK].sum(axis=1) + tables_BK @ np.log(target_K)
    return logs


def _tables(n: int, k: int) -> Iterator[npt.NDArray[np.int64]]:
    """All ways to write n as k ordered counts, in blocks: one for each choice of all but two."""
    if k == 2:
        first = np.arange(n + 1)
        yield np.stack([first, n - first], axis=1)
        return
    for first_count in range(n + 1):
        for rest in _tables(n - first_count, k - 1):
            yield np.column_stack([np.full(len(rest), first_count), rest])
