"""Draws truths and scenes: curricula, held-out combinations, open places filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from generator.world.grammar import (
    CAMERAS,
    CANARY_MOTIONS,
    FLAT_SHAPES,
    GROUP_MOTIONS,
    HAIRS,
    KINDS,
    MOTIONS,
    RELATIONS,
    ROLES,
    ROUND,
    SHAPES,
    SIZES,
    SOLIDS,
    STYLES,
    TONES,
    WALKS,
    WORDS,
    Jitter,
    Person,
    Scene,
    Thing,
    Truth,
    faults,
    is_held_out,
)
from generator.world.palette import BACKGROUNDS, COLOURS, FIGURE_GROUNDS, HAIR_COLOURS

T = TypeVar("T")
PLAIN = tuple(name for name, ground in BACKGROUNDS.items() if ground.plain)
TEXTURED = tuple(name for name in BACKGROUNDS if name not in PLAIN)
OUTFITS = tuple(name for name in COLOURS if name != "brown")
BIASED = ("role", "tone", "hair", "hair_colour", "outfit")
"""Places of a person that a bias table may tilt."""

BiasTable = Mapping[str, Mapping[str, Mapping[object, float]]]
"""`{"tone": {"doctor": {1: 3.0}}}`: weights of open values by role, "*" for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A subset of the grammar to learn from: kinds with their weights, and the words allowed."""

    kinds: Mapping[str, float]
    shapes: tuple[str, ...] = SHAPES
    motions: tuple[str, ...] = MOTIONS
    backgrounds: tuple[str, ...] = tuple(BACKGROUNDS)
    sizes: tuple[str, ...] = SIZES


LEVELS: dict[int, Level] = {
    1: Level(
        kinds={"thing": 1},
        shapes=("disc", "square", "triangle", "heart", "ring", "cross"),
        motions=("left", "right", "up", "down", "grow", "shrink", "spin", "still"),
        backgrounds=("white", "grey", "black", "cream"),
        sizes=("medium",),
    ),
    2: Level(kinds={"thing": 1}, shapes=(*FLAT_SHAPES, "ball", "cube"), sizes=("medium",)),
    3: Level(kinds={"thing": 6, "group": 2, "pair": 2}),
    4: Level(kinds={"thing": 5, "group": 1.5, "pair": 1.5, "camera": 2, "style": 2}),
    5: Level(
        kinds={
            "thing": 5,
            "group": 1.5,
            "pair": 1.5,
            "camera": 1.5,
            "style": 1.5,
            "word": 1,
            "person": 2,
            "canary": 1,
        }
    ),
}
FULL = max(LEVELS)


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of `options`, each as likely."""
    return options[int(rng.integers(len(options)))]


def _thing(rng: np.random.Generator, level: Level, shapes: Sequence[str], size: bool) -> Thing:
    return Thing(
        shape=pick(rng, shapes),
        colour=pick(rng, tuple(COLOURS)),
        size=pick(rng, level.sizes) if size else "medium",
    )


def _one_thing(rng: np.random.Generator, level: Level) -> Truth:
    motion = pick(rng, level.motions)
    shapes: Sequence[str] = level.shapes
    if motion == "turn":
        shapes = [s for s in shapes if s in SOLIDS]
    elif motion == "spin":
        shapes = [s for s in shapes if s not in ROUND]
    thing = _thing(rng, level, shapes, size=motion not in ("grow", "shrink"))
    return Truth(things=(thing,), motion=motion, background=pick(rng, level.backgrounds))


def _group(rng: np.random.Generator, level: Level) -> Truth:
    return Truth(
        things=(_thing(rng, level, level.shapes, size=False),),
        count=int(rng.integers(2, 5)),
        motion=pick(rng, GROUP_MOTIONS),
        background=pick(rng, level.backgrounds),
    )


def _pair(rng: np.random.Generator, level: Level) -> Truth:
    first = _thing(rng, level, level.shapes, size=False)
    second = replace(
        _thing(rng, level, level.shapes, size=False),
        colour=pick(rng, [c for c in COLOURS if c != first.colour]),
    )
    return Truth(
        things=(first, second),
        relation=pick(rng, RELATIONS),
        background=pick(rng, level.backgrounds),
    )


def _camera(rng: np.random.Generator, level: Level) -> Truth:
    return Truth(
        things=(_thing(rng, level, level.shapes, size=False),),
        camera=pick(rng, CAMERAS[1:]),
        background=pick(rng, [b for b in level.backgrounds if b in TEXTURED]),
    )


def _style(rng: np.random.Generator, level: Level) -> Truth:
    return replace(_one_thing(rng, level), style=pick(rng, STYLES[1:]))


def _word(rng: np.random.Generator, level: Level) -> Truth:
    return Truth(
        word=pick(rng, WORDS),
        word_colour=pick(rng, tuple(COLOURS)),
        background=pick(rng, [b for b in level.backgrounds if b in PLAIN]),
    )


def _person(rng: np.random.Generator, level: Level) -> Truth:
    hair = pick(rng, HAIRS)
    return Truth(
        person=Person(
            role=pick(rng, ROLES),
            tone=pick(rng, TONES),
            hair=hair,
            hair_colour=None if hair == "bald" else pick(rng, tuple(HAIR_COLOURS)),
            outfit=pick(rng, OUTFITS),
        ),
        motion=pick(rng, WALKS),
        background=pick(rng, [b for b in level.backgrounds if b in FIGURE_GROUNDS]),
    )


def _canary(rng: np.random.Generator, level: Level) -> Truth:
    thing = _thing(rng, level, [s for s in level.shapes if s not in ROUND], size=False)
    return Truth(
        things=(thing,),
        motion=pick(rng, CANARY_MOTIONS),
        background=pick(rng, level.backgrounds),
        canary=True,
    )


_DRAW = {
    "thing": _one_thing,
    "group": _group,
    "pair": _pair,
    "camera": _camera,
    "style": _style,
    "word": _word,
    "person": _person,
    "canary": _canary,
}


def sample_truth(
    rng: np.random.Generator,
    *,
    level: int = FULL,
    kind: str | None = None,
    held_out: bool | None = False,
) -> Truth:
    """A complete, legal truth of a curriculum level.

    `held_out` False draws only what training may show, True only what it never shows, None both.
    """
    rules = LEVELS[level]
    weights = np.array([rules.kinds.get(k, 0.0) for k in KINDS])
    for _ in range(10_000):
        drawn = kind or KINDS[int(rng.choice(len(KINDS), p=weights / weights.sum()))]
        truth = _DRAW[drawn](rng, rules)
        if held_out is None or is_held_out(truth) == held_out:
            return truth
    raise ValueError(f"kind {kind!r} has no held-out combinations; legal: those with a thing")


def sample_jitter(rng: np.random.Generator) -> Jitter:
    """Place, size and phases of one render, uniform."""
    dx, dy, size, speed, ground_x, ground_y = rng.uniform(-1, 1, 6).tolist()
    phase, corner = rng.random(2).tolist()
    return Jitter(
        dx=dx,
        dy=dy,
        size=size,
        speed=speed,
        phase=phase,
        corner=corner,
        ground_x=ground_x,
        ground_y=ground_y,
    )


def sample_scene(
    rng: np.random.Generator,
    *,
    level: int = FULL,
    kind: str | None = None,
    held_out: bool | None = False,
) -> Scene:
    """A scene to render: `sample_truth` with `sample_jitter`."""
    truth = sample_truth(rng, level=level, kind=kind, held_out=held_out)
    return Scene(truth=truth, jitter=sample_jitter(rng))


def _weighted(
    rng: np.random.Generator, place: str, options: Sequence[T], role: str | None, bias: BiasTable
) -> T:
    table = bias.get(place, {})
    weights = table.get(role or "*", table.get("*", {}))
    w = np.array([float(weights.get(option, 1.0)) for option in options])
    return options[int(rng.choice(len(options), p=w / w.sum()))]


def _complete_person(rng: np.random.Generator, person: Person, bias: BiasTable) -> Person:
    role = person.role or _weighted(rng, "role", ROLES, None, bias)
    hairs = HAIRS if person.hair_colour is None else HAIRS[:3]
    hair = person.hair or _weighted(rng, "hair", hairs, role, bias)
    hair_colour = None
    if hair != "bald":
        hair_colour = person.hair_colour or _weighted(
            rng, "hair_colour", tuple(HAIR_COLOURS), role, bias
        )
    return Person(
        role=role,
        tone=person.tone or _weighted(rng, "tone", TONES, role, bias),
        hair=hair,
        hair_colour=hair_colour,
        outfit=person.outfit or _weighted(rng, "outfit", OUTFITS, role, bias),
    )


def _legal_shapes(truth: Truth) -> Sequence[str]:
    if truth.motion == "turn":
        return SOLIDS
    return [s for s in SHAPES if truth.motion != "spin" or s not in ROUND]


def _legal_backgrounds(truth: Truth) -> Sequence[str]:
    if truth.person is not None:
        return FIGURE_GROUNDS
    if truth.camera != "still":
        return TEXTURED
    return PLAIN


def complete(rng: np.random.Generator, truth: Truth, *, bias: BiasTable | None = None) -> Truth:
    """Fill every open place of a legal truth; a bias table tilts the draw for persons.

    Raises:
        ValueError: when the truth is not legal.
    """
    if problems := faults(truth):
        raise ValueError(problems[0])
    colours = tuple(COLOURS)
    things = tuple(
        replace(
            thing,
            shape=thing.shape or pick(rng, _legal_shapes(truth)),
            colour=thing.colour or pick(rng, colours),
        )
        for thing in truth.things
    )
    person = truth.person and _complete_person(rng, truth.person, bias or {})
    return replace(
        truth,
        things=things,
        person=person,
        background=truth.background or pick(rng, _legal_backgrounds(truth)),
        word_colour=(truth.word_colour or pick(rng, colours)) if truth.word else None,
    )
