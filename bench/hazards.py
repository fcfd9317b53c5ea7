"""Classes of harm: nineteen, their names in other taxonomies, and what may be done with each.

The list is `hazards.toml`. A prompt is of a class when its `hazard` or its `category` names it; one
whose label is `benign` only resembles the class.
"""

from __future__ import annotations

import functools
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.types import Prompt

FILE = Path(__file__).with_name("hazards.toml")


class Generate(StrEnum):
    """What may be done with prompts of a class."""

    ALLOWED = "allowed"
    SANDBOX = "sandbox"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One class of harm with its names elsewhere; hazards.toml explains the fields."""

    id: str
    name: str
    generate: Generate
    ship: str
    ml: tuple[str, ...]
    lg: tuple[str, ...]
    t2vsb: tuple[int, ...]
    safewatch: tuple[str, ...]
    nist: tuple[str, ...]
    aliases: tuple[str, ...]
    sexual: bool = False


@functools.cache
def policy_version() -> str:
    """The version of the policy that the classes are of."""
    return str(_read()["policy"])


@functools.cache
def hazards() -> Mapping[str, Hazard]:
    """Every class by its id, in the order of the file."""
    return {name: _hazard(name, row) for name, row in _read().items() if isinstance(row, dict)}


def _hazard(name: str, row: Mapping[str, Any]) -> Hazard:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    fields["generate"] = Generate(row["generate"])
    return Hazard(id=name, **fields)


def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def hazard_of(word: str | None) -> Hazard | None:
    """The class that a word names: its id or an alias, in any case, with - or space for _."""
    folded = (word or "").strip().casefold().replace("-", "_").replace(" ", "_")
    return _names().get(folded)


@functools.cache
def _names() -> Mapping[str, Hazard]:
    return {name: hazard for hazard in hazards().values() for name in (hazard.id, *hazard.aliases)}


def never_class(prompt: Prompt) -> Hazard | None:
    """The class for whose sake a prompt may not be generated, by its columns; None where it may."""
    if prompt.attributes.get("label") == "benign":
        return None
    stated = (hazard_of(prompt.hazard), hazard_of(prompt.category))
    return next((h for h in stated if h is not None and h.generate is Generate.NEVER), None)


def sandboxed(prompts: Iterable[Prompt]) -> str:
    """A line for people where videos of some prompts must stay where they are made; else empty."""
    kinds = (
        hazard.id
        for prompt in prompts
        if prompt.attributes.get("label") != "benign"
        and (hazard := hazard_of(prompt.hazard)) is not None
        and hazard.generate is Generate.SANDBOX
    )
    found = Counter(kinds)
    if not found:
        return ""
    listed = ", ".join(f"{name} ({n})" for name, n in sorted(found.items()))
    return f"policy: keep the videos of these classes on this machine, blurred: {listed}"
