"""The seam to watermark detectors: frames in, a score out, bits where the mark has a payload.

    from audits.watermarks.base import load_watermark

    detector = load_watermark("dct_qim")
    reading = detector.detect(frames_THWC)
    reading.score, reading.bits, reading.p_value

A detector knows what it looks for (key, payload) from its options. Where it can say how likely an
unmarked video is to read as well as this one, `p_value` holds that; where it cannot, the audit
needs unmarked videos to learn which scores they have.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bench import registry
from bench.errors import UsageError
from bench.types import Json

U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a detector reads in one video.

    Attributes:
        score: higher where the mark is surer to be there.
        bits: what was read, `0` and `1`; empty where the mark has no payload.
        expected: what should be read; empty likewise.
        p_value: chance that an unmarked video reads at least as well, where the detector knows it.
    """

    score: float
    bits: str = ""
    expected: str = ""
    p_value: float | None = None

    def __post_init__(self) -> None:
        """Refuse bits of two lengths, and what is no number.

        Raises:
            ValueError: when it is so.
        """
        if len(self.bits) != len(self.expected) or set(self.bits + self.expected) - {"0", "1"}:
            raise ValueError(f"bits {self.bits!r} cannot be compared with {self.expected!r}")
        if not np.isfinite(self.score):
            raise ValueError(f"the score is {self.score}")
        if self.p_value is not None and not 0 <= self.p_value <= 1:
            raise ValueError(f"the p-value is {self.p_value}")

    @property
    def n_right(self) -> int:
        """Bits that were read as they should be."""
        return sum(a == b for a, b in zip(self.bits, self.expected, strict=True))


class Watermark(abc.ABC):
    """One detector. Its file's stem is its name; its options come as text."""

    name: ClassVar[str]
    version: ClassVar[str] = "1"

    @abc.abstractmethod
    def settings(self) -> Mapping[str, Json]:
        """Everything that the readings follow from; a key only as a one-way hash.

        Raises:
            Unavailable: when weights or packages are missing; the message says how to get them.
        """

    @abc.abstractmethod
    def detect(self, frames_THWC: U8) -> Reading:
        """What is in the frames: uint8 RGB (T, H, W, 3) of any size.

        Raises:
            ValueError: when these frames cannot be read, because they are too small for instance.
        """


def load_watermark(spec: str) -> Watermark:
    """The detector of a spec.

    Raises:
        UsageError: for an unknown name or option.
    """
    built: Any = registry.build("watermark", spec)
    if not isinstance(built, Watermark):
        raise UsageError(
            f"{spec} is not a watermark detector",
            seen=type(built).__name__,
            legal="a subclass of audits.watermarks.base.Watermark",
            then="prescreen ls watermarks",
        )
    return built
