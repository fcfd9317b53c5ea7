"""How well frames match the prompt in the phantom world, by an own encoder that is no CLIP.

The prompt and every sampled frame are embedded by the dual encoder that comes with Prescreen; the
score is the mean over frames of the cosine between the two, as CLIP score's is. The encoder has
CLIP's architecture and is loaded as CLIP is, but it was trained on the phantom world alone: the
score belongs to videos and prompts of that world, says nothing of others, and never stands beside a
CLIP score. It is there so that everything around a CLIP score can be tried and calibrated on a
known truth, offline.

Formula:
    cos_t = ⟨f_t, p⟩ / (‖f_t‖ ‖p‖) for frame embeddings f_t, t = 1 ... T, and prompt embedding p.
    cos = mean_t cos_t.

Source:
    The score: Hessel et al. 2021, CLIPScore, EMNLP (arXiv 2104.08718), without its factor of 2.5.
    The encoder and its measured figures: generator/weights/phantom-clip/README.md.

Range:
    cos: -1 to 1. On the phantom world's own clips right captions have 0.77 on the mean, shuffled
    ones 0.05, and one with a single error 0.03 to 0.28 less than the right one.

Direction:
    Higher is a closer match.

Unit:
    cosine.

Blind to:
    motion, rotation, camera moves, order of frames and time at all. Whatever lies outside the
    phantom world: real pictures, other words. It cannot read words, nor tell which of two things is
    where; hair and skin tone are weak. The card has a figure for each attribute.

Golden value:
    prompt (1, 0), frames (0.6, 0.8) and (-0.28, 0.96): cos 0.16.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.metrics._cosine import CosineScore
from bench.metrics._expects import Expects
from bench.metrics.base import F64, Column
from bench.registry import Spec


class PhantomClipScore(CosineScore):
    """Frame-averaged similarity in the phantom world. `frames`, `device` go to the extractor."""

    name = "phantom_clip_score"
    version = "1"
    encoder = "phantom-clip"
    columns = (
        Column(
            name="cos",
            unit="cosine",
            low=-1.0,
            high=1.0,
            higher_is_better=True,
            summary="mean over frames of the cosine with the prompt, by phantom-clip",
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
        self, *, frames: str | None = None, device: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        given = {"frames": frames, "device": device}
        options = {name: value for name, value in given.items() if value}
        self.needs = (str(Spec(name="phantom_clip", options=options)),)

    def values(self, cosines_T: F64) -> Mapping[str, float]:
        """The mean cosine."""
        return {"cos": float(cosines_T.mean())}
