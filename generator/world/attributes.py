"""A truth as flat attributes: the names that prompts, readers and reports share.

`attributes` says what a truth states, `legal_values` what each attribute may be. Readers give back
the same names and values.
"""

from __future__ import annotations

from generator.world.grammar import (
    CAMERAS,
    HAIRS,
    MAX_COUNT,
    MOTIONS,
    RELATIONS,
    ROLES,
    SHAPES,
    SIZES,
    STYLES,
    TONES,
    Person,
    Truth,
)
from generator.world.palette import BACKGROUNDS, COLOURS, HAIR_COLOURS, TONE_BANDS, tone_band

Value = str | int | bool

ROTATIONS = ("none", "spin", "turn")

LEGAL: dict[str, tuple[Value, ...]] = {
    "colour": tuple(COLOURS),
    "shape": SHAPES,
    "size": SIZES,
    "count": tuple(range(1, MAX_COUNT + 1)),
    "relation": RELATIONS,
    "second_colour": tuple(COLOURS),
    "second_shape": SHAPES,
    "background": tuple(BACKGROUNDS),
    "motion": MOTIONS,
    "rotation": ROTATIONS,
    "camera": CAMERAS,
    "style": STYLES,
    "text": (),
    "text_present": (False, True),
    "text_colour": tuple(COLOURS),
    "role": ROLES,
    "tone": TONES,
    "tone_band": tuple(TONE_BANDS),
    "hair": HAIRS,
    "hair_colour": tuple(HAIR_COLOURS),
    "outfit": tuple(c for c in COLOURS if c != "brown"),
    "canary": (False, True),
}
"""Attribute -> its legal values; `text` takes any word of 2 to 5 capitals."""

ATTRIBUTES = tuple(LEGAL)


def check_names(names: object) -> tuple[str, ...]:
    """The names as a tuple.

    Raises:
        ValueError: when one of them is not an attribute.
    """
    asked = tuple(str(name) for name in names)  # type: ignore[attr-defined]
    for name in asked:
        if name not in LEGAL:
            raise ValueError(f"no such attribute; seen: {name!r}; legal: {', '.join(ATTRIBUTES)}")
    return asked


def _person(person: Person) -> dict[str, Value | None]:
    return {
        "role": person.role,
        "tone": person.tone,
        "tone_band": person.tone and tone_band(person.tone),
        "hair": person.hair,
        "hair_colour": person.hair_colour,
        "outfit": person.outfit,
    }


def _things(truth: Truth) -> dict[str, Value | None]:
    first = truth.things[0]
    if truth.relation is not None:
        second = truth.things[1]
        return {
            "colour": first.colour,
            "shape": first.shape,
            "relation": truth.relation,
            "second_colour": second.colour,
            "second_shape": second.shape,
        }
    stated: dict[str, Value | None] = {"colour": first.colour, "shape": first.shape}
    if truth.count == 1 and truth.camera == "still" and truth.motion not in ("grow", "shrink"):
        stated["size"] = first.size
    stated["count"] = truth.count
    spinning = truth.motion if truth.motion in ROTATIONS else "none"
    return {**stated, "rotation": spinning} if truth.count == 1 else stated


def attributes(truth: Truth) -> dict[str, Value]:
    """What a truth states and frames can show, flat; what it leaves open is missing.

    In a pair, `colour` and `shape` are those of the first thing: the left or the upper one.
    Stillness, flat style and the absence of the canary are stated by silence. Letters do not move,
    they appear; a plain background shows no camera. That there is no word is not stated.
    """
    stated: dict[str, Value | None] = {"motion": truth.motion}
    if truth.person is not None:
        stated |= _person(truth.person)
    elif truth.word is not None:
        stated = {"text": truth.word, "text_present": True, "text_colour": truth.word_colour}
    elif truth.things:
        stated |= _things(truth)
    ground = BACKGROUNDS.get(truth.background or "")
    stated |= {
        "background": truth.background,
        "camera": None if ground is not None and ground.plain else truth.camera,
        "style": truth.style,
        "canary": truth.canary,
    }
    return {name: value for name, value in stated.items() if value is not None}
