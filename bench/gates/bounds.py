"""One-sided evidence about one number: p-values and bounds, each the inverse of the other.

A share has Clopper and Pearson's exact bound (1934); where prompts have several videos, at the
effective count n over the design effect (Korn and Graubard 1998). Means stand in
:mod:`bench.gates.means`. Any other number has its own interval, asked for at the level needed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bench.stats.bootstrap import MIN_CLUSTERS
from bench.stats.clusters import design_effect as measured_effect
from bench.types import Interval

F64 = npt.NDArray[np.float64]
SMALLEST_P = 1e-6
MOST = 10**7
"""More videos than this are no plan."""


class Side(StrEnum):
    """On which side of a limit the truth is to be shown to lie."""

    BELOW = "below"
    ABOVE = "above"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.ABOVE if self is Side.BELOW else Side.BELOW


class Estimate(Protocol):
    """A number that can be held against a limit."""

    @property
    def value(self) -> float:
        """The number."""

    @property
    def method(self) -> str:
        """How its bounds are made."""

    def p(self, limit: float, side: Side) -> float:
        """The p-value of "the truth does not lie on this side of the limit"."""

    def bound(self, alpha: float, side: Side) -> float:
        """The bound that the truth lies beyond at most `alpha` often: upper for `BELOW`."""

    def needed(self, limit: float, alpha: float, power: float) -> int | None:
        """Videos that would decide, if the truth were the value; None where no number would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`k` of `n` videos, worth `n / effect` independent ones; exact where the effect is 1."""

    k: int
    n: int
    effect: float = 1.0

    @classmethod
    def of(cls, values_N: F64, clusters: Sequence[str]) -> Share:
        """The share of ones.

        Where fewer than ten clusters hold a one, or a zero, their agreement cannot be measured: a
        prompt's videos count as one.
        """
        n, labels = len(values_N), np.asarray(clusters, dtype=str)
        seen = min(len(set(labels[values_N == held].tolist())) for held in (0, 1))
        whole = n / len(set(clusters))
        effect = whole if seen < MIN_CLUSTERS else measured_effect(values_N, clusters)
        return cls(k=int(values_N.sum()), n=n, effect=effect)

    @property
    def value(self) -> float:
        """The share."""
        return self.k / self.n

    @property
    def method(self) -> str:
        """Exact, or at the effective count."""
        if self.effect == 1:
            return "Clopper-Pearson"
        return f"Clopper-Pearson at n over a design effect of {self.effect:.2f}"

    def p(self, limit: float, side: Side) -> float:
        """The binomial tail at the limit."""
        return binomial_tail(self.k / self.effect, self.n / self.effect, limit, side)

    def bound(self, alpha: float, side: Side) -> float:
        """Clopper and Pearson's."""
        from scipy.special import betaincinv

        k, n = self.k / self.effect, self.n / self.effect
        if side is Side.BELOW:
            return 1.0 if self.k == self.n else float(betaincinv(k + 1, n - k, 1 - alpha))
        return 0.0 if self.k == 0 else 1 - float(betaincinv(n - k + 1, k, 1 - alpha))

    def needed(self, limit: float, alpha: float, power: float) -> int | None:
        """By the exact power of the exact test."""
        if self.value == limit or not 0 < limit < 1:
            return None
        n = smallest(self.value, limit, alpha, power)
        return None if n is None else math.ceil(n * self.effect)


def binomial_tail(k: float, n: float, limit: float, side: Side) -> float:
    """The chance of at most (`BELOW`) or at least k of n where the true share is the limit."""
    from scipy.special import betainc

    if side is Side.BELOW:
        return 1.0 if k >= n else float(betainc(n - k, k + 1, 1 - min(max(limit, 0.0), 1.0)))
    return 1.0 if k <= 0 else float(betainc(k, n - k + 1, min(max(limit, 0.0), 1.0)))


def share_power(truth: float, n: int, limit: float, alpha: float, side: Side) -> float:
    """The chance that n independent videos show a true share on that side of the limit."""
    from scipy.stats import binom

    if side is Side.ABOVE:
        return share_power(1 - truth, n, 1 - limit, alpha, Side.BELOW)
    most = int(binom.ppf(alpha, n, limit))
    # the largest count whose tail is within alpha
    while most >= 0 and binom.cdf(most, n, limit) > alpha:
        most -= 1
    return 0.0 if most < 0 else float(binom.cdf(most, n, truth))


def smallest(truth: float, limit: float, alpha: float, power: float) -> int | None:
    """The fewest independent trials that show a true share on its side of the limit.

    None where more than `MOST` do not.
    """
    side = Side.BELOW if truth < limit else Side.ABOVE

    def reached(n: int) -> bool:
        return share_power(truth, n, limit, alpha, side) >= power

    high = 1
    while not reached(high):
        high *= 2
        if high > MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverted:
    """A number whose interval can be had at any two-sided confidence."""

    value: float
    n: int
    interval: Callable[[float], Interval | None] = field(repr=False)
    method: str = ""

    def p(self, limit: float, side: Side) -> float:
        """The smallest level whose bound clears the limit; 1 where half does not."""
        if not self._clears(0.5 - 1e-9, limit, side):
            return 1.0
        low, high = math.log(SMALLEST_P), math.log(0.5)
        if self._clears(SMALLEST_P, limit, side):
            return SMALLEST_P
        while high - low > 1e-3:
            middle = (low + high) / 2
            clears = self._clears(math.exp(middle), limit, side)
            low, high = (low, middle) if clears else (middle, high)
        return math.exp(high)

    def _clears(self, alpha: float, limit: float, side: Side) -> bool:
        bound = self.bound(alpha, side)
        return bound < limit if side is Side.BELOW else bound > limit

    def bound(self, alpha: float, side: Side) -> float:
        """An end of the two-sided interval of twice the level."""
        made = self.interval(1 - 2 * alpha)
        if made is None:
            return math.inf if side is Side.BELOW else -math.inf
        return made.high if side is Side.BELOW else made.low

    def needed(self, limit: float, alpha: float, power: float) -> int | None:
        """As if the interval's width went with one over the root of n."""
        from scipy.special import ndtri

        gap = limit - self.value
        made = self.interval(0.9)
        if gap == 0 or made is None:
            return None
        half = made.high - self.value if gap > 0 else self.value - made.low
        error = half / float(ndtri(0.95))
        n = self.n * ((float(ndtri(1 - alpha)) + float(ndtri(power))) * error / gap) ** 2
        return math.ceil(n) if n <= MOST else None


def scaled(value: float, made: Interval, n: int) -> Inverted:
    """A number of which only one interval is known: its halves, scaled as a normal's."""

    @functools.cache
    def at(confidence: float) -> Interval:
        from scipy.special import ndtri

        factor = float(ndtri(0.5 + confidence / 2) / ndtri(0.5 + made.confidence / 2))
        return Interval(
            low=value - factor * (value - made.low),
            high=value + factor * (made.high - value),
            confidence=confidence,
            method=made.method,
        )

    return Inverted(value=value, n=n, interval=at, method=f"{made.method}, scaled as a normal's")
