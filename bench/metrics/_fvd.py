"""What the FVD metrics share: I3D's logits as rows, the distance, its interval, its warnings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch

from bench.metrics._frechet import (
    Moments,
    difference_interval,
    distance_of_moments,
    frechet_distance,
    frechet_interval,
    known_ddof,
)
from bench.metrics.base import F64, Column, SetMetric
from bench.registry import Spec
from bench.types import Clip, Interval

N_LOGITS = 400
LEAST = 16
"""Below as many videos on either side there is no FVD: of eight, two sets of one distribution gave
965, and the interval held its truth in 88 cases of 100 only (docs/decisions/0003, heavy tails)."""
ENOUGH = 400
"""Below as many videos on either side, the number of logits, the covariances are singular, and the
value says more of n than of the videos."""
WHY_MIN = "with fewer the distance is sampling bias and its interval too narrow"


class FrechetVideoDistance(SetMetric):
    """FVD on I3D's logits. A subclass says which resize; `frames`, `seed`, `device` go to I3D."""

    min_videos: ClassVar[int] = LEAST
    why_min: ClassVar[str] = WHY_MIN
    resize: ClassVar[str] = ""
    """The extractor's option, empty for its default."""

    def __init__(
        self,
        *,
        ddof: int | str = 1,
        frames: int | str | None = None,
        seed: int | str | None = None,
        device: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ddof = known_ddof(ddof)
        if self.ddof == 0:
            # the version stands in the comparability key, which knows of no option of a metric
            self.__dict__["version"] = f"{type(self).version}-ddof0"
        given = {"resize": self.resize, "frames": frames, "seed": seed, "device": device}
        options = {k: str(v) for k, v in given.items() if v not in {None, ""}}
        self.needs = (str(Spec(name="i3d", options=options)),)
        for side in ("candidate", "reference"):
            for name, shape in (("n", ()), ("sum", (N_LOGITS,)), ("outer", (N_LOGITS, N_LOGITS))):
                zeros = torch.zeros(shape, dtype=torch.float64)
                self.add_state(f"{side}_{name}", default=zeros, dist_reduce_fx="sum")

    def row(self, clip: Clip) -> F64:
        """The clip's Kinetics-400 logits (400,)."""
        return np.asarray(clip.features[self.needs[0]]["logits"], dtype=np.float64)

    def value(self, x_ND: F64, y_MD: F64) -> Mapping[str, float]:
        """The distance, under the metric's own name."""
        return {self.name: frechet_distance(x_ND, y_MD, self.ddof)}

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
        """As :func:`frechet_interval`; nothing is resampled, so the last two are not used."""
        made = frechet_interval(
            x_ND,
            y_MD,
            x_clusters=x_clusters,
            y_clusters=y_clusters,
            confidence=confidence,
            ddof=self.ddof,
        )
        return {} if made is None else {self.name: made}

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
        """As :func:`difference_interval`."""
        made = difference_interval(
            x_ND,
            z_ND,
            y_MD,
            clusters=clusters,
            y_clusters=y_clusters,
            confidence=confidence,
            ddof=self.ddof,
        )
        return {} if made is None else {self.name: made}

    def notes(self, n: int, m: int) -> tuple[str, ...]:
        """The sampling bias at these sizes, and a divisor that is not the standard's."""
        notes = []
        if min(n, m) < ENOUGH:
            notes.append(
                f"sampling bias: with n={n} and m={m} (fewer than {ENOUGH}, where covariances are "
                "singular) FVD is far above 0 for videos of one distribution too (on one, n=16, "
                "32, 64 gave 669, 412, 255); compare it only with numbers of the same n and m"
            )
        if self.ddof == 0:
            notes.append("covariances divided by n (ddof 0), not by n - 1 as the original's")
        return tuple(notes)

    def update(self, clip: Clip, *, reference: bool = False) -> None:
        """Add one clip to the sums of the candidate set, or of the reference set."""
        moments = Moments.of(self.row(clip)[None])
        side = "reference" if reference else "candidate"
        for name, value in (("n", 1.0), ("sum", moments.sum_D), ("outer", moments.outer_DD)):
            state = getattr(self, f"{side}_{name}")
            setattr(self, f"{side}_{name}", state + torch.as_tensor(value, device=state.device))

    def compute(self) -> dict[str, torch.Tensor]:
        """The distance from the sums so far."""
        x, y = (self._moments(side) for side in ("candidate", "reference"))
        value = distance_of_moments(x, y, self.ddof)
        return {self.name: torch.tensor(value, dtype=torch.float64)}

    def _moments(self, side: str) -> Moments:
        n, total, outer = (getattr(self, f"{side}_{name}").cpu() for name in ("n", "sum", "outer"))
        return Moments(n=int(n), sum_D=total.numpy(), outer_DD=outer.numpy())


def distance_column(name: str, summary: str) -> Column:
    """The one column of an FVD, which bears the metric's name."""
    return Column(
        name=name,
        unit="squared logits",
        low=0.0,
        high=math.inf,
        higher_is_better=False,
        summary=summary,
    )
