"""What the scores by a dual encoder share: the cosine of each frame with the prompt."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from bench.metrics.base import F64, Value, VideoMetric
from bench.types import Clip

Vectors = npt.NDArray[np.generic]


def frame_cosines(frames_TD: Vectors, prompt_D: Vectors) -> F64:
    """The cosine (T,) between each frame's embedding and the prompt's, worked out in float64."""
    x_TD, p_D = np.asarray(frames_TD, np.float64), np.asarray(prompt_D, np.float64)
    lengths_T = np.linalg.norm(x_TD, axis=1) * np.linalg.norm(p_D)
    cosines_T: F64 = (x_TD * p_D).sum(axis=1) / lengths_T
    return cosines_T.clip(-1.0, 1.0)


class CosineScore(VideoMetric):
    """A score made of the cosines between a video's frames and its prompt.

    A subclass sets `needs` to one extractor that reads both, `encoder` to the name that a reader
    knows it by, and makes its columns' values of the cosines. The column `cos` has the series.
    """

    needs_prompt = True
    encoder: ClassVar[str]

    @abc.abstractmethod
    def values(self, cosines_T: F64) -> Mapping[str, float]:
        """The columns' values of a video's frame cosines."""

    def score(self, clip: Clip) -> Mapping[str, Value]:
        """The columns, with the cosine of each frame as the series of `cos`."""
        text = clip.text.get(self.needs[0])
        if text is None:
            lacking = Value(value=math.nan, reason="the video has no prompt")
            return {column.name: lacking for column in self.columns}
        n_tokens, n_kept = int(text["n_tokens"]), int(text["n_kept"])
        reason = (
            f"{self.encoder} read {n_kept} of the prompt's {n_tokens} tokens"
            if n_kept < n_tokens
            else ""
        )
        cosines_T = frame_cosines(clip.features[self.needs[0]]["embeds"], text["embed"])
        series = {"cos": cosines_T.astype(np.float32)}
        return {
            name: Value(value=value, series=series.get(name), reason=reason)
            for name, value in self.values(cosines_T).items()
        }
