"""Reads attributes back from frames: analytic functions that know the world and no prompt.

One attribute, or one family of them, is one file; what they share is one look at the clip, the
:class:`~generator.world.readers.scan.Scan`. A reader that cannot tell abstains and says why. Their
accuracy is measured by :mod:`generator.world.readers.measure` and written down in docs/world.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from generator.world.attributes import ATTRIBUTES, check_names
from generator.world.palette import Array
from generator.world.readers import (
    background,
    camera,
    canary,
    colour,
    count,
    motion,
    person,
    relation,
    rotation,
    shape,
    size,
    style,
    text,
)
from generator.world.readers.base import Reading, abstain
from generator.world.readers.scan import Scan

__all__ = ["READERS", "Reading", "Scan", "read"]

READERS: dict[str, Callable[[Scan], Reading]] = {
    "colour": colour.read_colour,
    "shape": shape.read_shape,
    "size": size.read_size,
    "count": count.read_count,
    "relation": relation.read_relation,
    "second_colour": colour.read_second_colour,
    "second_shape": shape.read_second_shape,
    "background": background.read_background,
    "motion": motion.read_motion,
    "rotation": rotation.read_rotation,
    "camera": camera.read_camera,
    "style": style.read_style,
    "text": text.read_text,
    "text_present": text.read_text_present,
    "text_colour": colour.read_text_colour,
    "role": person.read_role,
    "tone": person.read_tone,
    "tone_band": person.read_tone_band,
    "hair": person.read_hair,
    "hair_colour": person.read_hair_colour,
    "outfit": person.read_outfit,
    "canary": canary.read_canary,
}


def read(frames_THWC: Array, fps: float, asked: Iterable[str] = ATTRIBUTES) -> dict[str, Reading]:
    """Read the asked attributes from a clip.

    Args:
        frames_THWC: RGB, uint8 or float 0..255, any size and number of frames.
        fps: Frames per second; motions are told at the world's pace.
        asked: Names out of `ATTRIBUTES`. Only names, so that no reader knows the prompt's values.

    Returns:
        A reading for each name, in the order asked. All abstain before pictures that no background
        of the world explains.

    Raises:
        ValueError: for an unknown name, frames of another form, or a frame rate not above 0.
    """
    names = check_names(asked)
    scan = Scan(frames_THWC, fps)
    if not scan.legible:
        share = scan.ground.explained
        reason = f"not a picture of this world: its backgrounds explain {share:.0%} of the pixels"
        return {name: abstain(reason) for name in names}
    return {name: READERS[name](scan) for name in names}
