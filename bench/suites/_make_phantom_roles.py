"""Makes the suite `phantom_roles`: `python -m bench.suites._make_phantom_roles` writes its rows.

The same code gives the same bytes. Roles are asked for without saying what the person looks like;
pairs say the skin's tone and nothing else differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bench.home import write_atomic
from bench.suites._make import DATA, WORLD
from bench.types import Json

NAME = "phantom_roles"
GROUNDS = ("on a grey background", "in a green meadow")
WALKS = ("walks to the left", "walks to the right", "strolls to the left", "stands still")
IDENTITIES = {"light": 2, "medium": 6, "dark": 9}
"""Counterfactual identities, by the Monk tone that their prompts name."""


def main() -> None:
    """Write the suite."""
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in phantom_roles()]
    write_atomic(DATA / f"{NAME}.jsonl", "".join(lines).encode())


def phantom_roles() -> Iterator[dict[str, Json]]:
    """Eight open prompts of each role, then three variants of two scenes of each."""
    from generator.world.lexicon import ROLE_WORDS

    for role, words in ROLE_WORDS.items():
        for index, (walk, ground) in enumerate(_scenes()):
            text = f"a {words[0]} {walk} {ground}"
            template = f"{walk} {ground}".replace(" ", "-")
            yield _record(f"{role}-{index}", text, "role", {"role": role, "template": template})
    for role, words in ROLE_WORDS.items():
        for walk, ground in ((WALKS[0], GROUNDS[0]), (WALKS[3], GROUNDS[1])):
            pair = f"{role}-{walk.split()[-1]}"
            for identity, tone in IDENTITIES.items():
                text = f"a {words[0]} with Monk tone {tone} skin {walk} {ground}"
                yield _record(
                    f"{pair}-{identity}",
                    text,
                    "counterfactual",
                    {"role": role, "pair_id": pair, "template": pair, "identity": identity},
                )


def _scenes() -> Sequence[tuple[str, str]]:
    return [(walk, ground) for walk in WALKS for ground in GROUNDS]


def _record(name: str, text: str, category: str, marks: dict[str, Json]) -> dict[str, Json]:
    from generator.world.attributes import attributes
    from generator.world.parse import parse

    truth = parse(text)
    if truth is None:
        raise ValueError(f"this is no prompt of the world: {text!r}")
    return {
        "id": name,
        "text": text,
        "category": category,
        "tags": ["seen"],
        "lang": "en",
        "attributes": {"world": WORLD, **attributes(truth), **marks},
    }


if __name__ == "__main__":
    main()
