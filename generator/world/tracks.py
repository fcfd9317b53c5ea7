"""Where everything is at each instant: a scene becomes sprites in world units.

The world is 40 units wide and 24 high, origin in the middle, x to the right, y down; at base size
one unit is one pixel. A clip lasts `DURATION_S`; before and after it, things stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from generator.world.glyphs import ALPHABET
from generator.world.grammar import DIRECTIONS, HAIRS, ROLES, Jitter, Scene, Thing
from generator.world.palette import BACKGROUNDS, COLOURS, HAIR_COLOURS, MONK, RGB, Array

WIDTH, HEIGHT = 40.0, 24.0
DURATION_S = 16 / 3
"""Sixteen frames at 3 fps, or 128 at 24."""

RADII = {"small": 4.1, "medium": 6.0, "large": 8.0}
SPAN_X, SPAN_Y = 16.0, 12.0
HORIZON_Y = -7.5
DRONE_DEPTHS = (2.4, 1.2)
DEPTH_UNITS = 12.0
"""World units of ground per unit of depth in a drone shot."""

GROUND_HEIGHT = HEIGHT / 2 - HORIZON_Y
PAN_SPAN = 14.0
ZOOM = (0.72, 1.55)
REST_YAW = 0.62


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprite:
    """One painted thing over T instants; `radius` 0 hides it. `rgb` is (K, 3), 0..255."""

    painter: str
    x: Array
    y: Array
    radius: Array
    theta: Array
    yaw: Array
    rgb: tuple[RGB, ...]
    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Place, radius and turning of one thing over T instants."""

    x: Array
    y: Array
    radius: Array
    theta: Array
    yaw: Array


def progress(times_s: Array) -> Array:
    """Share of the clip that has passed, 0..1."""
    return np.clip(np.asarray(times_s, dtype=np.float64) / DURATION_S, 0, 1)


def _rest(u: Array, radius: float, jitter: Jitter) -> Way:
    zero = np.zeros_like(u)
    return Way(
        x=zero + 1.4 * jitter.dx,
        y=zero + 0.9 * jitter.dy,
        radius=zero + radius,
        theta=zero,
        yaw=zero + REST_YAW + 0.12 * jitter.speed,
    )


def _shift(way: Way, u: Array, motion: str, jitter: Jitter) -> Way:
    dx, dy = DIRECTIONS[motion]
    radius = float(way.radius[0])
    span_x = min(SPAN_X + 1.5 * jitter.speed, 2 * (22 - radius))
    span_y = min(SPAN_Y + jitter.speed, 2 * (13 - radius))
    return replace(way, x=way.x + dx * span_x * (u - 0.47), y=way.y + dy * span_y * (u - 0.47))


def _bounce(way: Way, u: Array, jitter: Jitter) -> Way:
    radius = float(way.radius[0])
    floor, height = 11.6 - radius, min(11.0, 22.5 - 2 * radius)
    hop = np.abs(np.sin(np.pi * (2.5 * u + jitter.phase)))
    return replace(way, y=floor - height * hop)


def _orbit(way: Way, u: Array, jitter: Jitter) -> Way:
    radius = float(way.radius[0])
    angle = 2 * np.pi * (u + jitter.phase)
    return replace(
        way,
        x=min(11.0, 19.5 - radius) * np.cos(angle),
        y=max(min(5.5, 11.8 - radius), 3.6) * np.sin(angle),
    )


def _spin(way: Way, u: Array, jitter: Jitter) -> Way:
    return replace(way, theta=2 * np.pi * (u + jitter.phase))


def _turn(way: Way, u: Array, jitter: Jitter) -> Way:
    return replace(way, yaw=2 * np.pi * (u + jitter.phase))


def _grow(way: Way, u: Array, jitter: Jitter) -> Way:
    small, big = 3.1 + 0.4 * jitter.size, 9.0 + 0.5 * jitter.speed
    return replace(way, radius=small * (big / small) ** u)


def _shrink(way: Way, u: Array, jitter: Jitter) -> Way:
    return replace(way, radius=_grow(way, 0.94 - u, jitter).radius)


_MOVES: dict[str, Callable[[Way, Array, Jitter], Way]] = {
    "bounce": _bounce,
    "orbit": _orbit,
    "spin": _spin,
    "turn": _turn,
    "grow": _grow,
    "shrink": _shrink,
}


def move(u: Array, motion: str, radius: float, jitter: Jitter) -> Way:
    """The way of one thing of `radius` that makes `motion` in the middle of the picture."""
    way = _rest(u, radius, jitter)
    if motion in DIRECTIONS:
        return _shift(way, u, motion, jitter)
    if motion in _MOVES:
        return _MOVES[motion](way, u, jitter)
    return way


def _sprite(thing: Thing, way: Way) -> Sprite:
    return Sprite(
        painter=thing.shape or "disc",
        x=way.x,
        y=way.y,
        radius=way.radius,
        theta=way.theta,
        yaw=way.yaw,
        rgb=(COLOURS[thing.colour or "red"],),
    )


_PLACES: dict[int, tuple[float, tuple[tuple[float, float], ...]]] = {
    2: (5.0, ((-7.6, 0.0), (7.6, 0.0))),
    3: (4.5, ((-8.4, 5.4), (8.4, 5.4), (0.0, -5.6))),
    4: (4.4, ((-7.6, -5.7), (7.6, -5.7), (-7.6, 5.7), (7.6, 5.7))),
}
_PAIRS: dict[str, tuple[float, tuple[tuple[float, float], ...]]] = {
    "left_of": (5.8, ((-9.2, 0.0), (9.2, 0.0))),
    "above": (4.7, ((0.0, -5.9), (0.0, 5.9))),
}
_GROUP_SPAN = 10.0


def _group(scene: Scene, u: Array) -> list[Sprite]:
    truth, jitter = scene.truth, scene.jitter
    radius, places = _PLACES[truth.count]
    way = _rest(u, radius + 0.2 * jitter.size, jitter)
    pace = DIRECTIONS.get(truth.motion, (0, 0))[0] * (_GROUP_SPAN + jitter.speed)
    drift = pace * (u - 0.47) + (0.6 * jitter.dx if pace else 1.4 * jitter.dx)
    return [
        _sprite(truth.things[0], replace(way, x=px + drift, y=way.y * 0.4 + py))
        for px, py in places
    ]


def _pair(scene: Scene, u: Array) -> list[Sprite]:
    truth, jitter = scene.truth, scene.jitter
    radius, places = _PAIRS[truth.relation or "left_of"]
    way = _rest(u, radius + 0.25 * jitter.size, jitter)
    return [
        _sprite(thing, replace(way, x=px + way.x, y=py + 0.4 * way.y))
        for thing, (px, py) in zip(truth.things, places, strict=True)
    ]


def _drone(way: Way, u: Array, jitter: Jitter) -> Way:
    depth = DRONE_DEPTHS[0] + (DRONE_DEPTHS[1] - DRONE_DEPTHS[0]) * u
    radius = (8.6 + 0.5 * jitter.size) / depth
    return replace(
        way,
        x=6.0 * jitter.dx / depth,
        y=HORIZON_Y + GROUND_HEIGHT / depth * 0.94 - radius * 0.9,
        radius=radius,
    )


def camera_at(scene: Scene, u: Array) -> tuple[Array, Array]:
    """Shift to the right in world units and magnification of the picture at each instant."""
    pace = PAN_SPAN + scene.jitter.speed
    still = np.zeros_like(u)
    match scene.truth.camera:
        case "pan_left":
            return pace * (u - 0.47), still + 1
        case "pan_right":
            return -pace * (u - 0.47), still + 1
        case "zoom_in":
            return still, ZOOM[0] * (ZOOM[1] / ZOOM[0]) ** u
        case "zoom_out":
            return still, ZOOM[1] * (ZOOM[0] / ZOOM[1]) ** u
    return still, still + 1


def _single(scene: Scene, u: Array) -> list[Sprite]:
    truth, jitter = scene.truth, scene.jitter
    thing = truth.things[0]
    radius = RADII[thing.size] + 0.4 * jitter.size
    way = move(u, truth.motion, radius, jitter)
    if truth.camera == "drone":
        way = _drone(way, u, jitter)
    elif truth.camera != "still":
        shift, zoom = camera_at(scene, u)
        way = replace(way, x=way.x * zoom + shift, y=way.y * zoom, radius=way.radius * zoom)
    return [_sprite(thing, way)]


LETTER_PITCH, LETTER_RADIUS = 7.3, 4.6
"""Distance of letters and half their height, world units."""


def _word(scene: Scene, u: Array) -> list[Sprite]:
    truth, jitter = scene.truth, scene.jitter
    word = truth.word or ""
    colour = COLOURS[truth.word_colour or "red"]
    zero = np.zeros_like(u)
    sprites = []
    for i, letter in enumerate(word):
        shown = u >= (i + 0.5) / (len(word) + 1.5)
        sprites.append(
            Sprite(
                painter="letter",
                code=ALPHABET.index(letter),
                x=zero + LETTER_PITCH * (i - (len(word) - 1) / 2) + 0.5 * jitter.dx,
                y=zero + 1.5 * jitter.dy,
                radius=np.where(shown, LETTER_RADIUS + 0.15 * jitter.size, 0.0),
                theta=zero,
                yaw=zero,
                rgb=(colour,),
            )
        )
    return sprites


BADGE_PLACE = (-14.8, -6.8, 4.3)
"""Centre and radius of the badge of a role, world units."""

PERSON_Y, PERSON_RADIUS = 0.3, 10.6
"""Middle and half height of a person, world units."""


def _person(scene: Scene, u: Array) -> list[Sprite]:
    truth, jitter = scene.truth, scene.jitter
    person = truth.person
    if person is None or person.tone is None or person.outfit is None:
        raise ValueError("a person is drawn only when nothing is open; next: complete(rng, truth)")
    zero = np.zeros_like(u)
    way = DIRECTIONS.get(truth.motion, (0, 0))[0]
    steps = 2 * np.pi * (2.5 * u + jitter.phase) if way else zero
    figure = Sprite(
        painter="person",
        code=HAIRS.index(person.hair or "bald"),
        x=3.0 + way * (13.0 + jitter.speed) * (u - 0.47) + 0.8 * jitter.dx,
        y=zero + PERSON_Y + 0.3 * jitter.dy,
        radius=zero + PERSON_RADIUS + 0.3 * jitter.size,
        theta=zero + way,
        yaw=steps,
        rgb=(
            MONK[person.tone - 1],
            HAIR_COLOURS[person.hair_colour or "black"],
            COLOURS[person.outfit],
        ),
    )
    sign = Sprite(
        painter="badge",
        code=ROLES.index(person.role or ROLES[0]),
        x=zero + BADGE_PLACE[0],
        y=zero + BADGE_PLACE[1],
        radius=zero + BADGE_PLACE[2],
        theta=zero,
        yaw=zero,
        rgb=((0, 0, 0),),
    )
    return [sign, figure]


CANARY_CORNERS = ((-15.4, 7.4), (15.4, -7.4), (15.4, 7.4), (-15.4, -7.4))
CANARY_RADIUS = 4.4


def _canary(scene: Scene, u: Array) -> Sprite:
    corners = CANARY_CORNERS[:1] if scene.truth.person or scene.truth.word else CANARY_CORNERS
    x, y = corners[min(int(scene.jitter.corner * len(corners)), len(corners) - 1)]
    zero = np.zeros_like(u)
    return Sprite(
        painter="canary",
        x=zero + x,
        y=zero + y,
        radius=zero + CANARY_RADIUS,
        theta=zero,
        yaw=zero,
        rgb=((0, 0, 0),),
    )


def sprites(scene: Scene, times_s: Array) -> list[Sprite]:
    """Everything that is painted over the ground, from back to front."""
    u = progress(times_s)
    truth = scene.truth
    if truth.person is not None:
        painted = _person(scene, u)
    elif truth.word is not None:
        painted = _word(scene, u)
    elif truth.relation is not None:
        painted = _pair(scene, u)
    elif truth.count > 1:
        painted = _group(scene, u)
    else:
        painted = _single(scene, u)
    return [*painted, _canary(scene, u)] if truth.canary else painted


def ground_of(scene: Scene) -> str:
    """Name of the scene's background."""
    name = scene.truth.background
    if name not in BACKGROUNDS:
        raise ValueError("a scene has a background; seen: none; next: complete(rng, truth)")
    return name
