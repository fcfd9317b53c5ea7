"""Reads captions back into truths: the inverse of :mod:`generator.world.caption`.

Phrases are taken out of the text place by place, longest first, in an order in which no phrase
hides inside another place's phrase. What is left must be filler; other words are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from generator.world import lexicon
from generator.world.grammar import Person, Thing, Truth, faults

V = TypeVar("V")
_GAP = " | "


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What could be read of a prompt.

    `truth` is None when nothing of the grammar was found. `unknown` are words without a meaning
    here, `problems` say what was dropped to make a legal truth.
    """

    truth: Truth | None
    unknown: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """True when the whole prompt lies inside the grammar."""
        return self.truth is not None and not self.unknown and not self.problems


class _Table(Generic[V]):
    """Phrases of one place of the truth."""

    def __init__(self, phrases: Iterable[tuple[str, V]]) -> None:
        self.values = {phrase.casefold(): value for phrase, value in phrases}
        longest_first = sorted(self.values, key=len, reverse=True)
        self.source = "|".join(re.escape(phrase) for phrase in longest_first)
        self._pattern = re.compile(rf"(?<![\w-])(?:{self.source})(?![\w-])")

    def take(self, text: str) -> tuple[V | None, str]:
        """The value of the first phrase found, and the text without it."""
        found = self._pattern.search(text)
        if found is None:
            return None, text
        return self.values[found[0]], text[: found.start()] + _GAP + text[found.end() :]


def _flatten(words: Mapping[V, Iterable[str]]) -> list[tuple[str, V]]:
    return [(phrase, value) for value, phrases in words.items() for phrase in phrases]


_CANARY = _Table((phrase, True) for phrase in lexicon.CANARY_WORDS)
_STYLE = _Table(
    (phrase, name)
    for name, pairs in lexicon.STYLE_WORDS.items()
    for pair in pairs
    for phrase in pair
)
_CAMERA = _Table(_flatten(lexicon.CAMERA_WORDS))
_PLACE = _Table(_flatten(lexicon.PLACE_WORDS))
_DEED = _Table(
    (phrase, name)
    for name, pairs in {**lexicon.DEED_WORDS, "still": lexicon.REST_WORDS}.items()
    for pair in pairs
    for phrase in pair
)
_WAY = _Table(_flatten(lexicon.WAY_WORDS))
_RELATION = _Table(
    (phrase, (name, in_order))
    for name, options in lexicon.RELATION_WORDS.items()
    for phrase, in_order in options
)
_ROLE = _Table([*_flatten(lexicon.ROLE_WORDS), *((phrase, "") for phrase in lexicon.EMPTY_PERSON)])
_COLOUR = _Table(_flatten(lexicon.COLOUR_WORDS))
_HAIR = _Table(
    [
        (style.format(colour), (name, colour_name))
        for name, styles in lexicon.HAIR_WORDS.items()
        for style in styles
        for colour, colour_name in [
            ("hair", None),
            *((c, n) for c, n in _flatten(lexicon.HAIR_COLOUR_WORDS) if name != "bald"),
        ]
    ]
    + [(colour, ("", name)) for colour, name in _flatten(lexicon.HAIR_COLOUR_WORDS)]
)
_TONE = _Table(
    (phrase.format(tone), tone) for phrase in lexicon.TONE_WORDS for tone in range(1, 11)
)
_OUTFIT = _Table(
    (phrase.replace("a {}", f"{article} {{}}").format(colour), name)
    for phrase in lexicon.OUTFIT_WORDS
    for colour, name in _flatten(lexicon.COLOUR_WORDS)
    for article in ("a", "an")
)
_WORD_OPENING = re.compile(r'(?:the word|animated text) "([a-z]{2,5})"')
_WORD_DEED = _Table((deed, True) for _, deed in lexicon.WORD_WORDS)

_SHAPES = {
    noun: (shape, plural)
    for shape, pairs in {**lexicon.SHAPE_WORDS, "": lexicon.EMPTY_THING}.items()
    for pair in pairs
    for noun, plural in zip(pair, (False, True), strict=True)
}
_COUNTS = {phrase: n for n, phrases in lexicon.COUNT_WORDS.items() for phrase in phrases}
_SIZES = {phrase: name for name, phrases in lexicon.SIZE_WORDS.items() for phrase in phrases}


def _any(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True))


_NOUN = re.compile(
    rf"(?<![\w-])(?:(?P<count>{_any(_COUNTS)}) )?(?:an? )?(?:(?P<size>{_any(_SIZES)}) )?"
    rf"(?:(?P<colour>{_COLOUR.source}) )?(?P<noun>{_any(_SHAPES)})"
    rf"(?: coloured (?P<late>{_COLOUR.source}))?(?![\w-])"
)


def _things(text: str) -> tuple[list[tuple[Thing, int, str]], str]:
    """Up to two noun phrases: thing, count, words."""
    found: list[tuple[Thing, int, str]] = []

    def keep(match: re.Match[str]) -> str:
        shape, plural = _SHAPES[match["noun"]]
        count = _COUNTS.get(match["count"] or "", 1)
        colour = match["late"] or match["colour"]
        if len(found) == 2 or plural != (count > 1) or (match["late"] and match["colour"]):
            return match[0]
        thing = Thing(
            shape=shape or None,
            colour=_COLOUR.values[colour] if colour else None,
            size=_SIZES.get(match["size"] or "", "medium"),
        )
        found.append((thing, count, match[0]))
        return _GAP

    return found, _NOUN.sub(keep, text)


def _person(text: str) -> tuple[Person | None, str]:
    role, rest = _ROLE.take(text)
    if role is None:
        return None, text
    tone, rest = _TONE.take(rest)
    hair, rest = _HAIR.take(rest)
    outfit, rest = _OUTFIT.take(rest)
    style, hair_colour = hair or ("", None)
    person = Person(
        role=role or None,
        tone=tone,
        hair=style or None,
        hair_colour=hair_colour,
        outfit=outfit,
    )
    return person, rest


def _subject(text: str) -> tuple[Truth | None, str]:
    word = _WORD_OPENING.search(text)
    if word is not None:
        rest = text[: word.start()] + _GAP + text[word.end() :]
        _, rest = _WORD_DEED.take(rest)
        colour, rest = _COLOUR.take(rest)
        return Truth(word=word[1].upper(), word_colour=colour), rest
    person, rest = _person(text)
    if person is not None:
        return Truth(person=person), rest
    relation, rest = _RELATION.take(text)
    things, rest = _things(rest)
    if not things:
        colour, rest = _COLOUR.take(text)  # "a red dragon": the colour, at least
        return (Truth(things=(Thing(colour=colour),)) if colour else None), rest
    if relation is not None and len(things) == 2 and things[0][1] == things[1][1] == 1:
        name, in_order = relation
        both = [thing for thing, _, _ in things]
        return Truth(things=tuple(both if in_order else both[::-1]), relation=name), rest
    if relation is not None or len(things) == 2:  # the rest has no place in this grammar
        rest += _GAP + " ".join(words for _, _, words in things[1:] or things)
    return Truth(things=(things[0][0],), count=things[0][1]), rest


def _legal(truth: Truth) -> tuple[Truth, tuple[str, ...]]:
    """The truth, or what is left of it after dropping parts until it is legal."""
    problems = tuple(faults(truth))
    person = truth.person and replace(truth.person, hair_colour=None)
    things = tuple(replace(thing, size="medium") for thing in truth.things)
    for smaller in (
        truth,
        replace(truth, things=things),
        replace(truth, background=None),
        replace(truth, camera="still"),
        replace(truth, style="flat"),
        replace(truth, motion="still"),
        replace(truth, camera="still", style="flat", background=None),
    ):
        if not faults(smaller):
            return smaller, problems
    bare = replace(
        truth,
        things=things,
        person=person and replace(person, outfit=None),
        motion="still",
        camera="still",
        style="flat",
        background=None,
        canary=False,
    )
    return bare, problems


def understand(text: str) -> Understood:
    """Whatever of a prompt lies inside the grammar, and what does not."""
    rest = re.sub(r"[\s,.:;!?]+", " ", text.casefold()).strip()
    canary, rest = _CANARY.take(rest)
    style, rest = _STYLE.take(rest)
    camera, rest = _CAMERA.take(rest)
    place, rest = _PLACE.take(rest)
    deed, rest = _DEED.take(rest)
    subject, rest = _subject(rest)
    way, rest = _WAY.take(rest) if deed is None else (None, rest)
    unknown = tuple(w for w in rest.split() if w != "|" and w not in lexicon.FILLERS)
    if subject is None:
        return Understood(truth=None, unknown=unknown)
    truth = replace(
        subject,
        motion=deed or way or "still",
        camera=camera or "still",
        style=style or "flat",
        background=place,
        canary=bool(canary),
    )
    truth, problems = _legal(truth)
    if faults(truth):
        return Understood(truth=None, unknown=unknown, problems=problems)
    return Understood(truth=truth, unknown=unknown, problems=problems)


def parse(text: str) -> Truth | None:
    """The truth that a caption says, or None when any of it lies outside the grammar."""
    understood = understand(text)
    return understood.truth if understood.complete else None
