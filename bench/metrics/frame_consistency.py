"""How alike a video's frames are, by the cosine of their CLIP embeddings.

Every sampled frame is embedded by CLIP. `consecutive` is the mean cosine of each frame with the one
before, as papers on video editing report it. `first_frame` also holds each frame against the first,
so that a slow drift counts: the form in which VBench states background consistency, here with
Pillow's antialiased resize where VBench resizes without. Without CLIP's weights the metric is
unavailable.

Formula:
    f_t unit embeddings, t = 0 ... T-1. consecutive = mean_t ⟨f_{t-1}, f_t⟩, t = 1 ... T-1.
    first_frame = mean_t ½ [max(0, ⟨f_{t-1}, f_t⟩) + max(0, ⟨f_0, f_t⟩)], t = 1 ... T-1.

Source:
    consecutive: Esser et al. 2023, Gen-1 (arXiv 2302.03011). first_frame: Huang et al. 2024,
    VBench (arXiv 2311.17982), background consistency.

Range:
    consecutive: -1 to 1. first_frame: 0 to 1.

Direction:
    Higher is more alike, which is better only while something moves.

Unit:
    cosine.

Blind to:
    the absence of motion: a frozen clip scores 1, the best there is, so read it beside motion and
    the veto of frozen clips. Slow change (in consecutive), brief flicker that keeps the content,
    small objects that come and go, uniform drift of hue or brightness, what the centre crop cuts
    off. A legitimate cut, and sampling fewer frames of the same video, both lower it.

Golden value:
    frames (1, 0), (0.6, 0.8), (-0.28, 0.96): consecutive 0.6, first_frame 0.45.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames
from bench.metrics._expects import Expects
from bench.metrics.base import F64, Column, Value, VideoMetric
from bench.registry import Spec
from bench.types import Clip

Vectors = npt.NDArray[np.generic]


def consecutive_cosines(frames_TD: Vectors) -> F64:
    """The cosine (T-1,) of each frame's embedding with that of the frame before."""
    unit_TD = _unit(frames_TD)
    cosines: F64 = (unit_TD[1:] * unit_TD[:-1]).sum(axis=1)
    return cosines.clip(-1.0, 1.0)


def first_frame_similarities(frames_TD: Vectors) -> F64:
    """For frames 1 ... T-1, (T-1,): mean of the similarity to the frame before and to the first.

    Both are cut at 0 before they are averaged.
    """
    unit_TD = _unit(frames_TD)
    first: F64 = (unit_TD[1:] * unit_TD[0]).sum(axis=1)
    both: F64 = consecutive_cosines(frames_TD).clip(min=0.0) + first.clip(0.0, 1.0)
    return both / 2


def _unit(frames_TD: Vectors) -> F64:
    x_TD = np.asarray(frames_TD, np.float64)
    unit_TD: F64 = x_TD / np.linalg.norm(x_TD, axis=1, keepdims=True)
    return unit_TD


class FrameConsistency(VideoMetric):
    """CLIP similarity between frames. `model`, `frames` and `device` go to the extractor."""

    name = "frame_consistency"
    version = "1"
    columns = (
        Column(
            name="consecutive",
            unit="cosine",
            low=-1.0,
            high=1.0,
            higher_is_better=True,
            summary="mean cosine of each frame with the one before",
        ),
        Column(
            name="first_frame",
            unit="cosine",
            low=0.0,
            high=1.0,
            higher_is_better=True,
            summary="mean similarity to the frame before and to the first (VBench's form)",
            headline=False,
        ),
    )
    expects = (
        Expects(
            column="consecutive",
            falls=("noise", "shuffle"),
            blind=("freeze", "static", "frame_duplicate", "reverse", "colour_shift"),
        ),
    )

    def __init__(
        self,
        *,
        model: str | None = None,
        frames: str | None = None,
        device: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        given = {"model": model, "frames": frames, "device": device}
        self.needs = (str(Spec(name="clip", options={k: v for k, v in given.items() if v})),)

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """Both columns, with the number of each pair as their series."""
        embeds_TD = clip.features[self.needs[0]]["embeds"]
        if len(embeds_TD) < 2:
            raise TooFewFrames(
                "frame consistency compares frames and needs two", seen=f"{len(embeds_TD)} sampled"
            )
        series = {
            "consecutive": consecutive_cosines(embeds_TD),
            "first_frame": first_frame_similarities(embeds_TD),
        }
        return {
            name: Value(value=float(values.mean()), series=values.astype(np.float32))
            for name, values in series.items()
        }
