"""What a scene can say: the vocabulary, the records of truth, and which truths are legal.

A :class:`Truth` is what a caption states and a reader reads back; `None` means that the caption
leaves it open. A :class:`Scene` is a truth with nothing left open plus the jitter (place, size,
phase) that no caption tells.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from generator.world.palette import BACKGROUNDS, COLOURS, FIGURE_GROUNDS, HAIR_COLOURS

FLAT_SHAPES = ("disc", "square", "triangle", "star", "heart", "ring", "cross")
SOLIDS = ("cube", "pyramid", "cylinder", "ball", "teddy")
SHAPES = FLAT_SHAPES + SOLIDS
ROUND = ("disc", "ring")
"""Shapes whose turning in the plane cannot be seen."""

SIZES = ("small", "medium", "large")
RELATIONS = ("left_of", "above")
DIRECTIONS: dict[str, tuple[int, int]] = {
    "right": (1, 0),
    "down_right": (1, 1),
    "down": (0, 1),
    "down_left": (-1, 1),
    "left": (-1, 0),
    "up_left": (-1, -1),
    "up": (0, -1),
    "up_right": (1, -1),
}
"""The eight ways to go, x to the right and y down."""

MOTIONS = (*DIRECTIONS, "bounce", "orbit", "spin", "turn", "grow", "shrink", "still")
"""`spin` rotates in the plane of the picture, `turn` rotates a solid in depth."""

WALKS = ("left", "right", "still")
GROUP_MOTIONS = ("left", "right", "still")
CANARY_MOTIONS = ("still", "spin")
CAMERAS = ("still", "pan_left", "pan_right", "zoom_in", "zoom_out", "drone")
STYLES = ("flat", "watercolour", "pointillist", "ukiyo_e", "oil")
HAIRS = ("short", "long", "curly", "bald")
ROLES = ("doctor", "officer", "nurse", "pilot", "chef", "teacher")
TONES = tuple(range(1, 11))
MAX_COUNT = 4
WORD_LENGTHS = (2, 5)
_WORD_LIST = (
    "SUN SEA SKY HELLO PEACE LOVE HOME OPEN NEW YES GO STOP MOON TREE BIRD FISH "
    "RAIN SNOW WIND FIRE DREAM LIGHT WATER MUSIC DANCE HAPPY QUIZ JAZZ VEX BUMPY"
)
WORDS = tuple(_WORD_LIST.split())
"""Words that are drawn; a caption may name any word of legal length."""

KINDS = ("thing", "group", "pair", "camera", "style", "word", "person", "canary")
"""What a truth is mainly about; the unit of curricula and of measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An object, or several alike."""

    shape: str | None = None
    colour: str | None = None
    size: str = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A stylised walking person. `hair_colour` is None for the bald."""

    role: str | None = None
    tone: int | None = None
    hair: str | None = None
    hair_colour: str | None = None
    outfit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a caption says. Open places are None; `still` and `flat` are said by silence.

    A truth shows exactly one of: one thing `count` times, two things in a `relation`, a `word` (in
    `word_colour`), a `person`.
    """

    things: tuple[Thing, ...] = ()
    count: int = 1
    relation: str | None = None
    motion: str = "still"
    camera: str = "still"
    background: str | None = None
    style: str = "flat"
    word: str | None = None
    word_colour: str | None = None
    person: Person | None = None
    canary: bool = False

    @property
    def kind(self) -> str:
        """The ability that this truth is mainly about, one of `KINDS`."""
        checks = (
            ("person", self.person is not None),
            ("word", self.word is not None),
            ("canary", self.canary),
            ("style", self.style != "flat"),
            ("camera", self.camera != "still"),
            ("pair", len(self.things) == 2),
            ("group", self.count > 1),
        )
        return next((kind for kind, holds in checks if holds), "thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jitter:
    """What varies between renders of one truth; each is -1..1, phases are 0..1."""

    dx: float = 0.0
    dy: float = 0.0
    size: float = 0.0
    speed: float = 0.0
    phase: float = 0.0
    corner: float = 0.0
    ground_x: float = 0.0
    ground_y: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One video to be: a truth with nothing left open, and its jitter."""

    truth: Truth
    jitter: Jitter = Jitter()


def _member(name: str, value: object, legal: object) -> list[str]:
    if value is None or value in legal:  # type: ignore[operator]
        return []
    return [f"no such {name}; seen: {value!r}; legal: {', '.join(map(str, legal))}"]  # type: ignore[call-overload]


def _vocabulary_faults(truth: Truth) -> list[str]:
    faults = [
        *_member("motion", truth.motion, MOTIONS),
        *_member("camera", truth.camera, CAMERAS),
        *_member("style", truth.style, STYLES),
        *_member("background", truth.background, BACKGROUNDS),
        *_member("relation", truth.relation, RELATIONS),
        *_member("count", truth.count, range(1, MAX_COUNT + 1)),
        *_member("word colour", truth.word_colour, COLOURS),
    ]
    for thing in truth.things:
        faults += _member("shape", thing.shape, SHAPES)
        faults += _member("colour", thing.colour, COLOURS)
        faults += _member("size", thing.size, SIZES)
    if truth.person is not None:
        faults += _member("role", truth.person.role, ROLES)
        faults += _member("Monk tone", truth.person.tone, TONES)
        faults += _member("hair", truth.person.hair, HAIRS)
        faults += _member("hair colour", truth.person.hair_colour, HAIR_COLOURS)
        faults += _member("outfit colour", truth.person.outfit, COLOURS)
    return faults


def _subject_faults(truth: Truth) -> list[str]:
    subjects = bool(truth.things) + (truth.word is not None) + (truth.person is not None)
    if subjects != 1:
        return [f"a truth shows one of things, word, person; seen: {subjects} of them"]
    faults = []
    if (len(truth.things) == 2) != (truth.relation is not None) or len(truth.things) > 2:
        faults.append("a relation joins exactly two things")
    if truth.count > 1 and len(truth.things) != 1:
        faults.append("a count above 1 is of one thing")
    if truth.word is not None and not (
        truth.word.isascii()
        and truth.word.isalpha()
        and truth.word.isupper()
        and WORD_LENGTHS[0] <= len(truth.word) <= WORD_LENGTHS[1]
    ):
        faults.append(f"a word has 2 to 5 letters A to Z; seen: {truth.word!r}")
    if truth.word is None and truth.word_colour is not None:
        faults.append("a word colour needs a word")
    return faults


def _legal_motions(truth: Truth) -> tuple[str, ...]:
    if truth.person is not None:
        return WALKS
    if truth.word is not None or truth.relation is not None or truth.camera != "still":
        return ("still",)
    if truth.canary:
        return CANARY_MOTIONS
    return GROUP_MOTIONS if truth.count > 1 else MOTIONS


def _motion_faults(truth: Truth) -> list[str]:
    legal = _legal_motions(truth)
    faults = []
    if truth.motion not in legal:
        faults.append(f"motion {truth.motion!r} does not go here; legal: {', '.join(legal)}")
    shape = truth.things[0].shape if truth.things else None
    if truth.motion == "spin" and shape in ROUND:
        faults.append(f"spin cannot be seen on a {shape}")
    if truth.motion == "turn" and shape is not None and shape not in SOLIDS:
        faults.append(f"only solids turn in depth; seen: {shape}; legal: {', '.join(SOLIDS)}")
    sized = truth.count > 1 or truth.relation is not None or truth.motion in ("grow", "shrink")
    if sized and any(thing.size != "medium" for thing in truth.things):
        faults.append("groups, pairs and things that grow or shrink have medium size")
    return faults


def _setting_faults(truth: Truth) -> list[str]:
    faults = []
    ground = BACKGROUNDS.get(truth.background or "")
    if truth.camera != "still" and ground is not None and ground.plain:
        faults.append("a camera move needs a background with a texture")
    if (truth.word is not None or truth.person is not None) and (
        truth.camera != "still" or truth.style != "flat"
    ):
        faults.append("words and persons come with a still camera and in flat style")
    if truth.style != "flat" and truth.camera != "still":
        faults.append("a painting style comes with a still camera")
    if truth.canary and (
        truth.count > 1 or truth.relation or truth.camera != "still" or truth.style != "flat"
    ):
        faults.append("the canary comes with one thing, a word or a person, still camera, flat")
    if truth.person is not None and ground is not None and truth.background not in FIGURE_GROUNDS:
        faults.append(f"persons walk before {', '.join(FIGURE_GROUNDS)}")
    if (
        truth.person is not None
        and truth.person.hair == "bald"
        and truth.person.hair_colour is not None
    ):
        faults.append("the bald have no hair colour")
    if truth.person is not None and truth.person.outfit == "brown":
        faults.append("brown outfits are too near to skin to be told apart")
    return faults


def faults(truth: Truth) -> list[str]:
    """Everything that makes a truth illegal, one line each; empty when it is legal."""
    return (
        _vocabulary_faults(truth)
        + _subject_faults(truth)
        + _motion_faults(truth)
        + _setting_faults(truth)
    )


def is_complete(truth: Truth) -> bool:
    """True when the caption leaves nothing open."""
    open_places: list[object] = [truth.background]
    for thing in truth.things:
        open_places += [thing.shape, thing.colour]
    if truth.word is not None:
        open_places.append(truth.word_colour)
    if truth.person is not None:
        bald = truth.person.hair == "bald"
        open_places += [
            getattr(truth.person, f.name)
            for f in fields(truth.person)
            if not (bald and f.name == "hair_colour")
        ]
    return all(place is not None for place in open_places)


def is_held_out(truth: Truth) -> bool:
    """True for combinations that training never shows (each part is shown with others).

    The rule: for every thing, shape index + 2 x colour index is 4 modulo 9 (each shape misses one
    colour); or shape index + 5 x motion index is 7 modulo 16 (each shape misses at most one
    motion; `still` is never missed). For persons: role index + tone is 6 modulo 10.
    """
    colours = list(COLOURS)
    for thing in truth.things:
        if thing.shape is None:
            continue
        shape = SHAPES.index(thing.shape)
        if thing.colour is not None and (shape + 2 * colours.index(thing.colour)) % 9 == 4:
            return True
        if truth.motion != "still" and (shape + 5 * MOTIONS.index(truth.motion)) % 16 == 7:
            return True
    person = truth.person
    if person is None or person.role is None or person.tone is None:
        return False
    return (ROLES.index(person.role) + person.tone) % 10 == 6
