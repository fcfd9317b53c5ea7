"""One-sided evidence about means of videos, with whole prompts as the unit.

The method is the headline's: the studentised bootstrap, t below ten prompts. Two things come on
top, because a wrong PASS costs more here than a wide interval in a report. For a limit on the side
of the long tail p is multiplied by `1 + 8 g^2 / sqrt(C)`, with g the skewness of the C prompts'
means: without it 13 % of skewed samples of 12 prompts passed a limit at their true mean. And where
so few prompts differ from all others that many resamples hold none of them, the range of the number
bounds what as many prompts can hide, exactly. docs/decisions has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.gates.bounds import Estimate, Side, binomial_tail, smallest
from bench.stats.bootstrap import MIN_CLUSTERS, studentised
from bench.stats.clusters import cluster_means, cluster_sums, clustered_standard_error
from bench.stats.power import n_paired

F64 = npt.NDArray[np.float64]
N_RESAMPLES = 9999
RARE = 1e-3
"""More resamples without any spread than this share, and the bootstrap decides nothing."""


def surcharge(skew: float, n_clusters: int, side: Side) -> float:
    """By how much p grows where the limit lies on the side of the long tail; 1 elsewhere."""
    towards = max(0.0, skew if side is Side.BELOW else -skew)
    return 1 + 8 * towards**2 / math.sqrt(n_clusters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """A mean of which `k` of the clusters differ from the rest, `mode`, within a range.

    A mean beyond a limit needs some share of clusters that differ, as far as the range lets them:
    that share is held against the count that does.
    """

    value: float
    mode: float
    k: int
    n: int
    n_clusters: int
    low: float
    high: float

    @property
    def method(self) -> str:
        """What the bound rests on."""
        return f"exact, {self.k} of {self.n_clusters} clusters differ, within the number's range"

    def _room(self, side: Side) -> float:
        return (self.high if side is Side.BELOW else self.low) - self.mode

    def p(self, limit: float, side: Side) -> float:
        """The chance of so few that differ, were there as many as the limit needs."""
        room, slack = self._room(side), limit - self.mode
        if not math.isfinite(room) or slack == 0 or (slack > 0) != (side is Side.BELOW):
            return 1.0
        if abs(slack) > abs(room):
            return 0.0
        return binomial_tail(self.k, self.n_clusters, slack / room, Side.BELOW)

    def bound(self, alpha: float, side: Side) -> float:
        """The mean if as many differ, as far as can be, as would be missed with this chance."""
        from scipy.special import betaincinv

        room = self._room(side)
        if not room:
            return self.mode
        share = float(betaincinv(self.k + 1, self.n_clusters - self.k, 1 - alpha))
        return self.mode + share * room

    def needed(self, limit: float, alpha: float, power: float) -> int | None:
        """As many clusters as show that what differs is rare enough."""
        side = Side.BELOW if self.value < limit else Side.ABOVE
        room = self._room(side)
        need = (limit - self.mode) / room if room and math.isfinite(room) else 0.0
        if not self.k / self.n_clusters < need < 1:
            return None
        share = self.k / self.n_clusters
        clusters = smallest(share, need, alpha, power)
        return None if clusters is None else math.ceil(clusters * self.n / self.n_clusters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A number with a standard error and degrees of freedom: t."""

    value: float
    error: float
    df: float
    n: int
    n_clusters: int
    skew: float = 0.0
    method: str = "t"

    def p(self, limit: float, side: Side) -> float:
        """Student's tail."""
        from scipy.stats import t

        statistic = (self.value - limit) / self.error
        tail = float(t.cdf(statistic if side is Side.BELOW else -statistic, self.df))
        return min(1.0, tail * surcharge(self.skew, self.n_clusters, side))

    def bound(self, alpha: float, side: Side) -> float:
        """The value and t times its error."""
        from scipy.stats import t

        half = float(t.isf(alpha / surcharge(self.skew, self.n_clusters, side), self.df))
        return self.value + (half if side is Side.BELOW else -half) * self.error

    def needed(self, limit: float, alpha: float, power: float) -> int | None:
        """By the noncentral t at the standard deviation of one cluster."""
        return _needed(self, limit, alpha, power)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """A mean with its studentised resamples `t_B`, sorted."""

    value: float
    error: float
    n: int
    n_clusters: int
    skew: float
    t_B: F64 = field(repr=False)
    method: str = "bootstrap-t of clusters"

    def p(self, limit: float, side: Side) -> float:
        """The share of resamples as far out, counting the sample itself as one of them."""
        statistic = (self.value - limit) / self.error
        out = self.t_B <= statistic if side is Side.BELOW else self.t_B >= statistic
        tail = (1 + int(out.sum())) / (1 + len(self.t_B))
        return min(1.0, tail * surcharge(self.skew, self.n_clusters, side))

    def bound(self, alpha: float, side: Side) -> float:
        """The limit at which p is `alpha`; infinite where the resamples cannot tell."""
        level = alpha / surcharge(self.skew, self.n_clusters, side)
        out = math.floor(level * (1 + len(self.t_B)) + 1e-9) - 1
        if out < 0:
            return math.inf if side is Side.BELOW else -math.inf
        edge = self.t_B[out] if side is Side.BELOW else self.t_B[-1 - out]
        return self.value - float(edge) * self.error

    def needed(self, limit: float, alpha: float, power: float) -> int | None:
        """By the noncentral t at the standard deviation of one cluster."""
        return _needed(self, limit, alpha, power)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lumpy:
    """A mean of which few clusters differ: the better of two, each at half the level."""

    rare: Rare
    spread: Spread

    @property
    def value(self) -> float:
        """The mean."""
        return self.spread.value

    @property
    def method(self) -> str:
        """Both."""
        return f"better of two at half the level: {self.rare.method}; {self.spread.method}"

    def p(self, limit: float, side: Side) -> float:
        """Twice the smaller p."""
        return min(1.0, 2 * min(self.rare.p(limit, side), self.spread.p(limit, side)))

    def bound(self, alpha: float, side: Side) -> float:
        """The nearer bound at half the level."""
        ends = [one.bound(alpha / 2, side) for one in (self.rare, self.spread)]
        return min(ends) if side is Side.BELOW else max(ends)

    def needed(self, limit: float, alpha: float, power: float) -> int | None:
        """The fewer of the two."""
        needs = [one.needed(limit, alpha / 2, power) for one in (self.rare, self.spread)]
        return min((n for n in needs if n is not None), default=None)


def _needed(made: Spread | Resampled, limit: float, alpha: float, power: float) -> int | None:
    if made.value == limit:
        return None
    side = Side.BELOW if made.value < limit else Side.ABOVE
    effect = (made.value - limit) / (made.error * math.sqrt(made.n_clusters))
    level, clusters = alpha / surcharge(made.skew, made.n_clusters, side), 0
    try:
        for _ in range(3):  # the surcharge shrinks with the clusters that are asked for
            clusters = n_paired(effect, alpha=2 * level, power=power)
            level = alpha / surcharge(made.skew, clusters, side)
    except UsageError:
        return None
    return math.ceil(clusters * made.n / made.n_clusters - 1e-9)


def mean_of(
    values_N: F64,
    clusters: Sequence[str],
    *,
    low: float = -math.inf,
    high: float = math.inf,
    seed: int = 0,
) -> Estimate | None:
    """The mean of videos' values, clustered; None below two clusters.

    Args:
        values_N: one a video, finite.
        clusters: the label of each video's cluster.
        low: the least that a value can be.
        high: the most.
        seed: of the resampling.
    """
    n, n_clusters = len(values_N), len(set(clusters))
    if n_clusters < 2:
        return None
    means_C = cluster_means(values_N, clusters)
    value = float(values_N.mean())
    error = clustered_standard_error(values_N, clusters)
    rare = _rare(value, means_C, n, low, high)
    if error <= 1e-12 * abs(value):
        return rare
    few = n_clusters < MIN_CLUSTERS
    why = f"fewer than {MIN_CLUSTERS} clusters" if few else "few videos differ"
    spread = Spread(
        value=value,
        error=error,
        df=n_clusters - 1,
        n=n,
        n_clusters=n_clusters,
        skew=_skew(means_C),
        method=f"t, {n_clusters - 1} df ({why})",
    )
    if few:
        return spread
    sums_C, counts_C = cluster_sums(values_N, clusters)
    rng = np.random.Generator(np.random.PCG64(seed))
    t_B, error, flat = studentised(sums_C, counts_C, N_RESAMPLES, rng)
    if flat > RARE * N_RESAMPLES:
        return Lumpy(rare=rare, spread=spread)
    return Resampled(
        value=value,
        error=error,
        n=n,
        n_clusters=n_clusters,
        skew=spread.skew,
        t_B=np.sort(t_B),
    )


def _rare(value: float, means_C: F64, n: int, low: float, high: float) -> Rare:
    # equal but for rounding is equal
    near_C = np.round(means_C / (float(np.abs(means_C).max()) or 1.0), 9)
    modes, counts = np.unique(near_C, return_counts=True)
    common = near_C == modes[counts.argmax()]
    mode = float(means_C[common][0])
    return Rare(
        value=value,
        mode=mode,
        k=int((~common).sum()),
        n=n,
        n_clusters=len(means_C),
        low=low,
        high=high,
    )


def _skew(means_C: F64) -> float:
    from scipy.stats import skew

    if len(means_C) < 3 or float(means_C.std()) <= 1e-12 * abs(float(means_C.mean())):
        return 0.0
    return float(skew(means_C, bias=False))


def welch(x_C: F64, y_C: F64) -> Spread | None:
    """The mean of `y` less that of `x`, two independent sets of clusters' means (Welch 1947).

    None below two clusters a side, and where no two of them differ.
    """
    if min(len(x_C), len(y_C)) < 2:
        return None
    parts = [float(a_C.var(ddof=1)) / len(a_C) for a_C in (x_C, y_C)]
    total = sum(parts)
    if total == 0:
        return None
    df = total**2 / sum(v**2 / (len(a) - 1) for v, a in zip(parts, (x_C, y_C), strict=True))
    return Spread(
        value=float(y_C.mean() - x_C.mean()),
        error=math.sqrt(total),
        df=df,
        n=len(x_C) + len(y_C),
        n_clusters=len(x_C) + len(y_C),
        method=f"Welch's t of clusters' means, {df:.0f} df",
    )
