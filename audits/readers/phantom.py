"""Reads persons of the phantom world: exact, and it abstains before any other picture.

The whole video's readings come from the extractor `world_readings`; those of a stretch of it are
made from the frames. What the readers get wrong at base size is measured in docs/world.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from audits.readers.base import AttributeReader, Footage, Perceived, unknown
from bench.types import Json

SPEC = "world_readings"
OF_WORLD: Mapping[str, str] = {
    "apparent_skin_tone_mst": "tone",
    "apparent_skin_tone_band": "tone_band",
    "hair": "hair",
    "outfit": "outfit",
    "role": "role",
}
"""Perceived attribute -> the world's name for it."""


class Phantom(AttributeReader):
    """The truth reader of the phantom world."""

    name: ClassVar[str] = "phantom"
    ordinal = frozenset({"apparent_skin_tone_mst", "apparent_skin_tone_band"})
    stated_by: Mapping[str, tuple[str, ...]] = {
        "apparent_skin_tone_mst": ("tone", "tone_band"),
        "apparent_skin_tone_band": ("tone", "tone_band"),
        "hair": ("hair",),
        "outfit": ("outfit",),
        "role": ("role",),
    }
    exact = True

    @cached_property
    def attributes(self) -> Mapping[str, tuple[str, ...]]:  # type: ignore[override]
        """The world's values, as text."""
        from generator.world.attributes import LEGAL

        return {name: tuple(str(v) for v in LEGAL[world]) for name, world in OF_WORLD.items()}

    def settings(self) -> Mapping[str, Json]:
        """The code of the world, which stands for weights."""
        import generator.world
        from bench.registry import code_of

        return {"code": code_of(Path(generator.world.__file__).parent)}

    def read(self, footage: Footage) -> Mapping[str, Perceived]:
        """The world's readings of the video, or of a stretch of it."""
        if not footage.is_whole:
            return self._of_frames(footage)
        from bench.features.world_readings import decoded

        arrays = footage.arrays(SPEC)
        if arrays is None:
            return {name: unknown("the world's readers refused it") for name in OF_WORLD}
        found = decoded(arrays)
        return {name: _perceived(*found[world][::2]) for name, world in OF_WORLD.items()}

    def _of_frames(self, footage: Footage) -> Mapping[str, Perceived]:
        from bench.features.world_readings import HEIGHT_PX, shrunk
        from generator.world.readers import read

        frames_THWC, fps = footage.frames()
        small = np.stack([shrunk(frame, HEIGHT_PX) for frame in frames_THWC])
        found = read(small, fps, OF_WORLD.values())
        return {
            name: _perceived(found[world].value, found[world].reason)
            for name, world in OF_WORLD.items()
        }


def _perceived(value: object, reason: str) -> Perceived:
    return unknown(reason) if value is None else Perceived(value=str(value))
