"""Metrics as other people write them on a bad day: they raise, or give what is no number."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from bench.metrics.base import Column, SetMetric, Value, VideoMetric
from support.bad_extractors import COUNTING, FAILING


class _Bad(VideoMetric):
    version = "1"
    needs = (COUNTING,)
    columns: ClassVar = (
        Column(name="x", unit="", low=-1e9, high=1e9, higher_is_better=True, summary="x"),
    )


class Nan(_Bad):
    """NaN without a reason for clips of even length, else the length."""

    name = "nan"

    def score(self, clip):
        return {"x": Value(value=math.nan if clip.n_frames % 2 == 0 else clip.n_frames)}


class Infinite(_Bad):
    """Infinity for every clip."""

    name = "infinite"

    def score(self, clip):
        return {"x": Value(value=math.inf)}


class Raising(_Bad):
    """A division by zero."""

    name = "raising"

    def score(self, clip):
        return {"x": Value(value=1 // 0)}


class Forgetful(_Bad):
    """Gives no column at all."""

    name = "forgetful"

    def score(self, clip):
        return {}


class Lost(_Bad):
    """Needs what is not there."""

    name = "lost"
    needs = ("support.bad_extractors:Absent",)

    def score(self, clip):
        return {"x": Value(value=1.0)}


class OnFailing(_Bad):
    """Needs an extractor that fails on some videos."""

    name = "on_failing"
    needs = (FAILING,)

    def score(self, clip):
        return {"x": Value(value=1.0)}


class _BadSet(SetMetric):
    version = "1"
    needs = (COUNTING,)
    columns: ClassVar = _Bad.columns

    def row(self, clip):
        return np.array([float(clip.n_frames)])

    def value(self, x_ND, y_MD):
        return {"x": float(x_ND.mean() - y_MD.mean())}

    def interval(self, x_ND, y_MD, **settings):
        return {}

    def update(self, clip):
        raise NotImplementedError

    def compute(self):
        raise NotImplementedError


class NanRows(_BadSet):
    """Rows of clips of even length are NaN."""

    name = "nan_rows"

    def row(self, clip):
        return np.array([math.nan if clip.n_frames % 2 == 0 else float(clip.n_frames)])


class RaisingRows(_BadSet):
    """Raises for clips of even length."""

    name = "raising_rows"

    def row(self, clip):
        return np.array([float(1 // (clip.n_frames % 2))])


class InfiniteDistance(_BadSet):
    """Infinity as the distance."""

    name = "infinite_distance"

    def value(self, x_ND, y_MD):
        return {"x": math.inf}


class RaisingDistance(_BadSet):
    """Raises instead of a distance."""

    name = "raising_distance"

    def value(self, x_ND, y_MD):
        raise ArithmeticError("singular")
