"""A set metric with intervals: by how much the mean detail of two sets differs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from bench.metrics.base import Column, SetMetric
from bench.stats.clusters import jackknife_interval


class RowGap(SetMetric):
    """Difference of the means of the log of one number a clip, its detail."""

    name = "row_gap"
    version = "1"
    needs = ("pixels",)
    columns: ClassVar = (
        Column(name="gap", unit="", low=-1e9, high=1e9, higher_is_better=False, summary="gap"),
    )

    def row(self, clip):
        return np.array([np.log(clip.features["pixels"]["sharpness"].mean() + 1e-3)])

    def value(self, x_ND, y_MD):
        return {"gap": float(x_ND.mean() - y_MD.mean())}

    def interval(self, x_ND, y_MD, *, x_clusters, y_clusters, confidence, **settings):
        sides = [(a.ravel() - a.mean(), c) for a, c in ((x_ND, x_clusters), (y_MD, y_clusters))]
        value = self.value(x_ND, y_MD)["gap"]
        made = jackknife_interval(value, sides, confidence=confidence, unit="clusters", notes=())
        return {} if made is None else {"gap": made}

    def difference(self, x_ND, z_ND, y_MD, *, clusters, y_clusters, confidence):
        d_N = (z_ND - x_ND).ravel()
        sides = [(d_N - d_N.mean(), clusters), (np.zeros(len(y_MD)), y_clusters)]
        made = jackknife_interval(
            float(d_N.mean()), sides, confidence=confidence, unit="clusters", notes=()
        )
        return {} if made is None else {"gap": made}

    def update(self, clip):
        raise NotImplementedError

    def compute(self):
        raise NotImplementedError
