"""The reference cascade's own output filter, which looks for the canary emblem in frames.

It looks at up to 16 evenly spaced frames and takes the second-highest score. Options: `threshold`,
`leak`, `false_alarm`, `dial_seed`; what it misses and where is in docs/filters.md.
"""

from __future__ import annotations

from audits._filter_parts import Adapter
from audits.frame_filters.base import check_frames
from generator.filters import canary_frames
from generator.world.palette import Array


class CanaryFrames(Adapter[Array]):
    """The cascade's small network, with its options as text."""

    name = "canary_frames"
    version = canary_frames.CanaryFrames.version

    def __init__(
        self, *, threshold: float | str = canary_frames.THRESHOLD, **dials: float | str
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self._filter = canary_frames.CanaryFrames(self.threshold)

    def parts(self) -> str:
        """The weights' sha256."""
        return self._filter.parts()

    def score(self, content: Array) -> tuple[float, str]:
        """The second-highest frame's score."""
        check_frames(content)
        return self._filter.score(content)

    def data(self, content: Array) -> bytes:
        """Shape and pixels."""
        return self._filter.data(content)
