"""A Python function as a model: `callable:function=package.module:name`.

The function takes a prompt and a seed, `f(prompt: str, seed: int)`, and gives frames uint8 RGB
(T, H, W, 3), or a pair of frames and frame rate, or None where it has no video. Frames may come as
an iterator of (H, W, 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bench import registry
from bench.errors import UsageError
from bench.models._options import number
from bench.models.base import Ask, Made, VideoModel
from bench.types import Json, Outcome


class Callable(VideoModel):
    """Calls a function for each ask.

    Args:
        function: `package.module:name`, of a module that Python finds.
        fps: the frame rate, where the function gives frames alone.
    """

    name: ClassVar[str] = "callable"
    version: ClassVar[str] = "1"

    def __init__(self, *, function: str, fps: float | str = 24) -> None:
        if ":" not in function:
            raise UsageError(
                "the function has no module", seen=function, legal="package.module:name"
            )
        self.function = function
        self.fps = number("fps", fps, 0.1, 240)

    def settings(self) -> Mapping[str, Json]:
        """The function's name and the hash of its module's source."""
        self._call()
        source = registry.fingerprint("model", self.function)
        return {"function": self.function, "source": source, "fps": self.fps}

    def generate(self, asks: Sequence[Ask]) -> list[Made]:
        """What the function gives for each ask."""
        call = self._call()
        return [self._made(call(ask.prompt, ask.seed)) for ask in asks]

    def _call(self) -> Any:
        call = registry.load("model", self.function)
        if not callable(call):
            raise UsageError(
                f"{self.function} cannot be called",
                seen=type(call).__name__,
                legal="a function of a prompt and a seed",
            )
        return call

    def _made(self, given: Any) -> Made:
        if given is None:
            return Made(frames=None, outcome=Outcome.MISSING, reason="the function gave no video")
        if isinstance(given, tuple):
            frames, fps = given
            return Made(frames=frames, fps=float(fps))
        return Made(frames=given, fps=self.fps)
