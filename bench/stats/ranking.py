"""How well scores tell two classes apart, at every threshold and at one.

Area under the ROC curve as Mann and Whitney's statistic with the variance of DeLong, DeLong and
Clarke-Pearson (1988); average precision as the step-wise sum, never the trapezoid, which is too
high; the areas of Borkan and others (2019) that show a classifier's bias against a subgroup, and
their power mean. Higher scores stand for the positive class throughout.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats._checks import known_level, two_sided_z
from bench.stats.proportions import clopper_pearson_upper, wilson
from bench.types import Interval

F64 = npt.NDArray[np.float64]
B = npt.NDArray[np.bool_]
POWER = -5.0
"""Of the mean over subgroups: low areas weigh most."""


def auc(positive_N: F64, negative_M: F64) -> float:
    """P(score of a positive > score of a negative) + P(equal) / 2.

    Raises:
        UsageError: when a class has no member: the area is then undefined, not one half.
    """
    return float(_placements(positive_N, negative_M)[0].mean())


def delong(positive_N: F64, negative_M: F64, confidence: float = 0.95) -> tuple[float, Interval]:
    """The area and its interval, from the variance of each member's placement in the other class.

    Where no pair is out of order, or all are, that variance is 0; then the open end is Wilson's of
    as many cases as the smaller class has.
    """
    known_level("confidence", confidence)
    of_positive_N, of_negative_M = _placements(positive_N, negative_M)
    area = float(of_positive_N.mean())
    least = min(len(of_positive_N), len(of_negative_M))
    variance = _variance(of_positive_N) + _variance(of_negative_M)
    method, notes = "DeLong", tuple[str, ...]()
    if variance > 0 and least > 1:
        half = two_sided_z(confidence) * math.sqrt(variance)
        low, high = max(0.0, area - half), min(1.0, area + half)
    else:
        low, high = wilson(area, least, confidence)
        method = f"Wilson score of {least} cases"
        notes = ("DeLong's variance is 0 here",)
    return area, Interval(low=low, high=high, confidence=confidence, method=method, notes=notes)


def average_precision(scores_N: F64, positive_N: B) -> float:
    """Sum over thresholds of (recall gained) x precision; equal scores are one threshold.

    Raises:
        UsageError: when there is no positive.
    """
    if not positive_N.any():
        raise UsageError("no average precision without a positive", seen="0 positives")
    order = np.argsort(-scores_N, kind="stable")
    sorted_N, hits_N = scores_N[order], positive_N[order]
    last_T = np.append(np.flatnonzero(np.diff(sorted_N)), len(sorted_N) - 1)
    true_T = np.cumsum(hits_N)[last_T]
    precision_T = true_T / (last_T + 1)
    gained_T = np.diff(np.append(0, true_T)) / hits_N.sum()
    return float((gained_T * precision_T).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a threshold does: positives found and negatives blocked, scores from it on positive."""

    threshold: float
    k_true: int
    n_positive: int
    k_false: int
    n_negative: int


def sweep(scores_N: F64, positive_N: B) -> list[Point]:
    """A point for each distinct score, from the lowest, at which everything is positive."""
    positives, negatives = np.sort(scores_N[positive_N]), np.sort(scores_N[~positive_N])
    return [
        Point(
            threshold=float(at),
            k_true=int(len(positives) - np.searchsorted(positives, at)),
            n_positive=len(positives),
            k_false=int(len(negatives) - np.searchsorted(negatives, at)),
            n_negative=len(negatives),
        )
        for at in np.unique(scores_N)
    ]


def choose_threshold(
    scores_N: F64, positive_N: B, *, most_false: float, confidence: float = 0.95
) -> Point | None:
    """The threshold that finds most positives while the upper bound of false alarms is in limits.

    Args:
        scores_N: of the split that is for choosing, never of the one that is reported.
        positive_N: which are positive.
        most_false: what Clopper and Pearson's one-sided upper bound of the false alarm rate may be.
        confidence: of that bound.

    Returns:
        The highest of the best thresholds; None where none keeps to the limit: too few negatives.
    """
    good = [
        point
        for point in sweep(scores_N, positive_N)
        if point.n_negative
        and clopper_pearson_upper(point.k_false, point.n_negative, confidence) <= most_false
    ]
    return max(good, key=lambda point: (point.k_true, point.threshold), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasAreas:
    """Three areas of one subgroup; None where a class that it needs has no member.

    `subgroup`: within the subgroup. `bpsn`: background positives against subgroup negatives, low
    where the subgroup is blocked for nothing. `bnsp`: background negatives against subgroup
    positives, low where harm of the subgroup is missed.
    """

    subgroup: float | None
    bpsn: float | None
    bnsp: float | None


def bias_areas(scores_N: F64, positive_N: B, member_N: B) -> BiasAreas:
    """The areas of the subgroup whose members are marked."""

    def area(positives: B, negatives: B) -> float | None:
        if not (positives.any() and negatives.any()):
            return None
        return auc(scores_N[positives], scores_N[negatives])

    return BiasAreas(
        subgroup=area(member_N & positive_N, member_N & ~positive_N),
        bpsn=area(~member_N & positive_N, member_N & ~positive_N),
        bnsp=area(member_N & positive_N, ~member_N & ~positive_N),
    )


def power_mean(values: Sequence[float], power: float = POWER) -> float:
    """`(mean of x^p)^(1/p)`; 0 where a value is 0 and p is below 0.

    Raises:
        UsageError: for no values, or values below 0.
    """
    if not values or min(values) < 0:
        raise UsageError("no mean of these", seen=list(values), legal="one or more, 0 or above")
    if power < 0 and min(values) == 0:
        return 0.0
    return float(np.mean(np.power(np.asarray(values, np.float64), power)) ** (1 / power))


def _placements(positive_N: F64, negative_M: F64) -> tuple[F64, F64]:
    """For each positive the share of negatives below it, for each negative that of those above."""
    if not (len(positive_N) and len(negative_M)):
        raise UsageError(
            "no area without both classes",
            seen=f"{len(positive_N)} positives and {len(negative_M)} negatives",
        )
    low, high = np.sort(negative_M), np.sort(positive_N)
    below_N = np.searchsorted(low, positive_N, "left") + np.searchsorted(low, positive_N, "right")
    upto_M = np.searchsorted(high, negative_M, "left") + np.searchsorted(high, negative_M, "right")
    return below_N / (2 * len(low)), 1 - upto_M / (2 * len(high))


def _variance(placements_N: F64) -> float:
    n = len(placements_N)
    return float(placements_N.var(ddof=1)) / n if n > 1 else 0.0
