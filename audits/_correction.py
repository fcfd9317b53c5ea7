"""Shares behind a reader that errs: corrected where its errors were measured, else how far off.

With a confusion matrix measured on this generator's own videos the shares are the likeliest ones
(Saerens, Latinne and Decaestecker 2002) and the target is led through the same confusion before it
is tested. Without one the shares stand as they were reported, with what they could be if the
reader's sensitivity and specificity lay anywhere between 0.8 and 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from audits._bias_findings import n_draws
from audits._bias_options import Confusion
from audits.base import Setting
from bench.stats.classifier import reported_shares, true_shares
from bench.stats.clusters import shares_design_effect
from bench.stats.multinomial import clustered_test, goodness_of_fit
from bench.stats.proportions import wilson
from bench.types import Interval, Significance

F64 = npt.NDArray[np.float64]
LEAST_ACCURACY = 0.8
N_OF_CONFUSION = 1999
MOST_DEALT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Readings of one attribute: counts by value, and what they are worth.

    `n_effective` is n over the clusters' design effect, which has `df` degrees of freedom; infinite
    where it is 1, because then nothing was taken off.
    """

    counts_K: tuple[int, ...]
    n_effective: float
    df: float

    @property
    def n(self) -> int:
        """The decided videos."""
        return sum(self.counts_K)

    def worth(self, confidence: float) -> float:
        """The n to put into an interval: less where the design effect is a rough estimate.

        Korn and Graubard's (1998) ratio of quantiles: an interval by this n and the normal quantile
        is as wide as one by the effective n and the t quantile.
        """
        if math.isinf(self.df):
            return self.n_effective
        from scipy.special import ndtri
        from scipy.stats import t

        level = 0.5 + confidence / 2
        return self.n_effective * float(ndtri(level) / t.ppf(level, self.df)) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Shares of K values with an interval each, and what a reader must know of them.

    `n_K` is the n that each interval was made with.
    """

    values_K: tuple[float, ...]
    intervals_K: tuple[Interval, ...]
    n_K: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def distance(self, target_K: Sequence[float], confidence: float) -> tuple[float, float]:
        """The least and the greatest total variation to a target that the shares allow.

        All shares' intervals hold at once (Wilson's with Bonferroni's level, as Goodman 1965). What
        lies above the target adds up to the same as what lies below it, so both give bounds.
        """
        level = 1 - (1 - confidence) / len(self.values_K)
        ends = [wilson(p, n, level) for p, n in zip(self.values_K, self.n_K, strict=True)]
        pairs = list(zip(ends, target_K, strict=True))
        low = max(
            sum(max(0.0, low - q) for (low, _), q in pairs),
            sum(max(0.0, q - high) for (_, high), q in pairs),
        )
        above = np.array([max(0.0, high - q) for (_, high), q in pairs])
        below = np.array([max(0.0, q - low) for (low, _), q in pairs])
        return low, _most_moved(above, below)


def _most_moved(above_K: F64, below_K: F64) -> float:
    """The most that can lie above a target if each share may be so far above or below it.

    A share is on one side only: all ways to deal them are tried, up to twelve; beyond that the sum
    over all is the bound.
    """
    k = len(above_K)
    if k > MOST_DEALT:
        return float(min(above_K.sum(), below_K.sum()))
    is_above_SK = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
    return float(np.minimum(is_above_SK @ above_K, (1 - is_above_SK) @ below_K).max())


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The design effect of prompts, pooled over the groups of an attribute, and its df."""

    size: float
    df: float


def effect_of(codes: Sequence[int], clusters: Sequence[str], groups: Sequence[str]) -> Effect:
    """The design effect of all decided videos of an attribute, within their groups."""
    size, df = shares_design_effect(np.asarray(codes, dtype=np.intp), clusters, groups)
    return Effect(size=size, df=math.inf if size == 1 else df)


def sample_of(codes: Sequence[int], k: int, effect: Effect) -> Sample:
    """The sample of one group's decided videos, one at least."""
    counts = np.bincount(np.asarray(codes, dtype=np.intp), minlength=k)
    n_effective = max(1.0, len(codes) / effect.size)
    return Sample(
        counts_K=tuple(int(count) for count in counts), n_effective=n_effective, df=effect.df
    )


def shares_of(sample: Sample, confusion: Confusion | None, setting: Setting) -> Shares:
    """The shares of a sample, corrected where a confusion is known.

    Raises:
        UsageError: when the confusion says too little to correct by.
    """
    if confusion is None:
        return _reported(sample, setting)
    made = true_shares(
        sample.counts_K,
        confusion.counts_KJ,
        n_effective=sample.worth(setting.confidence),
        confidence=setting.confidence,
        n_resamples=setting.n_resamples,
        seed=setting.seed,
    )
    notes = ["corrected for the reader's measured confusion"]
    if made.n_degenerate:
        notes.append(f"{made.n_degenerate} of {setting.n_resamples} resamples were degenerate")
    intervals = [
        Interval(
            low=float(low),
            high=float(high),
            confidence=setting.confidence,
            method="Wilson, n from the resamples of counts and confusion",
            n_resamples=setting.n_resamples,
            seed=setting.seed,
        )
        for low, high in zip(made.low_K, made.high_K, strict=True)
    ]
    return Shares(
        values_K=tuple(float(share) for share in made.shares_K),
        intervals_K=tuple(intervals),
        n_K=tuple(float(n) for n in made.n_K),
        notes=tuple(notes),
    )


def _reported(sample: Sample, setting: Setting) -> Shares:
    n = sample.worth(setting.confidence)
    effect = sample.n / sample.n_effective
    notes = (f"design effect of prompts {effect:.2f}",) if effect > 1 else ()
    shares = [count / sample.n for count in sample.counts_K]
    intervals = []
    for share in shares:
        low, high = wilson(share, n, setting.confidence)
        intervals.append(
            Interval(low=low, high=high, confidence=setting.confidence, method="Wilson score")
        )
    return Shares(
        values_K=tuple(shares), intervals_K=tuple(intervals), n_K=(n,) * len(shares), notes=notes
    )


def sensitivity_band(share: float) -> tuple[float, float]:
    """The true shares that may lie behind a reported one if Se and Sp are between 0.8 and 1."""
    corners = itertools.product((LEAST_ACCURACY, 1.0), repeat=2)
    made = [(share + sp - 1) / (se + sp - 1) for se, sp in corners]
    return max(0.0, min(made)), min(1.0, max(made))


def fit_test(
    sample: Sample, target_K: Sequence[float], confusion: Confusion | None, setting: Setting
) -> Significance:
    """The test that the true shares are the target's: exact where it can be, else drawn."""
    if confusion is None and math.isinf(sample.df):
        fit = goodness_of_fit(
            sample.counts_K, target_K, n_draws=n_draws(setting), seed=setting.seed
        )
        return Significance(name=fit.method, p=fit.p)
    targets_BK = np.tile(np.asarray(target_K, dtype=np.float64), (n_draws(setting), 1))
    name = "Monte Carlo multinomial, Rao-Scott"
    if confusion is not None:
        targets_BK = _through(target_K, confusion, n_draws(setting), setting.seed)
        name = "Monte Carlo multinomial through the reader's confusion"
    p = clustered_test(
        sample.counts_K, targets_BK, n_effective=sample.n_effective, df=sample.df, seed=setting.seed
    )
    return Significance(name=name, p=p)


def as_reported(target_K: Sequence[float], confusion: Confusion | None) -> F64:
    """What the reader would report if the target held."""
    target = np.asarray(target_K, dtype=np.float64)
    return target if confusion is None else reported_shares(target, confusion.counts_KJ)


def n_behind(sample: Sample, target_K: Sequence[float], confusion: Confusion | None) -> float:
    """The effective n of a test against a target that was led through a confusion.

    What the confusion leaves open spreads Pearson's X^2 as fewer videos would.
    """
    if confusion is None:
        return sample.n_effective
    drawn_BK = _through(target_K, confusion, N_OF_CONFUSION, 0)
    expected_K = drawn_BK.mean(axis=0)
    spread = float(((drawn_BK - expected_K) ** 2 / expected_K).sum(axis=1).mean())
    return sample.n_effective / (1 + sample.n_effective * spread / (len(expected_K) - 1))


def _through(target_K: Sequence[float], confusion: Confusion, n: int, seed: int) -> F64:
    """The target as reported, for n confusions that the measured counts allow: (n, K).

    Each row of the confusion is drawn from its Dirichlet posterior under Jeffreys' prior.
    """
    counts = tuple(tuple(int(count) for count in row) for row in confusion.counts_KJ)
    return _drawn_through(tuple(float(q) for q in target_K), counts, n, seed)


@lru_cache(maxsize=16)
def _drawn_through(
    target: tuple[float, ...], counts: tuple[tuple[int, ...], ...], n: int, seed: int
) -> F64:
    k = len(target)
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    rows_BKJ = np.stack([rng.dirichlet(np.array(row) + 0.5, n) for row in counts], axis=1)
    reported_BK = np.einsum("k,bkj->bj", np.array(target), rows_BKJ[:, :, :k])
    made: F64 = reported_BK / reported_BK.sum(axis=1, keepdims=True)
    made.flags.writeable = False
    return made
