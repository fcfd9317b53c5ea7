"""A set metric without weights: the distance of mean grey levels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from bench.metrics.base import Column, SetMetric


class RowDistance(SetMetric):
    """Squared distance of the means of one number a clip: its pixels' mean change."""

    name = "row_distance"
    version = "1"
    needs = ("pixels",)
    columns: ClassVar = (
        Column(name="d", unit="", low=0, high=1e12, higher_is_better=False, summary="d"),
    )

    def row(self, clip):
        arrays = clip.features["pixels"]
        return np.array([float(np.mean(arrays[name])) for name in sorted(arrays)])

    def value(self, x_ND, y_MD):
        return {"d": float(((x_ND.mean(axis=0) - y_MD.mean(axis=0)) ** 2).sum())}

    def interval(self, x_ND, y_MD, **settings):
        return {}

    def update(self, clip):
        raise NotImplementedError

    def compute(self):
        raise NotImplementedError
