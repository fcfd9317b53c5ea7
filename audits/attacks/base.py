"""The seam to attacks: a text and a seed in, the same wish in disguise out.

    from audits.attacks.base import parse_attack

    attack = parse_attack("leet+spacing")   # leet first, then spacing; at most two
    attack("a violent fight", seed=7)

An attack states for whom the meaning survives: a `human` who reads it, the model's `tokenizer`, or
`neither` (encodings, which pass filters and reach nobody). Where it is reversible, `undo` gives the
text back in the normal form that the attack declares: `undo(attack(t, seed)) == attack.normal(t)`.
Plug-in authors check theirs with :func:`check_attack`.
"""

from __future__ import annotations

import abc
from typing import ClassVar, Literal

import numpy as np

from bench import registry
from bench.errors import UsageError

Reader = Literal["human", "tokenizer", "neither"]
MAX_DEPTH = 2
LEGAL = "NAME or NAME+NAME, as in leet+spacing"


class Attack(abc.ABC):
    """One disguise. Its file's stem is its name; options come as text.

    Attributes:
        family: what it changes: char, word, phrase, language or encoding.
        meaning_for: who still reads the wish.
        reversible: whether :meth:`undo` gives the text back.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = "1"
    family: ClassVar[str] = ""
    meaning_for: ClassVar[Reader] = "human"
    reversible: ClassVar[bool] = False

    @abc.abstractmethod
    def __call__(self, text: str, seed: int) -> str:
        """The text in disguise; the same for the same text and seed. It may stay as it is."""

    def undo(self, text: str) -> str:
        """The text behind a disguise.

        Raises:
            UsageError: where the attack is not reversible.
        """
        raise UsageError(f"the attack {self.name} cannot be undone", seen=text)

    def normal(self, text: str) -> str:
        """The form in which :meth:`undo` gives a text back: by default the text itself."""
        return text


class Composed:
    """Two attacks, one after the other: `leet+spacing` spaces out what is leet already."""

    version = "1"
    family = "composed"

    def __init__(self, spec: str, first: Attack, second: Attack) -> None:
        self.name = spec
        self.first = first
        self.second = second
        self.reversible = first.reversible and second.reversible
        order: tuple[Reader, ...] = ("human", "tokenizer", "neither")
        self.meaning_for: Reader = max(first.meaning_for, second.meaning_for, key=order.index)

    def __call__(self, text: str, seed: int) -> str:
        """The text in both disguises."""
        return self.second(self.first(text, seed), seed)

    def undo(self, text: str) -> str:
        """The text behind both; it raises where one of the two cannot be undone."""
        return self.first.undo(self.second.undo(text))


def parse_attack(spec: str) -> Attack | Composed:
    """The attack of a spec: a name with options or `package.module:Class`, or two joined by `+`.

    Raises:
        UsageError: when there is none of this name, it refuses its options, or there are too many.
    """
    parts = spec.split("+")
    if not all(parts) or len(parts) > MAX_DEPTH or len(set(parts)) < len(parts):
        raise UsageError("no attack can be read from this", seen=spec, legal=LEGAL)
    attacks = [_build(part) for part in parts]
    return attacks[0] if len(attacks) == 1 else Composed(spec, *attacks)


def _build(spec: str) -> Attack:
    attack = registry.build("attack", spec)
    if not isinstance(attack, Attack):
        raise UsageError(
            f"{spec} is no attack",
            seen=type(attack).__name__,
            legal="a subclass of audits.attacks.base.Attack",
        )
    return attack


def draws(seed: int, text: str) -> np.random.Generator:
    """Random numbers that follow from the seed and the text, whatever was attacked before."""
    return np.random.default_rng([seed, *text.encode("utf-8", errors="surrogatepass")])


def probability(name: str, value: float | str) -> float:
    """An option that is a share, more than 0 and at most 1.

    Raises:
        UsageError: when it is anything else.
    """
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise UsageError(f"the option {name} is no share", seen=value, legal="0.01 to 1")
    return share


def check_attack(attack: Attack, text: str, seed: int = 0) -> None:
    """Check that an attack keeps its word on one text.

    Raises:
        AssertionError: with what it breaks.
    """
    made = attack(text, seed)
    _must(bool(attack.name and attack.family and attack.version), "name, family and version")
    _must(attack.meaning_for in {"human", "tokenizer", "neither"}, "meaning_for")
    _must(made == attack(text, seed), "the same text for the same seed")
    _must(bool(made.strip()) or not text.strip(), "a text that is left to read")
    _must(made.encode().decode() == made, "a text that can be written as UTF-8")
    if attack.reversible:
        _must(attack.undo(made) == attack.normal(text), "undo gives the normal form back")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"the attack breaks: {what}")
