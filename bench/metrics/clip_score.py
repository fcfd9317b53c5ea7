"""How well a video's frames match its prompt, by CLIP: the raw cosine and its usual scales.

The prompt and every sampled frame are embedded by CLIP; the score is the mean over frames of the
cosine between the two. The raw cosine is the headline, because every published variant is derived
from it and none from another: `hessel` and `torchmetrics` are those scales, and CLIPSIM is `cos`
itself under another name. Numbers of different CLIP models, samplings or prefixes do not compare;
all three stand in the comparability key.

Formula:
    cos_t = ⟨f_t, p⟩ / (‖f_t‖ ‖p‖) for frame embeddings f_t, t = 1 ... T, and prompt embedding p.
    cos = mean_t cos_t. hessel = mean_t 2.5 max(cos_t, 0). torchmetrics = max(mean_t 100 cos_t, 0),
    the clip after the mean, as its code does and its documentation does not. hessel is Hessel's
    CLIPScore of the frames only with `model=b32` and `prefix=A photo depicts`; by default the
    prompt stands alone. A prompt beyond CLIP's 77 tokens loses its end, and the score says so.

Source:
    Hessel et al. 2021, CLIPScore, EMNLP (arXiv 2104.08718). CLIPSIM: Wu et al. 2021, GODIVA
    (arXiv 2104.14806). Model: Radford et al. 2021 (arXiv 2103.00020); ViT-B/32 by default.

Range:
    cos: -1 to 1, published means of videos 0.24 to 0.33. hessel: 0 to 2.5. torchmetrics: 0 to 100.

Direction:
    Higher is a closer match. There is a ceiling: in Imagen Video's table every sampler scored
    above real videos (24.27 on the scale of `torchmetrics`), so read it beside the reference row.

Unit:
    cosine (cos), 2.5 cosines (hessel), hundredths of a cosine (torchmetrics).

Blind to:
    motion, order of frames and time at all: a still picture of the prompt scores as the video
    does. Counts, negation and who does what to whom are weak in CLIP. What the centre crop cuts
    off is not seen. Written words can be read by CLIP, so that a caption in the picture scores.

Golden value:
    prompt (1, 0), frames (0.6, 0.8) and (-0.28, 0.96): cos 0.16, hessel 0.75, torchmetrics 16.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.metrics._cosine import CosineScore
from bench.metrics._expects import Expects
from bench.metrics.base import F64, Column
from bench.registry import Spec


def scales(cosines_T: F64) -> dict[str, float]:
    """The published scales of a video's frame cosines, by column."""
    mean = float(cosines_T.mean())
    return {
        "cos": mean,
        "hessel": float((2.5 * np.maximum(cosines_T, 0.0)).mean()),
        "torchmetrics": max(100.0 * mean, 0.0),
    }


class ClipScore(CosineScore):
    """Frame-averaged CLIP similarity. `model`, `frames`, `prefix`, `device` go to the extractor."""

    name = "clip_score"
    version = "1"
    encoder = "CLIP"
    columns = (
        Column(
            name="cos",
            unit="cosine",
            low=-1.0,
            high=1.0,
            higher_is_better=True,
            summary="mean over frames of the cosine with the prompt (CLIPSIM)",
        ),
        Column(
            name="hessel",
            unit="2.5 cosines",
            low=0.0,
            high=2.5,
            higher_is_better=True,
            summary="2.5 times the cosine, cut at 0 frame by frame (Hessel's scale)",
            headline=False,
        ),
        Column(
            name="torchmetrics",
            unit="hundredths of a cosine",
            low=0.0,
            high=100.0,
            higher_is_better=True,
            summary="100 times the mean cosine, cut at 0 (the scale of torchmetrics)",
            headline=False,
        ),
    )
    expects = (
        Expects(
            column="cos",
            falls=("wrong_caption", "black"),
            blind=("freeze", "static", "shuffle", "reverse", "loop", "frame_duplicate"),
        ),
    )

    def __init__(
        self,
        *,
        model: str | None = None,
        frames: str | None = None,
        prefix: str | None = None,
        device: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        given = {"model": model, "frames": frames, "prefix": prefix, "device": device}
        self.needs = (str(Spec(name="clip", options={k: v for k, v in given.items() if v})),)

    def values(self, cosines_T: F64) -> Mapping[str, float]:
        """The three scales."""
        return scales(cosines_T)
