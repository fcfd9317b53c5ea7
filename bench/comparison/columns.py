"""The difference of one column of numbers between two runs: pure statistics over paired values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bench.comparison.sides import BY_PROMPT, UNPAIRED, Side
from bench.stats import permutation
from bench.stats.bootstrap import mean_interval
from bench.stats.clusters import cluster_means, clustered_standard_error
from bench.stats.power import detectable_paired
from bench.types import Interval, Status

if TYPE_CHECKING:
    import pandas as pd

F64 = npt.NDArray[np.float64]
N_MOVED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The level of the intervals and tests, the wanted power, and how much is drawn."""

    confidence: float = 0.95
    power: float = 0.8
    n_resamples: int = 2000
    n_permutations: int = 9999
    seed: int = 0

    @property
    def alpha(self) -> float:
        """The two-sided level of tests that goes with the intervals."""
        return 1 - self.confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Values of one column: pairs (`b_N[i]` answers `a_N[i]`), or two independent sets.

    `lost` counts the videos of each run that have a number and no partner with one.
    """

    a_N: F64
    b_M: F64
    prompts_a: list[str]
    prompts_b: list[str]
    lost: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The difference within one category, or of one prompt (then without an interval)."""

    name: str
    difference: float
    interval: Interval | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """B less A in one number, with everything that is needed to read it.

    `effect` is the difference in standard deviations of a prompt's difference (unpaired: of a
    prompt's mean); `detectable` the smallest true difference, in the number's unit, that as many
    prompts show with the wanted power; both NaN where they cannot be told.
    """

    a: float
    b: float
    difference: float
    interval: Interval | None
    p: float
    p_method: str
    effect: float
    detectable: float
    n: int
    n_clusters: int
    lost: tuple[int, int]
    categories: tuple[Part, ...] = ()
    moved: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()


def pairs_of(a: Side, b: Side, metric: str, column: str, design: str) -> Pairs:
    """The values of both runs that have a number under this column, joined by the design."""
    ours, theirs = (_frame(side, metric, column) for side in (a, b))
    if design == UNPAIRED:
        return Pairs(
            a_N=ours["value"].to_numpy(np.float64),
            b_M=theirs["value"].to_numpy(np.float64),
            prompts_a=ours["cluster"].tolist(),
            prompts_b=theirs["cluster"].tolist(),
        )
    on = ["prompt_id", "seed"]
    if design == BY_PROMPT:
        # whichever seeds there are: a prompt's mean answers the prompt's mean
        ours, theirs, on = _by_prompt(ours), _by_prompt(theirs), ["prompt_id"]
    both = ours.merge(theirs, on=on, suffixes=("_a", "_b")).sort_values(on)
    return Pairs(
        a_N=both["value_a"].to_numpy(np.float64),
        b_M=both["value_b"].to_numpy(np.float64),
        prompts_a=both["prompt_id"].tolist(),
        prompts_b=both["prompt_id"].tolist(),
        lost=(len(ours) - len(both), len(theirs) - len(both)),
    )


def _frame(side: Side, metric: str, column: str) -> pd.DataFrame:
    import pandas as pd

    held = [
        {
            "prompt_id": row["prompt_id"],
            "seed": row["seed"],
            "value": row["value"],
            "cluster": row["prompt_id"] or f"video {row['trial_id']}",
        }
        for row in side.rows
        if (row["metric"], row["column"], row["status"]) == (metric, column, Status.OK)
    ]
    return pd.DataFrame(held, columns=["prompt_id", "seed", "value", "cluster"])


def _by_prompt(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.dropna(subset=["prompt_id"]).groupby("prompt_id", as_index=False)["value"].mean()


def compare_paired(
    pairs: Pairs, settings: Settings, categories: Mapping[str, str], texts: Mapping[str, str]
) -> Difference:
    """B less A over pairs, with whole prompts as the unit."""
    d_N, prompts = pairs.b_M - pairs.a_N, pairs.prompts_a
    if len(d_N) == 0:
        return unmeasured("no video has a number in both runs", lost=pairs.lost)
    n_clusters = len(set(prompts))
    tested = permutation.paired(
        d_N, prompts, n_permutations=settings.n_permutations, seed=settings.seed
    )
    spread = 0.0 if n_clusters < 2 else _spread(d_N, prompts)
    mean = float(d_N.mean())
    notes = () if bool(np.any(d_N != d_N[0])) else ("no two pairs differ from each other",)
    return Difference(
        a=float(pairs.a_N.mean()),
        b=float(pairs.b_M.mean()),
        difference=mean,
        interval=_interval(d_N, prompts, settings),
        p=tested.p,
        p_method=tested.method,
        effect=mean / spread if spread > 0 else math.nan,
        detectable=_detectable(n_clusters, spread, settings),
        n=len(d_N),
        n_clusters=n_clusters,
        lost=pairs.lost,
        categories=tuple(_by_category(d_N, prompts, categories, settings)),
        moved=tuple(_moved_most(d_N, prompts, texts)),
        notes=notes,
    )


def compare_unpaired(pairs: Pairs, settings: Settings) -> Difference:
    """B less A of two independent sets of prompts: Welch's interval, labels dealt anew for p."""
    from scipy.stats import ttest_ind

    if not len(pairs.a_N) or not len(pairs.b_M):
        return unmeasured("one of the runs has no number")
    x_C = cluster_means(pairs.a_N, pairs.prompts_a)
    y_C = cluster_means(pairs.b_M, pairs.prompts_b)
    a, b = float(x_C.mean()), float(y_C.mean())
    if min(len(x_C), len(y_C)) < 2:
        return unmeasured("fewer than two prompts on a side", a, b)
    tested = permutation.unpaired(
        x_C, y_C, n_permutations=settings.n_permutations, seed=settings.seed
    )
    variances = (float(x_C.var(ddof=1)), float(y_C.var(ddof=1)))
    pooled = math.sqrt(sum(variances) / 2)
    error = math.sqrt(variances[0] / len(x_C) + variances[1] / len(y_C))
    smaller = min(len(x_C), len(y_C))
    interval = None
    if error > 0:
        made = ttest_ind(y_C, x_C, equal_var=False).confidence_interval(settings.confidence)
        interval = Interval(
            low=float(made.low),
            high=float(made.high),
            confidence=settings.confidence,
            method="Welch's t interval of prompts' means",
        )
    return Difference(
        a=a,
        b=b,
        difference=b - a,
        interval=interval,
        p=tested.p,
        p_method=tested.method,
        effect=(b - a) / pooled if pooled > 0 else math.nan,
        detectable=_detectable(smaller, error * math.sqrt(smaller), settings),
        n=len(pairs.a_N) + len(pairs.b_M),
        n_clusters=len(x_C) + len(y_C),
        lost=(0, 0),
        notes=("means of prompts' means: the runs share too few prompts to be paired",),
    )


def _spread(d_N: F64, prompts: Sequence[str]) -> float:
    """Standard deviation of one prompt's difference, as the clustered error sees it."""
    return clustered_standard_error(d_N, prompts) * math.sqrt(len(set(prompts)))


def _detectable(n_clusters: int, spread: float, settings: Settings) -> float:
    if n_clusters < 3 or not spread > 0:
        return math.nan
    return spread * detectable_paired(n_clusters, alpha=settings.alpha, power=settings.power)


def _interval(d_N: F64, prompts: Sequence[str], settings: Settings) -> Interval | None:
    return mean_interval(
        d_N,
        prompts,
        confidence=settings.confidence,
        n_resamples=settings.n_resamples,
        seed=settings.seed,
    )


def _by_category(
    d_N: F64, prompts: Sequence[str], categories: Mapping[str, str], settings: Settings
) -> list[Part]:
    names = np.array([categories.get(prompt, "") for prompt in prompts])
    labels = np.array(prompts)
    parts = []
    for name in sorted(set(names.tolist()) - {""}):
        held = names == name
        interval = _interval(d_N[held], labels[held].tolist(), settings)
        mean = float(d_N[held].mean())
        parts.append(Part(name=name, difference=mean, interval=interval, n=int(held.sum())))
    return parts


def _moved_most(d_N: F64, prompts: Sequence[str], texts: Mapping[str, str]) -> list[Part]:
    names = sorted(set(prompts))
    means = cluster_means(d_N, prompts)
    order = sorted(range(len(names)), key=lambda i: (-abs(means[i]), names[i]))
    return [
        Part(
            name=texts.get(names[i], "") or names[i],
            difference=float(means[i]),
            interval=None,
            n=prompts.count(names[i]),
        )
        for i in order[:N_MOVED]
        if means[i] != 0
    ]


def unmeasured(
    why: str, a: float = math.nan, b: float = math.nan, *, lost: tuple[int, int] = (0, 0)
) -> Difference:
    """A number that has its values at best: no interval, no test, and the reason."""
    return Difference(
        a=a,
        b=b,
        difference=b - a,
        interval=None,
        p=math.nan,
        p_method="",
        effect=math.nan,
        detectable=math.nan,
        n=0,
        n_clusters=0,
        lost=lost,
        notes=(why,),
    )
