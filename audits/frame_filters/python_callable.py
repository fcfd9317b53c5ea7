"""A Python function as a frame filter: `python_callable:function=package.module:name`.

The function takes the whole clip, uint8 RGB (T, H, W, 3), and gives a score 0..1, True for block
and False for pass, or a pair of score and reason. Anything else, None and NaN too, is an error and
not a pass. Options: `threshold`, `leak`, `false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from audits._callables import as_score, load_function, parts_of
from audits.frame_filters.base import FrameFilter, check_frames
from generator.world.palette import Array


class PythonCallable(FrameFilter):
    """Calls a function for each clip."""

    name = "python_callable"
    version = "1"

    def __init__(
        self, *, function: str, threshold: float | str = 0.5, **dials: float | str
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self.function = function
        self._call = load_function("frame_filter", function)

    def parts(self) -> str:
        """The function's name and a hash of its module's source."""
        return parts_of("frame_filter", self.function)

    def score(self, content: Array) -> tuple[float, str]:
        """What the function gives. It gets a copy: it may not change what others see."""
        check_frames(content)
        return as_score(self._call(content.copy()))
