"""Frames with captions, and captions that are wrong in one thing that a frame shows.

A frame cannot show motion, rotation or a camera move. Captions keep those words, because prompts
have them; but two captions count as different only where a frame can tell, see :func:`visible`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generator.world.attributes import Value, attributes
from generator.world.caption import caption
from generator.world.grammar import (
    HAIRS,
    MAX_COUNT,
    ROLES,
    SHAPES,
    SIZES,
    STYLES,
    TONES,
    WORDS,
    Scene,
    Truth,
    faults,
    is_held_out,
)
from generator.world.palette import BACKGROUNDS, COLOURS, HAIR_COLOURS, Array
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter, sample_truth
from generator.world.tracks import DURATION_S

INVISIBLE = ("motion", "rotation", "camera")
"""Attributes that no single frame shows."""

OPEN_PROB = 0.1
TONE_STEP = 3
"""A wrong skin tone lies at least so many steps of Monk's scale away."""

SIZES_PX = ((24, 40, 2), (48, 80, 1))
"""Height and width of the frames, and how many parts of a batch have them."""


def visible(truth: Truth) -> tuple[tuple[str, Value], ...]:
    """What a frame of the truth shows, as a value to compare by."""
    stated = attributes(truth)
    return tuple((name, stated[name]) for name in sorted(stated) if name not in INVISIBLE)


def _thing(place: str, values: Iterable[object]) -> Callable[[Truth], list[Truth]]:
    options = tuple(values)

    def others(truth: Truth) -> list[Truth]:
        made = []
        for i, thing in enumerate(truth.things):
            for value in options:
                fields: dict[str, object] = {place: value}
                changed = replace(thing, **fields)  # type: ignore[arg-type]
                things = (*truth.things[:i], changed, *truth.things[i + 1 :])
                made.append(replace(truth, things=things))
        return made

    return others


def _own(place: str, values: Iterable[object]) -> Callable[[Truth], list[Truth]]:
    options = tuple(values)

    def others(truth: Truth) -> list[Truth]:
        rows: list[dict[str, object]] = [{place: value} for value in options]
        return [replace(truth, **row) for row in rows]  # type: ignore[arg-type]

    return others


def _person(place: str, values: Iterable[object]) -> Callable[[Truth], list[Truth]]:
    options = tuple(values)

    def others(truth: Truth) -> list[Truth]:
        if truth.person is None:
            return []
        rows: list[dict[str, object]] = [{place: value} for value in options]
        people = [replace(truth.person, **row) for row in rows]  # type: ignore[arg-type]
        return [replace(truth, person=person) for person in people]

    return others


def _tones(truth: Truth) -> list[Truth]:
    if truth.person is None or truth.person.tone is None:
        return []
    tone = truth.person.tone
    return _person("tone", (t for t in TONES if abs(t - tone) >= TONE_STEP))(truth)


def _order(truth: Truth) -> list[Truth]:
    """The two things of a pair, each in the place of the other."""
    return [replace(truth, things=truth.things[::-1])] if truth.relation else []


ALTERATIONS: dict[str, Callable[[Truth], list[Truth]]] = {
    "colour": _thing("colour", COLOURS),
    "shape": _thing("shape", SHAPES),
    "size": _thing("size", SIZES),
    "count": _own("count", range(1, MAX_COUNT + 1)),
    "relation": _own("relation", ("left_of", "above")),
    "order": _order,
    "background": _own("background", BACKGROUNDS),
    "style": _own("style", STYLES),
    "text": _own("word", WORDS),
    "text_colour": _own("word_colour", COLOURS),
    "role": _person("role", ROLES),
    "tone": _tones,
    "hair": _person("hair", HAIRS),
    "hair_colour": _person("hair_colour", HAIR_COLOURS),
    "outfit": _person("outfit", COLOURS),
    "canary": _own("canary", (False, True)),
}
"""What can be said wrongly of a frame, and every truth that says it so, legal or not."""


def altered(
    truth: Truth, name: str, rng: np.random.Generator, *, held_out: bool | None = False
) -> Truth | None:
    """The truth with one thing wrong that frames show; None where nothing legal is.

    `held_out` False keeps to what training may show, also in captions that are wrong.
    """
    if _is_open(truth, name):
        return None
    seen = visible(truth)
    options: list[Truth] = list(ALTERATIONS[name](truth))
    for i in rng.permutation(len(options)).tolist():
        other: Truth = options[i]
        legal = not faults(other) and visible(other) != seen
        if legal and held_out in (None, is_held_out(other)):
            return other
    return None


def _is_open(truth: Truth, name: str) -> bool:
    if name == "text":
        return truth.word is None
    if name == "relation":
        return truth.relation is None
    if name == "count":
        return len(truth.things) != 1
    return False


def altered_anyhow(truth: Truth, rng: np.random.Generator) -> Truth | None:
    """The truth with any one thing wrong, each kind of error as likely where it is possible."""
    names = list(ALTERATIONS)
    for i in rng.permutation(len(names)).tolist():
        if (other := altered(truth, names[i], rng)) is not None:
            return other
    return None


def opened(truth: Truth, rng: np.random.Generator) -> Truth:
    """Now and then the truth with its colour, its shape or its ground left unsaid."""
    draws = rng.random(3).tolist()
    if truth.background is not None and draws[0] < OPEN_PROB:
        truth = replace(truth, background=None)
    if len(truth.things) == 1:
        thing = truth.things[0]
        if draws[1] < OPEN_PROB:
            thing = replace(thing, colour=None)
        elif draws[2] < OPEN_PROB:
            thing = replace(thing, shape=None)
        truth = replace(truth, things=(thing,))
    return truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Frames by size, each uint8 (N, H, W, 3), with right and wrong captions in their order."""

    frames: tuple[Array, ...]
    right: list[str]
    wrong: list[str]


def draw_instants(truths: Sequence[Truth], rng: np.random.Generator) -> Array:
    """An instant 0..1 for each truth (N, 1); letters appear one by one, so words are seen late."""
    first = np.array([0.7 if truth.word is not None else 0.0 for truth in truths])
    return np.asarray(first + (1 - first) * rng.random(len(truths)))[:, None]


def render_frames_of(
    truths: Sequence[Truth], rng: np.random.Generator, height_px: int, width_px: int
) -> Array:
    """One frame of each truth (N, H, W, 3), at a random place and instant."""
    scenes = [Scene(truth=truth, jitter=sample_jitter(rng)) for truth in truths]
    times_s = draw_instants(truths, rng) * DURATION_S
    frames: Array = render_batch(scenes, height_px, width_px, times_s)[:, 0]
    return frames


def draw_pairs(n: int, rng: np.random.Generator) -> Pairs:
    """A batch of `n` frames of truths that training may show, and their captions."""
    truths = [sample_truth(rng) for _ in range(n)]
    parts = sum(part for *_, part in SIZES_PX)
    frames, first = [], 0
    for height_px, width_px, part in SIZES_PX:
        some = truths[first : first + n * part // parts]
        frames.append(render_frames_of(some, rng, height_px, width_px))
        first += len(some)
    truths = truths[:first]
    seeds = rng.integers(2**31, size=(2, first)).tolist()
    wrong = [altered_anyhow(truth, rng) for truth in truths]
    return Pairs(
        frames=tuple(frames),
        right=[caption(opened(t, rng), s) for t, s in zip(truths, seeds[0], strict=True)],
        wrong=[caption(t, s) for t, s in zip(wrong, seeds[1], strict=True) if t is not None],
    )
