"""From a question to a number of prompts and videos, with everything that makes videos worth less.

The tests' own sizes stand in :mod:`bench.stats.power`. Here come on top: several seeds a prompt
(Kish's design effect), a judge that errs (the shares as it would report them), many comparisons
(alpha shared among them, Bonferroni, which Holm never needs more than).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.errors import UsageError
from bench.stats import power as sizes
from bench.stats._checks import known_count, known_level, known_share
from bench.stats.clusters import kish


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What stands between independent videos and those that there are.

    `icc` is the correlation of two videos of one prompt; `se` and `sp` are the judge's sensitivity
    and specificity; `comparisons` how many tests share the level `alpha`.
    """

    seeds: int = 1
    icc: float = 0.0
    se: float = 1.0
    sp: float = 1.0
    comparisons: int = 1
    alpha: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        known_count("number of seeds a prompt", self.seeds, least=1)
        known_count("number of comparisons", self.comparisons, least=1)
        known_share("icc", self.icc)
        known_level("alpha", self.alpha)
        known_level("power", self.power)
        sizes.seen_through(0.5, self.se, self.sp)

    @property
    def alpha_each(self) -> float:
        """The level of one test."""
        return self.alpha / self.comparisons


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An answer: independent units, and the videos and prompts that are worth them, a group."""

    question: str
    n_independent: int
    design_effect: float
    videos: int
    prompts: int
    groups: int
    alpha_each: float
    notes: tuple[str, ...] = ()

    @property
    def videos_in_all(self) -> int:
        """Over all groups."""
        return self.videos * self.groups


def size_of_gap(base: float, gap: float, groups: int, costs: Costs) -> Size:
    """Videos to see a share that is `gap` away from `base`.

    Args:
        base: the share of one group, or the target.
        gap: the difference that must be seen, with its sign.
        groups: 1 (against the target `base`) or 2 or more (any two of them).
        costs: what makes videos worth less.
    """
    known_share("base", base)
    known_share("base and gap together", base + gap)
    known_count("number of groups", groups, least=1)
    seen = [sizes.seen_through(p, costs.se, costs.sp) for p in (base, base + gap)]
    find = sizes.n_one_proportion if groups == 1 else sizes.n_two_proportions
    n = find(*seen, alpha=costs.alpha_each, power=costs.power)
    what = f"target {base:g}" if groups == 1 else f"{base:g} in another group"
    notes = []
    if (costs.se, costs.sp) != (1.0, 1.0):
        notes.append(
            f"a judge of Se {costs.se:g} and Sp {costs.sp:g} reports {seen[0]:.4g} and "
            f"{seen[1]:.4g}, a gap of {abs(seen[1] - seen[0]):.4g}"
        )
    return _size(f"a share of {base + gap:g} against {what}", n, groups, costs, notes)


def size_of_fit(shares: Sequence[float], target: Sequence[float], costs: Costs) -> Size:
    """Videos to see that shares are not those of a target (Pearson's test)."""
    if len(shares) != len(target) or len(target) < 2:
        raise UsageError(
            "shares and target do not fit", seen=f"{len(shares)} and {len(target)} shares"
        )
    for name, values in (("shares", shares), ("target", target)):
        if abs(sum(values) - 1) > 1e-6 or min(values) < 0:
            raise UsageError(f"the {name} do not add up to 1", seen=list(values))
    if min(target) <= 0:
        raise UsageError("a target's share is 0", seen=list(target), legal="shares above 0")
    w = math.sqrt(sum((p - q) ** 2 / q for p, q in zip(shares, target, strict=True)))
    return size_of_effect_w(w, len(target) - 1, costs)


def size_of_effect_w(w: float, df: int, costs: Costs) -> Size:
    """Videos to see shares depart from a target by Cohen's w."""
    n = sizes.n_goodness_of_fit(w, df, alpha=costs.alpha_each, power=costs.power)
    notes = []
    if (costs.se, costs.sp) != (1.0, 1.0):
        factor = sizes.attenuation(costs.se, costs.sp)
        n = math.ceil(n * factor)
        notes.append(f"{factor:.3g} times as many for the judge's errors, to first order")
    return _size(f"goodness of fit, w = {w:.4g} with {df} df", n, 1, costs, notes)


def size_of_pairs(effect: float, costs: Costs) -> Size:
    """Pairs of videos to see a mean difference of `effect` standard deviations of one pair."""
    if (costs.se, costs.sp) != (1.0, 1.0):
        raise UsageError(
            "a judge's errors have no place in a difference of scores", seen="--se, --sp"
        )
    n = sizes.n_paired(effect, alpha=costs.alpha_each, power=costs.power)
    question = f"a paired difference of {effect:g} standard deviations of a pair"
    return _size(question, n, 2, costs, [])


def _size(question: str, n: int, groups: int, costs: Costs, notes: Sequence[str]) -> Size:
    effect = kish(costs.seeds, costs.icc)
    prompts = math.ceil(n * effect / costs.seeds - 1e-9)
    return Size(
        question=question,
        n_independent=n,
        design_effect=effect,
        videos=prompts * costs.seeds,
        prompts=prompts,
        groups=groups,
        alpha_each=costs.alpha_each,
        notes=tuple(notes),
    )
