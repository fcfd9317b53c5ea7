"""The two kinds of metric: of one video, and of a set of videos against a reference set.

Both are `torchmetrics.Metric` subclasses above pure functions, so that they work in a training loop
(`update`, `compute`, `reset`, distributed sums) as well as in the pipeline, which calls `score` or
`value` and `interval` directly.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
import torchmetrics

from bench.metrics._expects import Expects
from bench.types import Clip, Interval, Prompt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One number that a metric gives: range, unit, direction (None: neither way is better).

    `is_flag` says that a video has 0 or 1 and nothing between: the mean is a share.
    """

    name: str
    unit: str
    low: float
    high: float
    higher_is_better: bool | None
    summary: str
    headline: bool = True
    is_flag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A metric's number for one video and, where it has one, the number of each frame or pair.

    NaN means that the metric does not apply to this video; `reason` then says why.
    """

    value: float
    series: npt.NDArray[np.float32] | None = None
    reason: str = ""


class _Metric(torchmetrics.Metric, abc.ABC):
    """What both kinds share: a name, a version, columns, and the features they need."""

    name: ClassVar[str]
    version: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    expects: ClassVar[tuple[Expects, ...]] = ()
    """What its columns must show on graded damage: `prescreen calibrate` holds it to that."""
    needs: tuple[str, ...]
    """Extractor specs, for instance `("flow",)` or `("i3d:resize=tf1",)`."""

    is_differentiable = False
    full_state_update = False

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)


class VideoMetric(_Metric):
    """A number (or several) for each video. A subclass writes :meth:`score` and nothing else."""

    needs_prompt: ClassVar[bool] = False
    """Whether the metric reads `clip.text` and `clip.prompt`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for column in self.columns:
            self.add_state(f"values_{column.name}", default=[], dist_reduce_fx="cat")

    @abc.abstractmethod
    def score(self, clip: Clip) -> Mapping[str, Value]:
        """The clip's values by column name: a pure function of its features.

        Raises:
            TooFewFrames: when the clip is too short for the metric to mean anything.
        """

    def applies_to(self, prompt: Prompt | None) -> bool:
        """Whether the metric can say anything of videos of this prompt (None: of no prompt)."""
        return True

    def update(self, clip: Clip) -> None:
        """Score one clip and keep its values."""
        for name, value in self.score(clip).items():
            getattr(self, f"values_{name}").append(torch.tensor([value.value], dtype=torch.float64))

    def compute(self) -> dict[str, torch.Tensor]:
        """Mean over the clips to which each column applies (NaN where there is none)."""
        means = {}
        for column in self.columns:
            held = getattr(self, f"values_{column.name}")
            values = torch.cat(held) if isinstance(held, list) and held else held
            if isinstance(values, list):
                values = torch.tensor([math.nan], dtype=torch.float64)
            means[column.name] = values.nanmean()
        return means


class SetMetric(_Metric):
    """A number of a whole set of videos against a reference set, made from one row a video."""

    min_videos: ClassVar[int] = 2
    """Below as many on either side there is no number, only a refusal with the reason."""
    why_min: ClassVar[str] = ""
    """That reason, in a few words."""

    @abc.abstractmethod
    def row(self, clip: Clip) -> F64:
        """The clip's feature row, shape (D,), float64.

        Raises:
            TooFewFrames: when the clip gives no row; it is counted as an error, with the reason.
        """

    @abc.abstractmethod
    def value(self, x_ND: F64, y_MD: F64) -> Mapping[str, float]:
        """The columns' values for candidate rows `x_ND` and reference rows `y_MD`."""

    @abc.abstractmethod
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
        """Intervals by column. Rows with the same cluster label are resampled together."""

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
        """Intervals by column of the value of `z` less that of `x`, both against `y`.

        Row i of `x` and of `z` are twins (one prompt and seed). Empty where the metric knows none.
        """
        return {}

    def notes(self, n: int, m: int) -> tuple[str, ...]:
        """What a reader of the number must be told at these sample sizes (small-n bias, ...)."""
        return ()
