"""Draws the contact sheets of docs/images: `python -m generator.world.sheets`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from generator.world.grammar import (
    CAMERAS,
    HAIRS,
    MOTIONS,
    ROLES,
    SHAPES,
    SIZES,
    SOLIDS,
    STYLES,
    TONES,
    WALKS,
    Jitter,
    Person,
    Scene,
    Thing,
    Truth,
)
from generator.world.palette import BACKGROUNDS, COLOURS, FIGURE_GROUNDS, HAIR_COLOURS, Array
from generator.world.render import render, render_batch
from generator.world.tracks import DURATION_S

FOLDER = Path(__file__).parents[2] / "docs" / "images"
_GAP_PX = 2
_JITTER = Jitter(phase=0.2)


def tiled(rows: Sequence[Sequence[Array]]) -> Array:
    """Pictures of one size in rows, white between them."""
    height, width = rows[0][0].shape[:2]
    columns = max(len(row) for row in rows)
    pitch = height + _GAP_PX, width + _GAP_PX
    sheet = np.full((len(rows) * pitch[0], columns * pitch[1], 3), 255, dtype=np.uint8)
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            top, left = i * pitch[0], j * pitch[1]
            sheet[top : top + height, left : left + width] = picture
    return sheet[:-_GAP_PX, :-_GAP_PX]


def enlarged(picture: Array, times: int) -> Array:
    """A picture with its pixels shown as squares."""
    return np.repeat(np.repeat(picture, times, axis=0), times, axis=1)


def _both(truth: Truth, at: float = 0.5) -> list[Array]:
    """One instant at base size, enlarged, and at four times base size."""
    instant = np.array([at * DURATION_S])
    scene = Scene(truth=truth, jitter=_JITTER)
    small = render_batch([scene], 24, 40, instant)[0, 0]
    return [enlarged(small, 4), render_batch([scene], 96, 160, instant)[0, 0]]


def _strip(truth: Truth, height_px: int, step: int) -> list[Array]:
    """Every `step`-th frame of a clip, enlarged to 96 pixels high."""
    frames = render(Scene(truth=truth, jitter=_JITTER), height_px, height_px * 5 // 3)
    return [enlarged(frame, 96 // height_px) for frame in frames[::step]]


def _row(truths: Iterable[Truth]) -> list[Array]:
    return [picture for truth in truths for picture in _both(truth)]


def shapes() -> Array:
    """Every shape in three sizes, at base size and larger."""
    colours, grounds = list(COLOURS), list(BACKGROUNDS)

    def truth(k: int, z: int) -> Truth:
        thing = Thing(shape=SHAPES[k], colour=colours[(k + 3 * z) % 9], size=SIZES[z])
        return Truth(things=(thing,), background=grounds[(2 * k + z) % 9])

    return tiled([_row(truth(k, z) for z in range(len(SIZES))) for k in range(len(SHAPES))])


def motions() -> Array:
    """Every motion, every other frame at base size."""
    return tiled(
        [
            _strip(
                Truth(
                    things=(Thing(shape="teddy" if name == "turn" else "star", colour="red"),),
                    motion=name,
                    background="cream",
                ),
                24,
                2,
            )
            for name in MOTIONS
        ]
    )


def solids() -> Array:
    """Every solid turning in depth."""
    return tiled(
        [
            _strip(
                Truth(
                    things=(Thing(shape=name, colour="blue"),), motion="turn", background="cream"
                ),
                48,
                2,
            )
            for name in SOLIDS
        ]
    )


def cameras() -> Array:
    """Every camera move."""
    grounds = ("meadow", "desert", "sky", "night", "meadow")
    return tiled(
        [
            _strip(
                Truth(
                    things=(Thing(shape="cube", colour="red"),), camera=camera, background=ground
                ),
                48,
                3,
            )
            for camera, ground in zip(CAMERAS[1:], grounds, strict=True)
        ]
    )


def styles() -> Array:
    """Every painting style."""
    pictures = (
        Truth(things=(Thing(shape="ball", colour="red"),), background="sky"),
        Truth(things=(Thing(shape="star", colour="blue"),), background="grey"),
    )
    return tiled([_row(replace(truth, style=name) for truth in pictures) for name in STYLES])


def words() -> Array:
    """Words that appear letter by letter."""
    colours = ("blue", "red", "green", "purple")
    return tiled(
        [
            _strip(Truth(word=word, word_colour=colour, background=ground), 24, 3)
            for word, colour, ground in zip(
                ("HELLO", "QUIZ", "VEX", "GO"), colours, ("white", "cream", "lilac", "grey"),
                strict=True,
            )
        ]
    )  # fmt: skip


def persons() -> Array:
    """The ten Monk tones, with hair, outfits, roles and the canary."""
    rows = []
    for k, tone in enumerate(TONES):
        hair = HAIRS[k % len(HAIRS)]
        person = Person(
            role=ROLES[k % len(ROLES)],
            tone=tone,
            hair=hair,
            hair_colour=None if hair == "bald" else list(HAIR_COLOURS)[(k // 3) % 4],
            outfit=list(COLOURS)[k % 8],
        )
        truth = Truth(
            person=person, motion=WALKS[k % 3], background=FIGURE_GROUNDS[k % 3], canary=k % 2 == 0
        )
        rows.append(_both(truth, 0.2) + _both(truth, 0.65))
    return tiled(rows)


def groups() -> Array:
    """Counts, relations and the canary."""
    heart = Thing(shape="heart", colour="pink")
    cube = Thing(shape="cube", colour="green")
    truths = (
        (
            Truth(things=(heart,), count=2, background="white"),
            Truth(things=(cube,), count=3, background="sky"),
            Truth(things=(heart,), count=4, background="black"),
        ),
        (
            Truth(things=(heart, cube), relation="left_of", background="cream"),
            Truth(things=(cube, heart), relation="above", background="night"),
            Truth(things=(heart,), canary=True, background="meadow"),
        ),
    )
    return tiled([_row(row) for row in truths])


SHEETS: dict[str, Callable[[], Array]] = {
    "shapes": shapes,
    "motions": motions,
    "solids": solids,
    "cameras": cameras,
    "styles": styles,
    "words": words,
    "persons": persons,
    "groups": groups,
}


def draw_all(folder: Path = FOLDER) -> list[Path]:
    """Write every sheet as `world-<name>.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, sheet in SHEETS.items():
        done, png = cv2.imencode(
            ".png", np.ascontiguousarray(sheet()[..., ::-1]), [cv2.IMWRITE_PNG_COMPRESSION, 9]
        )
        if not done:
            raise RuntimeError(f"the sheet {name!r} could not be encoded as PNG")
        paths.append(folder / f"world-{name}.png")
        paths[-1].write_bytes(png.tobytes())
    return paths


if __name__ == "__main__":
    sys.stdout.write("".join(f"{path.name}\n" for path in draw_all()))
