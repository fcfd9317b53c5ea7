"""Measures a reader's confusion on the phantom's persons: `python -m audits._measure_reader`.

Persons are drawn with every value as often as asked, rendered at a size, blurred if asked, and
read. What is printed is a file for the audit's option `confusion=`: rows are true values, columns
what was read, abstentions last. It holds for videos like these; those of another generator need
people of that generator, labelled by hand, at least 50 of each value.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from audits.readers.base import U8, AttributeReader, Footage
from audits.readers.phantom import OF_WORLD, SPEC
from bench import registry
from bench.errors import UsageError
from bench.types import Arrays, Json

ASPECT = 5 / 3


def measured(
    reader: AttributeReader,
    attribute: str,
    *,
    each: int,
    height_px: int = 24,
    blur_px: float = 0.0,
    seed: int = 0,
) -> list[list[int]]:
    """Counts (K, K + 1) of `each` persons of every true value by what was read of them.

    Raises:
        UsageError: when the phantom's persons have no such attribute.
    """
    if attribute not in OF_WORLD or attribute not in reader.attributes:
        raise UsageError(
            "the phantom's persons cannot show this to the reader",
            seen=attribute,
            legal=", ".join(sorted(set(OF_WORLD) & set(reader.attributes))),
        )
    values = reader.attributes[attribute]
    counts = np.zeros((len(values), len(values) + 1), dtype=np.int64)
    for row, value in enumerate(values):
        rng = np.random.default_rng([seed, row])
        for _ in range(each):
            frames_THWC = _clip(rng, OF_WORLD[attribute], value, height_px, blur_px)
            seen = reader.read(_footage(frames_THWC))[attribute].value
            counts[row, len(values) if seen is None else values.index(seen)] += 1
    return [[int(count) for count in row] for row in counts]


def record_of(
    reader: str, attribute: str, counts: Sequence[Sequence[int]], values: Sequence[str], how: str
) -> dict[str, Json]:
    """The file for the option `confusion=`."""
    table: dict[str, Json] = {"values": list(values), "counts": [list(row) for row in counts]}
    return {"source": f"{reader} on the phantom's persons, {how}", "attributes": {attribute: table}}


def _clip(rng: np.random.Generator, name: str, value: str, height_px: int, blur_px: float) -> U8:
    from generator.world.attributes import attributes
    from generator.world.render import BASE_FPS, BASE_FRAMES, render
    from generator.world.sampling import sample_scene

    while True:
        scene = sample_scene(rng, kind="person", held_out=None)
        if str(attributes(scene.truth)[name]) == value:
            break
    frames_THWC = render(
        scene, height_px, round(height_px * ASPECT), fps=BASE_FPS, n_frames=BASE_FRAMES
    )
    if blur_px:
        frames_THWC = np.stack([cv2.GaussianBlur(f, (0, 0), blur_px) for f in frames_THWC])
    return np.asarray(frames_THWC, dtype=np.uint8)


def _footage(frames_THWC: U8) -> Footage:
    from generator.world.render import BASE_FPS

    def arrays(spec: str) -> Arrays | None:
        if spec != SPEC:
            return None
        from generator.world.readers import read

        found = read(frames_THWC, BASE_FPS, OF_WORLD.values())
        record: Mapping[str, Any] = {n: [r.value, r.confidence, r.reason] for n, r in found.items()}
        return {"readings": np.frombuffer(json.dumps(record).encode(), dtype=np.uint8)}

    return Footage(load=lambda: (frames_THWC, BASE_FPS), arrays=arrays)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reader", default="phantom")
    parser.add_argument("--attribute", default="apparent_skin_tone_band")
    parser.add_argument("--each", type=int, default=200, help="persons of every value")
    parser.add_argument("--height", type=int, default=24, help="of the frames, px")
    parser.add_argument("--blur", type=float, default=0.0, help="standard deviation, px")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    reader = registry.build("reader", asked.reader)
    counts = measured(
        reader,
        asked.attribute,
        each=asked.each,
        height_px=asked.height,
        blur_px=asked.blur,
        seed=asked.seed,
    )
    how = f"{asked.each} of each value, {asked.height} px high, blur {asked.blur:g} px"
    values = reader.attributes[asked.attribute]
    made = record_of(asked.reader, asked.attribute, counts, values, how)
    sys.stdout.write(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
