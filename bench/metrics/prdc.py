"""Precision, recall, density and coverage of the videos' I3D logits against a reference set.

The rows are those of `fvd`. A ball round each reference row reaches to its 5th nearest neighbour in
its own set. `precision` is the share of candidates in any such ball, `density` how many balls hold
a candidate, over 5; `coverage` is the share of balls with a candidate in them, and `recall` the
share of reference rows in balls round the candidates. They tell bad videos (precision, density)
from videos of one kind only (recall, coverage), which one distance cannot. It needs I3D's pinned
weights; without them it is unavailable.

Formula:
    With r_j the distance of y_j to its k-th nearest other y, s_i the same for x, and k = 5:
    precision = mean_i [any_j |x_i − y_j| ≤ r_j], density = mean_i Σ_j [|x_i − y_j| ≤ r_j] / k,
    recall = mean_j [any_i |x_i − y_j| ≤ s_i], coverage = mean_j [min_i |x_i − y_j| ≤ r_j].
    Intervals are over clusters of videos of one prompt, with the other set as it is: Wilson's for
    shares, of means for density.

Source:
    Kynkäänniemi et al. 2019 (arXiv 1904.06991), Naeem et al. 2020 (arXiv 2002.09797).

Range:
    0 to 1; density 0 to the reference's number over 5. None below 16 videos on a side (3 k + 1).
    For two sets of one distribution density is about 1, coverage about 0.97, and precision and
    recall grow with n.

Direction:
    Higher is closer to the reference, which is better only where that is what is wanted.

Unit:
    shares; density is a number of balls over 5.

Blind to:
    blur, which precision and density reward: logits of blurred clips lie close together, where the
    reference is thick (film blurred by 8 px at a height of 180: precision 0.68 to 0.97, density
    0.48 to 1.18, while recall fell from 0.83 to 0 and coverage from 0.77 to 0.48). So never read
    one of the four alone. Otherwise what I3D's logits do not show, as `fvd`. One far reference
    clip has a large ball, which lifts precision; density and coverage are there for that. Copies of
    the reference are perfect.

Golden value:
    see tests/bench/metrics/test_prdc.py: four and three rows on a line, by hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from bench.errors import UsageError
from bench.metrics._expects import Expects
from bench.metrics._features_of_set import LogitRows
from bench.metrics.base import F64, Column
from bench.stats.bootstrap import mean_interval, proportion_interval
from bench.types import Interval

_SHARES = {
    "precision": "Share of videos that lie among the reference",
    "recall": "Share of the reference that lies among the videos",
    "coverage": "Share of the reference with a video near by",
}

_OF_CANDIDATE = ("precision", "density")
"""Means over videos; the other two are means over the reference."""
_AS_IT_IS = "its intervals take the other set as it is"
N_RESAMPLES, SEED = 2000, 0
"""Of the interval of a difference."""


def memberships(x_ND: F64, y_MD: F64, k: int) -> dict[str, F64]:
    """What each video (N,) adds to precision and density, each reference (M,) to the other two.

    Raises:
        UsageError: for `k` others or fewer on a side, or rows of different lengths.
    """
    if min(len(x_ND), len(y_MD)) <= k or x_ND.shape[1] != y_MD.shape[1]:
        raise UsageError(
            "these sets of rows cannot be compared",
            seen=f"shapes {x_ND.shape} and {y_MD.shape}, {k} neighbours",
            legal=f"more than {k} rows on each side, of one length",
        )
    xy = _distances(x_ND, y_MD)
    in_reference_NM = xy <= _reach(y_MD, k)[None]
    in_candidate_NM = xy <= _reach(x_ND, k)[:, None]
    return {
        "precision": in_reference_NM.any(axis=1).astype(np.float64),
        "density": in_reference_NM.sum(axis=1) / k,
        "recall": in_candidate_NM.any(axis=0).astype(np.float64),
        "coverage": in_reference_NM.any(axis=0).astype(np.float64),
    }


class Prdc(LogitRows):
    """PRDC with `k` nearest neighbours (5); `frames`, `seed`, `device` go to I3D."""

    name = "prdc"
    version = "1"
    min_videos = 16
    why_min = "with fewer a ball of the k nearest reaches over a third of the set and more"
    columns: ClassVar[tuple[Column, ...]] = (
        *(
            Column(name=name, unit="share", low=0, high=1, higher_is_better=True, summary=summary)
            for name, summary in _SHARES.items()
        ),
        Column(
            name="density",
            unit="balls over k",
            low=0,
            high=math.inf,
            higher_is_better=True,
            summary="How thick the reference lies round the videos",
        ),
    )
    expects = (
        Expects(column="precision", falls=("noise",), blind=("shuffle", "freeze")),
        Expects(column="recall", falls=("noise",), blind=("shuffle", "freeze")),
        Expects(column="coverage", falls=("noise", "gaussian_blur"), blind=("shuffle", "freeze")),
        Expects(column="density", falls=("noise", "gaussian_blur"), blind=("shuffle", "freeze")),
    )

    def __init__(self, *, k: int | str = 5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not str(k).isdecimal() or int(k) < 1:
            raise UsageError("no such number of neighbours", seen=k, legal="1 or more")
        self.k = int(k)
        self.__dict__["min_videos"] = 3 * self.k + 1

    def value(self, x_ND: F64, y_MD: F64) -> Mapping[str, float]:
        """The means of :func:`memberships`."""
        found = memberships(x_ND, y_MD, self.k)
        return {name: float(values.mean()) for name, values in found.items()}

    def interval(
        self,
        x_ND: F64,
        y_MD: F64,
        *,
        x_clusters: Sequence[str],
        y_clusters: Sequence[str],
        confidence: float,
        n_resamples: int,
        seed: int,
    ) -> Mapping[str, Interval]:
        """Over the side that each number is a mean of, with the other side as it is."""
        found = memberships(x_ND, y_MD, self.k)
        made = {
            name: proportion_interval(
                found[name],
                x_clusters if name in _OF_CANDIDATE else y_clusters,
                confidence=confidence,
            )
            for name in _SHARES
        }
        density = mean_interval(
            found["density"],
            x_clusters,
            confidence=confidence,
            n_resamples=n_resamples,
            seed=seed,
        )
        return made if density is None else {**made, "density": density}

    def difference(
        self,
        x_ND: F64,
        z_ND: F64,
        y_MD: F64,
        *,
        clusters: Sequence[str],
        y_clusters: Sequence[str],
        confidence: float,
    ) -> Mapping[str, Interval]:
        """Of the mean difference between twins, or of what either set does to a reference row."""
        before, after = memberships(x_ND, y_MD, self.k), memberships(z_ND, y_MD, self.k)
        made: dict[str, Interval] = {}
        for name, values in before.items():
            labels = clusters if name in _OF_CANDIDATE else y_clusters
            interval = mean_interval(
                after[name] - values,
                labels,
                confidence=confidence,
                n_resamples=N_RESAMPLES,
                seed=SEED,
            )
            if interval is not None:
                made[name] = replace(interval, notes=(*interval.notes, _AS_IT_IS))
        return made

    def notes(self, n: int, m: int) -> tuple[str, ...]:
        """Precision and recall grow with n and m, so they compare at the same ones only."""
        return (_AS_IT_IS, f"at n={n} and m={m}; precision and recall grow with both")


def _distances(a_ND: F64, b_MD: F64) -> F64:
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(a_ND, b_MD), dtype=np.float64)


def _reach(rows_ND: F64, k: int) -> F64:
    """Distance of each row to its k-th nearest other one (N,)."""
    # the row itself is the nearest of all
    return np.asarray(np.partition(_distances(rows_ND, rows_ND), k, axis=1)[:, k], dtype=np.float64)
