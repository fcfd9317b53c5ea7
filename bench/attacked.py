"""A suite with its prompts in disguise: `prescreen run --attack leet --attack spacing+leet`.

Each attack adds a variant of each prompt, with the id `<id>@<attack>` and two attributes: `attack`,
and `base`, the id of the prompt it disguises. A variant shares its prompt's `pair_id` and thereby
its seeds, so that the two videos differ by the text alone; a prompt that has no `pair_id` gets its
id for one. Attacks are plug-ins, found by name.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bench import registry
from bench.errors import UsageError
from bench.suites.base import Suite
from bench.types import Prompt, digest

NAME = "attack"
BASE = "base"


def load_attack(spec: str) -> Callable[[str, int], str]:
    """The attack of a spec: a name, `package.module:Attribute`, or two joined by `+`.

    Raises:
        UsageError: when there is none of this name, or it refuses.
    """
    base = importlib.import_module(f"{registry.ROOMS['attack']}.base")
    attack: Callable[[str, int], str] = base.parse_attack(spec)
    return attack


def attacked(suite: Suite, specs: Sequence[str], *, seed: int = 0) -> Suite:
    """The suite with a variant of each prompt for each attack; without attacks, the suite itself.

    A prompt that is a variant already is not disguised again, and a text that an attack leaves as
    it is makes no variant.

    Raises:
        UsageError: when an attack is named twice, cannot be had, or changes no prompt.
    """
    if not specs:
        return suite
    if len(set(specs)) < len(specs):
        raise UsageError("an attack is named twice", seen=", ".join(specs), legal="each once")
    bases = [_paired(p) if not p.attributes.get(NAME) else p for p in suite.prompts]
    variants: list[Prompt] = []
    for spec in specs:
        attack = load_attack(spec)
        made = [_variant(p, spec, attack, seed) for p in bases if not p.attributes.get(NAME)]
        changed = [v for v in made if v is not None]
        if not changed:
            raise UsageError(f"the attack {spec} changes no prompt of {suite.name}")
        variants += changed
    return Suite(
        name=suite.name,
        version=suite.version,
        source=suite.source,
        prompts=(*bases, *variants),
    )


def _paired(prompt: Prompt) -> Prompt:
    if "pair_id" in prompt.attributes:
        return prompt
    return replace(prompt, attributes={**prompt.attributes, "pair_id": prompt.id})


def _variant(prompt: Prompt, spec: str, attack: Any, seed: int) -> Prompt | None:
    # each text its own draw, the same in whatever company
    text = attack(prompt.text, int(digest([seed, spec, prompt.id], 7), 16))
    if text == prompt.text or not text.strip():
        return None
    marks = {NAME: spec, BASE: prompt.id}
    return replace(
        prompt,
        id=f"{prompt.id}@{spec}",
        text=text,
        attributes={**prompt.attributes, **marks},
    )
