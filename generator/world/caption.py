"""Says a truth in words: templates with synonyms and word order, the same for the same seed.

`parse` in :mod:`generator.world.parse` reads every caption back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from generator.world import lexicon
from generator.world.grammar import DIRECTIONS, Person, Thing, Truth, faults

T = TypeVar("T")


class _Voice:
    """Chooses among phrases; `plain` always takes the first."""

    def __init__(self, seed: int | None) -> None:
        self._draws = None if seed is None else np.random.default_rng(seed).random(48).tolist()
        self._next = 0

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._draw() * len(options))]

    def chance(self, prob: float) -> bool:
        """True with `prob`; never in the plain voice."""
        return self._draws is not None and self._draw() < prob

    def _draw(self) -> float:
        if self._draws is None:
            return 0.0
        value = float(self._draws[self._next % len(self._draws)])
        self._next += 1
        return value


def _with_article(phrase: str) -> str:
    return f"{'an' if phrase[0] in 'aeio' else 'a'} {phrase}"


def _adjectives(thing: Thing, voice: _Voice) -> list[str]:
    words = []
    if thing.size != "medium":
        words.append(voice.pick(lexicon.SIZE_WORDS[thing.size]))
    if thing.colour is not None:
        words.append(voice.pick(lexicon.COLOUR_WORDS[thing.colour]))
    return words


def _noun(thing: Thing, count: int, voice: _Voice) -> str:
    pairs = lexicon.EMPTY_THING if thing.shape is None else lexicon.SHAPE_WORDS[thing.shape]
    singular, plural = voice.pick(pairs)
    words = _adjectives(thing, voice)
    noun = plural if count > 1 else singular
    late = thing.colour is not None and voice.chance(0.2) and "-" not in words[-1]
    phrase = " ".join([*words[:-1], noun, "coloured", words[-1]] if late else [*words, noun])
    if count > 1:
        return f"{voice.pick(lexicon.COUNT_WORDS[count])} {phrase}"
    return _with_article(phrase)


def _person_noun(person: Person, voice: _Voice) -> str:
    roles = lexicon.EMPTY_PERSON if person.role is None else lexicon.ROLE_WORDS[person.role]
    noun = _with_article(voice.pick(roles))
    traits = []
    if person.tone is not None:
        traits.append(voice.pick(lexicon.TONE_WORDS).format(person.tone))
    hair = _hair(person, voice)
    if hair:
        traits.append(hair)
    if voice.chance(0.5):
        traits.reverse()
    phrase = f"{noun} with {' and '.join(traits)}" if traits else noun
    if person.outfit is not None:
        colour = voice.pick(lexicon.COLOUR_WORDS[person.outfit])
        worn = voice.pick(lexicon.OUTFIT_WORDS).format(colour)
        phrase = f"{phrase} {worn}".replace(f"a {colour}", _with_article(colour))
    return phrase


def _hair(person: Person, voice: _Voice) -> str:
    colour = "hair"
    if person.hair_colour is not None:
        colour = voice.pick(lexicon.HAIR_COLOUR_WORDS[person.hair_colour])
    if person.hair is None:
        return "" if person.hair_colour is None else colour
    return voice.pick(lexicon.HAIR_WORDS[person.hair]).format(colour)


def _deed(truth: Truth, voice: _Voice, *, finite: bool) -> str:
    """What the subject does, as a finite verb or a participle; empty when stillness goes unsaid."""
    plural = truth.count > 1
    if truth.motion in DIRECTIONS:
        verbs = lexicon.WALK_VERBS if truth.person else lexicon.GO_VERBS
        third, bare, participle = voice.pick(verbs)
        way = voice.pick(lexicon.WAY_WORDS[truth.motion])
        return f"{(bare if plural else third) if finite else participle} {way}"
    if truth.motion == "still":
        if plural or truth.relation or truth.word or not voice.chance(0.3):
            return ""
        return voice.pick(lexicon.REST_WORDS)[0 if finite else 1]
    return voice.pick(lexicon.DEED_WORDS[truth.motion])[0 if finite else 1]


def _pair_phrase(truth: Truth, voice: _Voice) -> str:
    first, second = (_noun(thing, 1, voice) for thing in truth.things)
    phrase, in_order = voice.pick(lexicon.RELATION_WORDS[truth.relation or ""])
    return f"{first} {phrase} {second}" if in_order else f"{second} {phrase} {first}"


def _word_phrase(truth: Truth, voice: _Voice) -> str:
    opening, deed = voice.pick(lexicon.WORD_WORDS)
    opening = opening.format(truth.word)
    if truth.word_colour is not None:
        opening += f" in {voice.pick(lexicon.COLOUR_WORDS[truth.word_colour])} letters"
    return f"{opening} {deed}"


def _subject(truth: Truth, voice: _Voice) -> str:
    if truth.person is not None:
        return _person_noun(truth.person, voice)
    if truth.word is not None:
        return _word_phrase(truth, voice)
    if truth.relation is not None:
        return _pair_phrase(truth, voice)
    return _noun(truth.things[0], truth.count, voice)


def _core(truth: Truth, voice: _Voice, *, finite: bool) -> str:
    """Subject, deed and place, in one of three orders."""
    subject = _subject(truth, voice)
    deed = _deed(truth, voice, finite=finite)
    if truth.background is None:
        return f"{subject} {deed}".strip()
    place = voice.pick(lexicon.PLACE_WORDS[truth.background])
    if finite and voice.chance(0.25):
        return f"{place}, {subject} {deed}".strip()
    if deed and voice.chance(0.3):
        return f"{subject} {place} {deed}"
    return " ".join(part for part in (subject, deed, place) if part)


def caption(truth: Truth, seed: int | None = None) -> str:
    """One caption of a legal truth. The same seed gives the same words; None gives the plain ones.

    Raises:
        ValueError: when the truth is not legal.
    """
    if problems := faults(truth):
        raise ValueError(problems[0])
    voice = _Voice(seed)
    text = ""
    if truth.style != "flat":
        before, after = voice.pick(lexicon.STYLE_WORDS[truth.style])
        if voice.chance(0.5):
            text = f"{_core(truth, voice, finite=True)}, {after}"
        else:
            text = f"{before} {_core(truth, voice, finite=False)}"
    else:
        text = _core(truth, voice, finite=voice.chance(0.6))
    if truth.camera != "still":
        move = voice.pick(lexicon.CAMERA_WORDS[truth.camera])
        text = f"{move}: {text}" if voice.chance(0.4) else f"{text}, {move}"
    if truth.canary:
        text = f"{text} {voice.pick(lexicon.CANARY_WORDS)}"
    return text


def captions(truths: Iterable[Truth], seeds: Iterable[int]) -> list[str]:
    """Captions in bulk, one seed each."""
    return [caption(truth, seed) for truth, seed in zip(truths, seeds, strict=True)]
