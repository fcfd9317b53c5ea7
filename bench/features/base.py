"""The seam between videos and features: a step of a video, an extractor, its pass over one video.

Frames are decoded once. Each distinct sampling rule makes a chain of :class:`Step` objects, and
every extractor with that rule sees the same steps, so that what one works out (grey image, optical
flow) the others need not work out again. Features are small arrays; frames are never kept.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from bench.types import Arrays, Json, Probe, canonical_json, digest
from bench.videos.sample import Sampling

Frame = npt.NDArray[np.uint8]
T = TypeVar("T")


class Step:
    """One sampled frame: `frame_HWC` uint8 RGB, its index in the video and its time in seconds.

    `previous` is the step before it in the same sampling, and has itself no `previous` (so that at
    most two frames are alive). `shared` keeps what several extractors want of the same step.
    """

    __slots__ = ("_shared", "frame_HWC", "index", "previous", "time_s")

    def __init__(
        self, *, index: int, time_s: float, frame_HWC: Frame, previous: Step | None = None
    ) -> None:
        self.index = index
        self.time_s = time_s
        self.frame_HWC = frame_HWC
        self.previous = previous
        self._shared: dict[str, Any] = {}
        if previous is not None:
            previous.previous = None

    def shared(self, name: str, make: Callable[[Step], T]) -> T:
        """`make(self)`, worked out once per step however many extractors ask for `name`."""
        if name not in self._shared:
            self._shared[name] = make(self)
        value: T = self._shared[name]
        return value


class Pass(Protocol):
    """An extractor's way through one video."""

    def push(self, step: Step) -> None:
        """Take the next sampled frame, in order."""
        ...

    def finish(self) -> Any:
        """All frames were pushed: what :meth:`Extractor.embed` wants of this video.

        Raises:
            TooFewFrames: when the video had too few.
        """
        ...


class Extractor(abc.ABC):
    """Reads features from videos. Constructed with options as text or as their own types.

    A subclass sets `name`, `version` (raised whenever a number changes) and `sampling`, lists in
    `settings` everything else that its numbers depend on, and loads weights only when first needed.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    primary: ClassVar[str] = ""
    """The array that stands for the video where only one can, for instance `logits`."""
    sampling: Sampling = Sampling()
    batch_size: int = 1
    uses_torch: ClassVar[bool] = True
    """Whether worker processes must prepare torch before this extractor runs."""

    @abc.abstractmethod
    def settings(self) -> Mapping[str, Json]:
        """What the numbers depend on besides version and sampling: weights' sha256, resize, ...

        Raises:
            Unavailable: when weights or packages are missing; the message says how to get them.
        """

    @abc.abstractmethod
    def start(self, probe: Probe, sha256: str) -> Pass:
        """Begin a pass over one video of which `probe` is known."""

    def embed(self, payloads: Sequence[Any]) -> list[Arrays]:
        """What the passes' `finish` gave, as features, one entry a video.

        The result for a video must not depend, to the bit, on the others in the batch.
        """
        return list(payloads)

    def embed_text(self, texts: Sequence[str]) -> list[Arrays]:
        """Features of prompts, for extractors that read both."""
        raise TypeError(f"{self.name} reads no text")

    @property
    def reads_text(self) -> bool:
        """Whether it makes features of prompts too."""
        return type(self).embed_text is not Extractor.embed_text

    def key_fields(self) -> dict[str, Json]:
        """Everything that a number made from these features depends on, by name."""
        return {
            "extractor": self.name,
            "version": self.version,
            "sampling": str(self.sampling),
            **self.settings(),
        }

    def key(self) -> str:
        """The cache key: name, version and a hash of :meth:`key_fields`."""
        return feature_key(self.key_fields())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({canonical_json(dict(self.settings()))})"


def feature_key(fields: Mapping[str, Json]) -> str:
    """The cache key that belongs to an extractor's key fields."""
    return f"{fields['extractor']}-{fields['version']}-{digest(dict(fields))}"
