"""What a run that exists can show, where its spread comes from, and what more videos would buy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.comparison.sides import Side
from bench.errors import UsageError
from bench.stats.clusters import clustered_standard_error
from bench.stats.components import Components, components
from bench.stats.power import detectable_paired
from bench.types import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A larger run: its size, and the standard error of the mean that it would have."""

    n_prompts: int
    seeds_per_prompt: float
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One number of a run.

    `against_limit` is the smallest true distance of the mean from a fixed limit that is seen with
    the wanted power; `paired` the same for the difference to a run of the same prompts and seeds,
    if both systems find the same prompts hard (a lower bound). NaN where it cannot be told.
    """

    metric: str
    column: str
    unit: str
    n: int
    n_prompts: int
    mean: float
    standard_error: float
    against_limit: float
    paired: float
    parts: Components
    offers: tuple[Offer, ...]


def reach_of(root: Path, *, alpha: float = 0.05, power: float = 0.8) -> list[Reach]:
    """What each main number of a run's videos can show.

    Raises:
        UsageError: when the folder holds no finished run, or no number of at least two videos.
    """
    side = Side.of(root)
    made = []
    for (metric, column), headline in side.headlines.items():
        rows = [
            row
            for row in side.rows
            if (row["metric"], row["column"], row["status"]) == (metric, column, Status.OK)
        ]
        if headline["is_main"] and len(rows) >= 2:
            made.append(_reach(headline, rows, alpha, power))
    if not made:
        raise UsageError(
            f"the run {root} has no number of two videos or more", then="score more videos"
        )
    return made


def _reach(
    headline: dict[str, Any] | Any, rows: Sequence[dict[str, Any] | Any], alpha: float, power: float
) -> Reach:
    values_N = np.array([row["value"] for row in rows], dtype=np.float64)
    prompts = [row["prompt_id"] or f"video {row['trial_id']}" for row in rows]
    n_prompts = len(set(prompts))
    parts = components(values_N, prompts, [row["seed"] for row in rows])
    if parts is None:
        raise UsageError("a number of one video has no spread", seen=headline["metric"])
    error = clustered_standard_error(values_N, prompts) if n_prompts > 1 else math.nan
    units = math.nan
    # where no two videos differ, nothing tells how small a difference would show
    if n_prompts >= 3 and error > 0:
        units = detectable_paired(n_prompts, alpha=alpha, power=power) * math.sqrt(n_prompts)
    seeds = len(rows) / n_prompts
    of_pair = math.nan if math.isnan(parts.prompt) else math.sqrt(2 * parts.residual / len(rows))
    return Reach(
        metric=headline["metric"],
        column=headline["column"],
        unit=headline["unit"],
        n=len(rows),
        n_prompts=n_prompts,
        mean=float(values_N.mean()),
        standard_error=error,
        against_limit=units * error,
        paired=units * of_pair,
        parts=parts,
        offers=tuple(_offers(parts, n_prompts, seeds)),
    )


def _offers(parts: Components, n_prompts: int, seeds: float) -> list[Offer]:
    """The run as it is, with twice the prompts, with twice the seeds, and with both."""
    more_seeds = (1,) if math.isnan(parts.prompt) else (1, 2)
    return [
        Offer(
            n_prompts=n_prompts * p,
            seeds_per_prompt=seeds * s,
            standard_error=parts.standard_error(n_prompts * p, seeds * s),
        )
        for p in (1, 2)
        for s in more_seeds
    ]
