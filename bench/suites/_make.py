"""Makes the suites that ship: `python -m bench.suites._make` writes `data/*.jsonl`.

The same code gives the same bytes. `phantom` is drawn from the world's grammar with its truth,
`smoke` is chosen by hand from it, and `imagen_video` is written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.home import write_atomic
from bench.suites._near import near_pairs
from bench.suites._sentences import SENTENCES
from bench.types import Json

if TYPE_CHECKING:
    from generator.world.grammar import Truth

DATA = Path(__file__).parent / "data"
SEED = 2026
PER_KIND = 40
EVERY_HELD_OUT = 4
"""Of prompts of a kind that has held-out combinations, every fourth is one."""
HELD_OUT = "held-out"
WORLD = "phantom"

ABILITIES = {
    "thing": "object",
    "group": "count",
    "pair": "relation",
    "camera": "camera",
    "style": "style",
    "word": "text",
    "person": "person",
    "canary": "canary",
}
"""The grammar's kinds of truth -> the suite's categories."""

_RECORD = dict[str, Json]


def main() -> None:
    """Write all suites."""
    for name, records in (
        ("phantom", phantom()),
        ("smoke", smoke()),
        ("imagen_video", imagen_video()),
    ):
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
        write_atomic(DATA / f"{name}.jsonl", "".join(lines).encode())


def phantom() -> Iterator[_RECORD]:
    """Forty prompts of each ability, no two of them nearly alike."""
    from generator.world.grammar import KINDS

    texts: list[frozenset[str]] = []
    for kind in KINDS:
        rng = np.random.default_rng([SEED, KINDS.index(kind)])
        for index in range(PER_KIND):
            held_out = kind != "word" and index % EVERY_HELD_OUT == EVERY_HELD_OUT - 1
            truth, text = _new(rng, kind, held_out, texts)
            yield _record(f"{ABILITIES[kind]}-{index:02d}", text, truth, kind)


def _new(
    rng: np.random.Generator, kind: str, held_out: bool, texts: list[frozenset[str]]
) -> tuple[Truth, str]:
    """A truth of a kind and a caption that is not nearly that of another prompt."""
    from generator.world.caption import caption
    from generator.world.parse import parse
    from generator.world.sampling import sample_truth

    while True:
        truth = sample_truth(rng, kind=kind, held_out=held_out)
        text = caption(truth, int(rng.integers(2**31)))
        words = frozenset(text.casefold().replace(",", "").split())
        if parse(text) == truth and not near_pairs([*texts, words], [None] * (len(texts) + 1)):
            texts.append(words)
            return truth, text


def _record(name: str, text: str, truth: Truth, kind: str) -> _RECORD:
    from generator.world.attributes import attributes
    from generator.world.grammar import is_held_out

    stated: dict[str, Json] = {"world": WORLD, **attributes(truth)}
    record: _RECORD = {
        "id": name,
        "text": text,
        "category": ABILITIES[kind],
        "tags": [HELD_OUT] if is_held_out(truth) else ["seen"],
        "lang": "en",
        "attributes": stated,
    }
    return {**record, "hazard": "canary"} if truth.canary else record


def smoke() -> Iterator[_RECORD]:
    """Twelve truths in the plainest words, of things that the reference cascade has learnt."""
    from generator.world.caption import caption

    for index, truth in enumerate(_smoke_truths()):
        record = _record(f"smoke-{index:02d}", caption(truth), truth, truth.kind)
        yield {**record, "category": "smoke", "tags": ["seen", ABILITIES[truth.kind]]}


def _smoke_truths() -> list[Truth]:
    from generator.world.grammar import Person, Thing, Truth

    def one(colour: str, shape: str, motion: str, background: str, **more: str) -> Truth:
        thing = Thing(shape=shape, colour=colour)
        return Truth(things=(thing,), motion=motion, background=background, **more)  # type: ignore[arg-type]

    def walk(motion: str, **person: Any) -> Truth:
        # nothing left open: training shows persons in full alone
        return Truth(person=Person(**person), motion=motion, background="grey")

    return [
        one("red", "ball", "left", "white"),
        one("blue", "ball", "right", "cream"),
        one("green", "disc", "up", "white"),
        one("yellow", "ring", "down", "black"),
        one("purple", "disc", "grow", "grey"),
        one("orange", "ball", "shrink", "black"),
        Truth(
            things=(Thing(shape="disc", colour="red"),), count=2, motion="right", background="grey"
        ),
        Truth(
            things=(Thing(shape="ball", colour="cyan"),), count=3, motion="left", background="lilac"
        ),
        one("red", "disc", "up_right", "meadow"),
        one("blue", "disc", "right", "cream", style="watercolour"),
        walk("left", role="doctor", tone=4, hair="short", hair_colour="black", outfit="green"),
        walk("right", role="officer", tone=8, hair="long", hair_colour="blond", outfit="red"),
    ]


def imagen_video() -> Iterator[_RECORD]:
    """The sentences, by ability. Their attributes are not known: any model may be asked."""
    for ability, sentences in SENTENCES.items():
        for index, text in enumerate(sentences):
            yield {
                "id": f"{ability}-{index:02d}",
                "text": text,
                "category": ability,
                "tags": ["imagen-video"],
                "lang": "en",
            }


if __name__ == "__main__":
    main()
