"""What the metrics of optical flow share: which extractor they read, and its two options."""

from __future__ import annotations

from typing import Any

from bench.features.flow import flow_spec
from bench.metrics.base import VideoMetric


class FlowMetric(VideoMetric):
    """A number made of the flow between frames; `frames` and `side` go to the extractor."""

    def __init__(self, frames: str = "all", side: int | str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.needs = (flow_spec(frames, side),)
