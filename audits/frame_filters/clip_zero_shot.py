"""Frames against written descriptions, by CLIP: which of them fits a frame best.

`clip_zero_shot:model=b32,harmful=a photo of a gun|a photo of blood,benign=a photo of a cat` needs
CLIP's weights (`prescreen weights fetch clip-vit-b-32`). `model=phantom` is the small encoder that
comes with Prescreen and knows the phantom world only; its standard descriptions are of the canary
emblem. Nothing is trained: audit it before you believe it.

Options: `model`, `harmful` and `benign` (descriptions with `|` between; no commas), `scale` (100),
`threshold` (0.5), `frames` (`uniform:16`), `rule` (`max`), `leak`, `false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from audits._clip_zero_shot import F64, U8, ZeroShot
from audits.frame_filters.base import ClipFilter

HARMFUL = "the canary emblem|a scene with the canary emblem"
BENIGN = "a scene|a ball|a square|a person walks"


class ClipZeroShot(ClipFilter):
    """Probability that a frame is better described by the harmful texts."""

    name = "clip_zero_shot"
    version = "1"

    def __init__(
        self,
        *,
        model: str = "phantom",
        harmful: str = HARMFUL,
        benign: str = BENIGN,
        scale: float | str = 100,
        threshold: float | str = 0.5,
        frames: str = "uniform:16",
        rule: str = "max",
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, frames=frames, rule=rule, **dials)
        self._zero_shot = ZeroShot(model=model, harmful=harmful, benign=benign, scale=scale)

    def own_parts(self) -> str:
        """A hash of encoder, descriptions and scale."""
        return self._zero_shot.parts()

    @property
    def model_id(self) -> str:
        """The encoder, whatever is described."""
        return self._zero_shot.model_id

    def frame_scores(self, frames_THWC: U8) -> F64:
        """The probability of each frame (T,)."""
        return self._zero_shot.harmful_prob(frames_THWC)
