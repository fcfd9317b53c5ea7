"""Intervals for shares of trials: one share, two, many, and shares with unknown outcomes.

Wilson's score interval is the two-sided one for reports (Wilson 1927; recommended by Brown, Cai and
DasGupta 2001), Clopper and Pearson's one-sided bound the one for gates, because it never covers
less than it says (1934). Differences: Newcombe (1998), method 10, and the score interval of
Miettinen and Nurminen (1985), which also gives the ratio's. Several shares of one sample at once:
Goodman (1965). Unknown outcomes: the worst and the best that they could be (Manski 1989).

A count may be an effective one (n over a design effect), except for Clopper and Pearson's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bench.errors import UsageError
from bench.stats._checks import known_count, known_level, known_share, known_trials, two_sided_z

Bounds = tuple[float, float]


def wilson(p: float, n: float, confidence: float = 0.95) -> Bounds:
    """Wilson's score interval for a share `p` seen in `n` (possibly effective) trials."""
    known_trials(p * n, n)
    z = two_sided_z(confidence)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if p <= 0 else max(0.0, centre - half)
    high = 1.0 if p >= 1 else min(1.0, centre + half)
    return low, high


def clopper_pearson_upper(k: int, n: int, confidence: float = 0.95) -> float:
    """One-sided exact upper bound: it lies below the true share at most 1 - confidence often."""
    from scipy.special import betaincinv

    known_trials(k, n)
    known_level("confidence", confidence)
    return 1.0 if k == n else float(betaincinv(k + 1, n - k, confidence))


def clopper_pearson_lower(k: int, n: int, confidence: float = 0.95) -> float:
    """One-sided exact lower bound, the mirror of the upper one."""
    return 1.0 - clopper_pearson_upper(n - k, n, confidence)


def trials_without_event(limit: float, confidence: float = 0.95) -> int:
    """Trials without one event after which the exact upper bound is at most `limit`.

    "The rule of three" is its approximation (Hanley and Lippman-Hand 1983).
    """
    known_level("limit", limit)
    known_level("confidence", confidence)
    return math.ceil(math.log1p(-confidence) / math.log1p(-limit) - 1e-9)


def newcombe(k1: float, n1: float, k2: float, n2: float, confidence: float = 0.95) -> Bounds:
    """Interval of `k1/n1 - k2/n2` from the two shares' Wilson intervals (method 10)."""
    known_trials(k1, n1)
    known_trials(k2, n2)
    p1, p2 = k1 / n1, k2 / n2
    (low1, high1), (low2, high2) = wilson(p1, n1, confidence), wilson(p2, n2, confidence)
    below = math.hypot(p1 - low1, high2 - p2)
    above = math.hypot(high1 - p1, p2 - low2)
    return max(-1.0, p1 - p2 - below), min(1.0, p1 - p2 + above)


def miettinen_nurminen(
    k1: float, n1: float, k2: float, n2: float, confidence: float = 0.95
) -> Bounds:
    """Score interval of `k1/n1 - k2/n2`: the differences that a score test does not reject."""
    known_trials(k1, n1)
    known_trials(k2, n2)
    gap = k1 / n1 - k2 / n2

    def statistic(difference: float) -> float:
        p1, p2 = _constrained_by_difference(k1, n1, k2, n2, difference)
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * (n1 + n2) / (n1 + n2 - 1)
        return _standardised(gap - difference, variance)

    z = two_sided_z(confidence)
    low = -1.0 if gap <= -1 else _crossing(statistic, z, -1.0, gap)
    high = 1.0 if gap >= 1 else _crossing(statistic, -z, gap, 1.0)
    return low, high


def ratio_score(k1: float, n1: float, k2: float, n2: float, confidence: float = 0.95) -> Bounds:
    """Score interval of the ratio `(k1/n1) / (k2/n2)`; 0 or infinite where a count is 0.

    Raises:
        UsageError: when there is no event on either side: any ratio would fit.
    """
    known_trials(k1, n1)
    known_trials(k2, n2)
    if k1 + k2 == 0:
        raise UsageError("a ratio of two shares without events is undefined", seen="0 and 0 events")
    p1_seen, p2_seen = k1 / n1, k2 / n2

    def statistic(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        p1, p2 = _constrained_by_ratio(k1, n1, k2, n2, ratio)
        variance = p1 * (1 - p1) / n1 + ratio * ratio * p2 * (1 - p2) / n2
        return _standardised(p1_seen - ratio * p2_seen, variance * (n1 + n2) / (n1 + n2 - 1))

    z, far = two_sided_z(confidence), 30.0
    seen = math.log(p1_seen / p2_seen) if k1 and k2 else (far if k1 else -far)
    low = 0.0 if k1 == 0 else math.exp(_crossing(statistic, z, -far, seen))
    high = math.inf if k2 == 0 else math.exp(_crossing(statistic, -z, seen, far))
    return low, high


def katz(k1: float, n1: float, k2: float, n2: float, confidence: float = 0.95) -> Bounds:
    """Interval of the ratio on the logarithm's scale (Katz and others 1978), for comparison.

    Raises:
        UsageError: for a count of 0, where it is undefined.
    """
    known_trials(k1, n1)
    known_trials(k2, n2)
    if not (k1 and k2):
        raise UsageError(
            "Katz's interval needs events on both sides",
            seen=f"{k1:g} and {k2:g}",
            then="the score",
        )
    half = two_sided_z(confidence) * math.sqrt(1 / k1 - 1 / n1 + 1 / k2 - 1 / n2)
    ratio = (k1 / n1) / (k2 / n2)
    return ratio * math.exp(-half), ratio * math.exp(half)


def goodman(counts: Sequence[int], confidence: float = 0.95) -> list[Bounds]:
    """Simultaneous intervals of the K shares of one multinomial sample (Goodman 1965).

    Wilson's form with the normal quantile of a level divided by K: all K hold together at least
    about as often as `confidence` says.
    """
    n, k = sum(counts), len(counts)
    if k < 2 or min(counts) < 0 or n == 0:
        raise UsageError("no such counts", seen=list(counts), legal="two or more, not all 0")
    shared = 1 - (1 - known_level("confidence", confidence)) / k
    return [wilson(count / n, n, shared) for count in counts]


def manski(k: float, n_decided: float, n_undecided: float) -> Bounds:
    """The lowest and highest share that `n_undecided` unknown outcomes allow (Manski 1989).

    Args:
        k: events among the decided trials.
        n_decided: trials whose outcome is known.
        n_undecided: trials that are unknown or ended in an error.
    """
    known_count("number of undecided trials", n_undecided)
    known_trials(k, n_decided + n_undecided)
    if k > n_decided:
        raise UsageError("more events than decided trials", seen=f"{k:g} of {n_decided:g}")
    n = n_decided + n_undecided
    return k / n, (k + n_undecided) / n


def undecided_is_much(n_decided: float, n_undecided: float, *, cap: float = 0.05) -> bool:
    """Whether the undecided trials are more than the share `cap` of all."""
    known_share("cap", cap)
    return n_undecided > cap * (n_decided + n_undecided)


def _standardised(gap: float, variance: float) -> float:
    if gap == 0:
        return 0.0
    return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)


def _crossing(statistic: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a falling statistic meets `target` between `low` and `high`; an end if it does not."""
    from scipy.optimize import brentq

    def excess(x: float) -> float:
        # finite, because the search takes differences
        return max(-1e9, min(1e9, statistic(x))) - target

    if excess(low) <= 0:
        return low
    if excess(high) >= 0:
        return high
    return float(brentq(excess, low, high, xtol=1e-12))


def _constrained_by_difference(k1: float, n1: float, k2: float, n2: float, d: float) -> Bounds:
    """The likeliest shares with `p1 - p2 = d`: the root of Miettinen and Nurminen's cubic."""
    n, k = n1 + n2, k1 + k2
    c2 = (n1 + 2 * n2) * d - n - k
    c1 = (n2 * d - n - 2 * k2) * d + k
    c0 = k2 * d * (1 - d)
    q = c2**3 / (3 * n) ** 3 - c1 * c2 / (6 * n * n) + c0 / (2 * n)
    p = math.copysign(math.sqrt(max(0.0, c2 * c2 / (9 * n * n) - c1 / (3 * n))), q)
    cosine = max(-1.0, min(1.0, q / p**3)) if p else 0.0
    p2 = 2 * p * math.cos((math.pi + math.acos(cosine)) / 3) - c2 / (3 * n)
    p2 = min(max(p2, 0.0, -d), 1.0, 1.0 - d)
    return p2 + d, p2


def _constrained_by_ratio(k1: float, n1: float, k2: float, n2: float, ratio: float) -> Bounds:
    """The likeliest shares with `p1 = ratio p2`: the smaller root of a quadratic."""
    a = (n1 + n2) * ratio
    b = -(n1 * ratio + k1 + n2 + k2 * ratio)
    c = k1 + k2
    # the stable form of the smaller root; both are positive
    p2 = 2 * c / (-b + math.sqrt(max(0.0, b * b - 4 * a * c)))
    p2 = min(p2, 1.0, 1.0 / ratio)
    return ratio * p2, p2
