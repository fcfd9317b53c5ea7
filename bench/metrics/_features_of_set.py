"""What set metrics on plain rows share: I3D's logits, kept until they are compared."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch

from bench.metrics.base import F64, SetMetric
from bench.registry import Spec
from bench.types import Clip


class LogitRows(SetMetric):
    """A set metric on I3D's Kinetics-400 logits; `frames`, `seed`, `device` go to I3D."""

    min_videos: ClassVar[int] = 2

    def __init__(
        self,
        *,
        frames: int | str | None = None,
        seed: int | str | None = None,
        device: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        given = {"frames": frames, "seed": seed, "device": device}
        options = {k: str(v) for k, v in given.items() if v not in {None, ""}}
        self.needs = (str(Spec(name="i3d", options=options)),)
        for side in ("candidate", "reference"):
            self.add_state(f"{side}_rows", default=[], dist_reduce_fx="cat")

    def row(self, clip: Clip) -> F64:
        """The clip's Kinetics-400 logits (400,)."""
        return np.asarray(clip.features[self.needs[0]]["logits"], dtype=np.float64)

    def update(self, clip: Clip, *, reference: bool = False) -> None:
        """Keep one clip's row for the candidate set, or for the reference set."""
        side = "reference" if reference else "candidate"
        getattr(self, f"{side}_rows").append(torch.as_tensor(self.row(clip))[None])

    def compute(self) -> dict[str, torch.Tensor]:
        """The values from the rows so far."""
        x_ND, y_MD = (self._rows(side) for side in ("candidate", "reference"))
        return {
            name: torch.tensor(value, dtype=torch.float64)
            for name, value in self.value(x_ND, y_MD).items()
        }

    def _rows(self, side: str) -> F64:
        held = getattr(self, f"{side}_rows")
        if isinstance(held, list):
            held = torch.cat(held) if held else torch.empty((0, 0))
        return np.asarray(held.cpu().numpy(), dtype=np.float64)
