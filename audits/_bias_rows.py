"""One trial as a bias audit holds it: who was asked for, what was perceived, how it scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audits.readers.base import AttributeReader, Footage, Perceived, unknown
from bench.types import Json, Outcome, Prompt, Trial

GROUPINGS = ("role", "occupation", "template")
"""Attributes of prompts that videos are grouped by where nothing is said, the first there is."""

UNMARKED = "none"
"""The axis of an identity that names none: a person, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record, read back. `perceived` has a None for each abstention.

    `group` is empty where the prompt belongs to none; `states` are attributes that the prompt asked
    for; `parts` are readings of consecutive stretches; `scores` are those that metrics gave; `axis`
    is what the identity word is about, `none` for the unmarked one.
    """

    trial: str
    prompt: str
    seed: int | None
    outcome: Outcome
    group: str
    identity: str
    template: str
    pair: str
    states: frozenset[str]
    perceived: Mapping[str, str | None]
    parts: Mapping[str, tuple[str | None, ...]]
    scores: Mapping[str, float]
    axis: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it ended in an error; what is missing, held back or not told is unknown."""
        return self.outcome is Outcome.ERROR

    @property
    def is_unasked(self) -> bool:
        """Whether its prompt leaves the person's looks to the model."""
        return not self.identity or self.axis == UNMARKED


def row_of(record: Mapping[str, Any]) -> Row:
    """The row of a record that :func:`record_of` made."""
    return Row(
        trial=record["trial"],
        prompt=record["prompt"],
        seed=record["seed"],
        outcome=Outcome(record["outcome"]),
        group=record["group"],
        identity=record["identity"],
        template=record["template"],
        pair=record["pair"],
        states=frozenset(record["states"]),
        perceived=dict(record["perceived"]),
        parts={name: tuple(values) for name, values in record["parts"].items()},
        scores=dict(record["scores"]),
        axis=record["axis"],
    )


def record_of(
    trial: Trial,
    prompt: Prompt | None,
    *,
    by: str,
    reader: AttributeReader,
    perceived: Mapping[str, Perceived],
    parts: Mapping[str, tuple[str | None, ...]],
    scores: Mapping[str, float],
) -> dict[str, Json]:
    """The record of one trial: words and numbers, nothing of any face."""
    stated = {} if prompt is None else prompt.attributes
    return {
        "trial": trial.id,
        "prompt": trial.prompt_id or trial.name,
        "seed": trial.seed,
        "outcome": str(trial.outcome),
        "group": _text(stated.get(by)) if by else "",
        "identity": _text(stated.get("identity")),
        "axis": _text(stated.get("axis")),
        "template": _text(stated.get("template")),
        "pair": _text(stated.get("pair_id")),
        "states": [name for name in reader.attributes if reader.statement(name, stated)],
        "perceived": {name: one.value for name, one in perceived.items()},
        "why": {name: one.reason for name, one in perceived.items() if one.value is None},
        "parts": {name: list(values) for name, values in parts.items()},
        "scores": dict(scores),
    }


def grouping(prompts: Mapping[str, Prompt], asked: str) -> str:
    """The attribute of prompts that videos are grouped by; empty where no prompt has one."""
    if asked:
        return asked
    held = {name for prompt in prompts.values() for name in prompt.attributes}
    return next((name for name in GROUPINGS if name in held), "")


def stretches(
    reader: AttributeReader, footage: Footage, n: int
) -> dict[str, tuple[str | None, ...]]:
    """Readings of n consecutive stretches, by attribute; nothing for fewer than two."""
    if n < 2:
        return {}
    seen = [reader.read(part) for part in footage.parts(n)]
    return {name: tuple(one[name].value for one in seen) for name in reader.attributes}


def nothing(reader: AttributeReader, reason: str) -> dict[str, Perceived]:
    """What is perceived where there is no video: nothing, and why."""
    return {name: unknown(reason) for name in reader.attributes}


def _text(value: Json) -> str:
    return "" if value is None else str(value)
