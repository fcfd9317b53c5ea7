"""How many videos a question needs, and how small a difference given videos can show.

Every n is of independent units (prompts with one video each). What makes videos worth less is put
on top: :func:`bench.stats.clusters.kish` for seeds of one prompt, :func:`seen_through` for a
classifier that errs, a smaller alpha for many comparisons.

Sources: two proportions Fleiss, Levin and Paik (2003), equation 4.14 without continuity; one
proportion the same with the target's variance under the null; goodness of fit Cohen (1988), by the
noncentral chi-squared; pairs by the noncentral t.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from bench.errors import UsageError
from bench.stats._checks import known_count, known_level, known_share

MOST = 10**9
"""More units than this are no plan."""


def n_two_proportions(p1: float, p2: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Units a group to see `p1` and `p2` differ, two-sided."""
    gap, z_a, z_b = _gap(p1, p2), _z(1 - alpha / 2), _z(power)
    mean = (p1 + p2) / 2
    spread = z_a * math.sqrt(2 * mean * (1 - mean))
    spread += z_b * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return _whole((spread / gap) ** 2)


def n_one_proportion(target: float, p: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Units to see that a share is `p` and not `target`, two-sided."""
    gap, z_a, z_b = _gap(target, p), _z(1 - alpha / 2), _z(power)
    spread = z_a * math.sqrt(target * (1 - target)) + z_b * math.sqrt(p * (1 - p))
    return _whole((spread / gap) ** 2)


def power_two_proportions(p1: float, p2: float, n: float, *, alpha: float = 0.05) -> float:
    """Chance to see `p1` and `p2` differ with n units a group; the inverse of the n."""
    from scipy.special import ndtr

    gap, mean = _gap(p1, p2), (p1 + p2) / 2
    under_null = _z(1 - alpha / 2) * math.sqrt(2 * mean * (1 - mean))
    return float(ndtr((gap * math.sqrt(n) - under_null) / math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))))


def n_goodness_of_fit(w: float, df: int, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Units to see shares differ from a target by Cohen's `w = sqrt(sum (p-q)^2/q)`."""
    return _smallest(lambda n: power_goodness_of_fit(w, df, n, alpha=alpha), power, 1)


def power_goodness_of_fit(w: float, df: int, n: float, *, alpha: float = 0.05) -> float:
    """Chance to see shares differ from a target by Cohen's `w` with n units."""
    from scipy.stats import chi2, ncx2

    known_count("effect w", w, least=1e-6)
    known_count("number of degrees of freedom", df, least=1)
    limit = float(chi2.isf(known_level("alpha", alpha), df))
    return float(ncx2.sf(limit, df, n * w * w))


def detectable_goodness_of_fit(
    df: int, n: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest Cohen's `w` that n units can show; above 1 where they can show hardly any."""
    from scipy.optimize import brentq

    known_count("number of units", n, least=1)
    known_level("power", power)

    def lacking(w: float) -> float:
        return power_goodness_of_fit(w, df, n, alpha=alpha) - power

    return float(brentq(lacking, 1e-6, 40 / math.sqrt(n), xtol=1e-9))


def power_paired(effect: float, n: float, *, alpha: float = 0.05) -> float:
    """Power of a two-sided paired t test; `effect` is the mean over the pairs' spread."""
    from scipy.stats import nct, t

    if n < 2:
        return 0.0
    shift = abs(effect) * math.sqrt(n)
    if shift > 30:  # far beyond any threshold, where the noncentral t loses its digits
        return 1.0
    limit = float(t.isf(known_level("alpha", alpha) / 2, n - 1))
    # the other tail is nothing by then, and scipy's NaN
    other = float(nct.cdf(-limit, n - 1, shift)) if shift < 3 else 0.0
    return 1 - float(nct.cdf(limit, n - 1, shift)) + other


def n_paired(effect: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Pairs (prompts) to see a mean difference of `effect` standard deviations, two-sided."""
    known_count("effect", abs(effect), least=1e-6)
    return _smallest(lambda n: power_paired(effect, n, alpha=alpha), power, 2)


def detectable_paired(n: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest mean difference, in standard deviations of a pair, that n pairs can show.

    Raises:
        UsageError: for fewer than three pairs.
    """
    from scipy.optimize import brentq

    known_count("number of pairs", n, least=3)
    known_level("power", power)

    def lacking(effect: float) -> float:
        return power_paired(effect, n, alpha=alpha) - power

    return float(brentq(lacking, 0.0, 30 / math.sqrt(n), xtol=1e-9))


def detectable_gap(base: float, n: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest rise above the share `base` that n units a group can show; NaN if none can."""
    from scipy.optimize import brentq

    known_share("base", base)
    known_count("number of units", n, least=2)

    def lacking(gap: float) -> float:
        return power_two_proportions(base, base + gap, n, alpha=alpha) - power

    top = 1 - base - 1e-9
    if top <= 1e-9 or lacking(top) < 0:
        return math.nan
    return float(brentq(lacking, 1e-9, top, xtol=1e-9))


def seen_through(p: float, sensitivity: float, specificity: float) -> float:
    """The share that a classifier reports where the true share is `p`: gaps shrink by Se+Sp-1."""
    known_share("sensitivity", sensitivity)
    known_share("specificity", specificity)
    if sensitivity + specificity <= 1:
        raise UsageError(
            "this classifier says nothing of the truth",
            seen=f"Se {sensitivity} and Sp {specificity}",
            legal="Se + Sp above 1",
        )
    return p * sensitivity + (1 - p) * (1 - specificity)


def attenuation(sensitivity: float, specificity: float) -> float:
    """By how much a classifier's errors multiply n, to first order: `1 / (Se + Sp - 1)^2`."""
    return 1 / (seen_through(1, sensitivity, specificity) + specificity - 1) ** 2


def _z(p: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(known_level("alpha or power", p)))


def _gap(p1: float, p2: float) -> float:
    known_share("share", p1)
    known_share("share", p2)
    if p1 == p2:
        raise UsageError("no number of videos shows a difference that is not there", seen=p1)
    return abs(p1 - p2)


def _whole(n: float) -> int:
    return max(2, math.ceil(n - 1e-9))


def _smallest(reached: Callable[[int], float], power: float, least: int) -> int:
    """The smallest n whose power is reached, by doubling and halving."""
    known_level("power", power)
    high = least
    while reached(high) < power:
        high *= 2
        if high > MOST:
            raise UsageError("no plan reaches this power", seen=power, legal="a larger effect")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= power else (middle, high)
    return max(high, least)
