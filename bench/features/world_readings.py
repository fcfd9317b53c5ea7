"""What the phantom world's readers see in a video: every attribute, or why they abstain.

The readers (generator/world/readers) are analytic and know no prompt; they abstain before pictures
that are not of the world. The only array, `readings` (n_bytes,) uint8, holds JSON: attribute ->
`[value or null, confidence 0..1, reason]`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from bench.errors import TooFewFrames, Unavailable, UsageError
from bench.features.base import Extractor, Step
from bench.registry import code_of
from bench.types import Arrays, Json, Probe
from bench.videos.sample import Sampling, parse_sampling

U8 = npt.NDArray[np.uint8]
HEIGHT_PX = 96
"""Taller frames are shrunk to it: the readers are right on 48, and a long video stays small."""


class WorldReadings(Extractor):
    """Reads the attributes of the phantom world.

    Args:
        frames: the sampling rule.
        height: taller frames are shrunk by area to this height, px.
    """

    name: ClassVar[str] = "world_readings"
    version: ClassVar[str] = "1"
    uses_torch: ClassVar[bool] = False

    def __init__(self, frames: str = "all", height: int | str = HEIGHT_PX) -> None:
        self.sampling: Sampling = parse_sampling(frames)
        self.height_px = int(height)
        if not 24 <= self.height_px <= 2160:
            raise UsageError("not a height to read at", seen=height, legal="24 to 2160 px")

    def settings(self) -> Mapping[str, Json]:
        """The height, and the hash of the world's code, which is what stands for weights here.

        Raises:
            Unavailable: when the package `generator` is not installed.
        """
        try:
            import generator.world
        except ImportError as error:
            raise Unavailable(f"the world's readers are not installed: {error}") from error
        return {
            "height_px": self.height_px,
            "code": code_of(Path(generator.world.__file__).parent),
        }

    def start(self, probe: Probe, sha256: str) -> ReadingPass:
        """Begin a pass over one video."""
        return ReadingPass(self.height_px, probe.fps)


class ReadingPass:
    """Gathers one video's frames, shrunk."""

    def __init__(self, height_px: int, fps: float) -> None:
        self._height_px = height_px
        self._fps = fps
        self._frames: list[U8] = []

    def push(self, step: Step) -> None:
        """Take the next sampled frame."""
        self._frames.append(shrunk(step.frame_HWC, self._height_px))

    def finish(self) -> Arrays:
        """The readings of all attributes.

        Raises:
            TooFewFrames: when there was no frame at all.
        """
        if not self._frames:
            raise TooFewFrames("the readers need a frame", seen="0 frames")
        from generator.world.readers import read

        found = read(np.stack(self._frames), self._fps)
        record = {
            name: [reading.value, round(reading.confidence, 4), reading.reason]
            for name, reading in found.items()
        }
        return {"readings": np.frombuffer(json.dumps(record).encode(), dtype=np.uint8)}


def shrunk(frame_HWC: U8, height_px: int) -> U8:
    """The frame (H, W, 3), shrunk by pixel area to a height; smaller ones as they are."""
    height, width, _ = frame_HWC.shape
    if height <= height_px:
        return frame_HWC.copy()
    size = (max(1, round(width * height_px / height)), height_px)
    return np.asarray(cv2.resize(frame_HWC, size, interpolation=cv2.INTER_AREA), np.uint8)


def decoded(arrays: Arrays) -> dict[str, tuple[Any, float, str]]:
    """Attribute -> value (None for an abstention), confidence and reason."""
    record = json.loads(np.asarray(arrays["readings"]).tobytes())
    return {
        name: (value, confidence, reason) for name, (value, confidence, reason) in record.items()
    }
