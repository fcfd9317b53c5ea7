"""A stand-in for a text-to-video model: draws prompts directly, with planted defects on dials.

Harness, audits and metrics are calibrated against it, since what it was asked, what it shows and
which defects it has are known. Everything follows from (prompt, seed, dials).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from generator.world.attributes import LEGAL, Value, attributes, check_names
from generator.world.grammar import TONES, Person, Scene, Thing, Truth, faults
from generator.world.palette import Array, tone_band
from generator.world.parse import understand
from generator.world.render import BASE_FPS, BASE_FRAMES, BASE_HEIGHT_PX, BASE_WIDTH_PX, render
from generator.world.sampling import BiasTable, complete, pick, sample_jitter

UNPLANTED = ("tone_band", "rotation", "text_present", "canary")
"""Attributes that no error is planted in: they follow from others, or have their own dial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dials:
    """Planted defects; all zero is a model that does what it is told.

    Attributes:
        error_prob: Chance that a stated attribute is shown with another value, each by itself;
            attributes without another legal value in their scene are spared.
        errors: Chances by attribute, in place of `error_prob`.
        bias: Weights of what a prompt leaves open about persons, by role.
        flicker: Standard deviation of each frame's brightness, levels of 255.
        freeze_prob: Chance that a clip stands still at its first frame.
        leak_prob: Chance that the canary emblem shows though the prompt does not ask for it, also
            beside what no caption joins it with: leaks keep to no grammar.
        drift_prob: Chance that a person's skin has a tone of another band from the middle of the
            clip on.
    """

    error_prob: float = 0.0
    errors: Mapping[str, float] = field(default_factory=dict)
    bias: BiasTable = field(default_factory=dict)
    flicker: float = 0.0
    freeze_prob: float = 0.0
    leak_prob: float = 0.0
    drift_prob: float = 0.0

    def __post_init__(self) -> None:
        """Check every dial's range."""
        check_names(self.errors)
        if wrong := [name for name in self.errors if name in UNPLANTED]:
            raise ValueError(f"no error is planted in {wrong[0]!r}; it follows from others")
        probs = {
            "error_prob": self.error_prob,
            "freeze_prob": self.freeze_prob,
            "leak_prob": self.leak_prob,
            "drift_prob": self.drift_prob,
            **{f"errors[{name!r}]": prob for name, prob in self.errors.items()},
        }
        for name, prob in probs.items():
            if not 0 <= prob <= 1:
                raise ValueError(f"{name} is a probability; seen: {prob}; legal: 0 to 1")
        if not 0 <= self.flicker <= 255:
            raise ValueError(f"flicker is in levels; seen: {self.flicker}; legal: 0 to 255")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A clip with all that is known about it.

    `asked` is what the prompt says (None when none of it lies in the grammar), `truth` what was
    drawn instead or in full, before drift, freeze and flicker; `defects` names what was planted:
    attributes with a wrong value, `leak`, `drift`, `freeze`, `flicker`. `frames` is uint8
    (T, H, W, 3).
    """

    frames: Array
    fps: float
    asked: Truth | None
    truth: Truth
    defects: tuple[str, ...]


MAX_PX = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Size and length of clips."""

    height_px: int = BASE_HEIGHT_PX
    width_px: int = BASE_WIDTH_PX
    fps: float = BASE_FPS
    n_frames: int = BASE_FRAMES

    def __post_init__(self) -> None:
        """Refuse sizes that no video has."""
        legal = 1 <= self.height_px <= MAX_PX and 1 <= self.width_px <= MAX_PX
        if not legal or self.n_frames < 1 or not 0 < self.fps < float("inf"):
            raise ValueError(
                f"impossible size; seen: {self.n_frames} frames of {self.height_px} x "
                f"{self.width_px} at {self.fps} fps; legal: 1 frame and up, 1 to {MAX_PX} px, "
                "fps above 0"
            )


BASE_FORMAT = Format()


def _thing(truth: Truth, index: int, **change: str) -> Truth:
    things = list(truth.things)
    things[index] = replace(things[index], **change)
    return replace(truth, things=tuple(things))


def _person(truth: Truth, **change: Value) -> Truth:
    return replace(truth, person=replace(truth.person or Person(), **change))  # type: ignore[arg-type]


_CHANGE: dict[str, Callable[[Truth, Value], Truth]] = {
    "colour": lambda t, v: _thing(t, 0, colour=str(v)),
    "shape": lambda t, v: _thing(t, 0, shape=str(v)),
    "size": lambda t, v: _thing(t, 0, size=str(v)),
    "count": lambda t, v: replace(t, count=int(v)),
    "relation": lambda t, v: replace(t, relation=str(v)),
    "second_colour": lambda t, v: _thing(t, 1, colour=str(v)),
    "second_shape": lambda t, v: _thing(t, 1, shape=str(v)),
    "background": lambda t, v: replace(t, background=str(v)),
    "motion": lambda t, v: replace(t, motion=str(v)),
    "camera": lambda t, v: replace(t, camera=str(v)),
    "style": lambda t, v: replace(t, style=str(v)),
    "text": lambda t, v: replace(t, word=str(v)),
    "text_colour": lambda t, v: replace(t, word_colour=str(v)),
    "role": lambda t, v: _person(t, role=v),
    "tone": lambda t, v: _person(t, tone=v),
    "hair": lambda t, v: _person(t, hair=v),
    "hair_colour": lambda t, v: _person(t, hair_colour=v),
    "outfit": lambda t, v: _person(t, outfit=v),
}


def _other_words(word: str) -> list[str]:
    """All words that differ in one letter."""
    alphabet = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    return [
        word[:k] + letter + word[k + 1 :]
        for k in range(len(word))
        for letter in alphabet
        if letter != word[k]
    ]


def mistaken(rng: np.random.Generator, truth: Truth, name: str) -> Truth | None:
    """The truth with another legal value of one attribute; None where no other value is legal."""
    seen = attributes(truth)[name]
    options: list[Value] = list(_other_words(str(seen)) if name == "text" else LEGAL[name])
    changed = [_CHANGE[name](truth, value) for value in options if value != seen]
    legal = [other for other in changed if not faults(other)]
    return pick(rng, legal) if legal else None


def _with_errors(
    rng: np.random.Generator, asked: Truth, truth: Truth, dials: Dials
) -> tuple[Truth, list[str]]:
    """Plant errors in what the prompt states; what it left open cannot be wrong."""
    wrong = []
    for name in attributes(asked):
        hit = rng.random() < dials.errors.get(name, dials.error_prob)
        if name in UNPLANTED or not hit:
            continue
        changed = mistaken(rng, truth, name) if name in attributes(truth) else None
        if changed is not None:
            truth = changed
            wrong.append(name)
    return truth, wrong


def _rng(prompt: str, seed: int, use: str) -> np.random.Generator:
    if seed < 0:
        raise ValueError(f"a seed counts from 0; seen: {seed}")
    digest = hashlib.sha256(f"{use}\n{prompt}".encode(errors="surrogatepass")).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest, dtype="<u4").tolist()])


def imagine(prompt: str, seed: int, dials: Dials) -> tuple[Truth | None, Scene, tuple[str, ...]]:
    """What is asked, the scene that will be shown, and the defects of its content."""
    rng = _rng(prompt, seed, "content")
    asked = understand(prompt).truth
    truth = complete(rng, asked or Truth(things=(Thing(),)), bias=dials.bias)
    truth, defects = _with_errors(rng, asked, truth, dials) if asked else (truth, [])
    jitter = sample_jitter(rng)
    if rng.random() < dials.leak_prob and not truth.canary:
        truth, defects = replace(truth, canary=True), [*defects, "leak"]
    return asked, Scene(truth=truth, jitter=jitter), tuple(defects)


def _rendered(scene: Scene, form: Format) -> Array:
    return render(scene, form.height_px, form.width_px, fps=form.fps, n_frames=form.n_frames)


def _drifted(prompt: str, seed: int, scene: Scene, dials: Dials) -> Scene | None:
    """The scene with a tone of another band; None where nobody is in it or chance spares it.

    It draws from a stream of its own, so that the dial changes nothing else.
    """
    rng = _rng(prompt, seed, "drift")
    person = scene.truth.person
    if person is None or person.tone is None or rng.random() >= dials.drift_prob:
        return None
    others = [tone for tone in TONES if tone_band(tone) != tone_band(person.tone)]
    return replace(scene, truth=_person(scene.truth, tone=pick(rng, others)))


def generate(
    prompt: str, seed: int, dials: Dials | None = None, form: Format = BASE_FORMAT
) -> Shown:
    """Draw a prompt.

    A prompt outside the grammar gives a thing at random, as a model would that did not understand.
    Whatever lies inside it is drawn; the rest of the prompt is passed over.
    """
    dials = dials or Dials()
    asked, scene, defects = imagine(prompt, seed, dials)
    frames = _rendered(scene, form)
    if dials.drift_prob > 0 and (later := _drifted(prompt, seed, scene, dials)) is not None:
        half = form.n_frames // 2
        frames = np.concatenate([frames[:half], _rendered(later, form)[half:]])
        defects = (*defects, "drift")
    rng = _rng(prompt, seed, "frames")
    if rng.random() < dials.freeze_prob:
        frames = np.repeat(frames[:1], len(frames), axis=0)
        defects = (*defects, "freeze")
    if dials.flicker > 0:
        shift = rng.normal(0, dials.flicker, (len(frames), 1, 1, 1))
        frames = np.clip(np.round(frames + shift), 0, 255).astype(np.uint8)
        defects = (*defects, "flicker")
    return Shown(frames=frames, fps=form.fps, asked=asked, truth=scene.truth, defects=defects)


class Phantom:
    """The stand-in model: dials and a format, and clips for prompts."""

    name = "phantom"

    def __init__(self, dials: Dials | None = None, form: Format = BASE_FORMAT) -> None:
        self.dials = dials or Dials()
        self.form = form

    def generate(self, prompt: str, seed: int) -> Shown:
        """One clip of one prompt."""
        return generate(prompt, seed, self.dials, self.form)
