"""Measures a cascade by the world's own readers: `python -m generator.evaluate -n 60`.

Prompts of every kind are drawn from a seed, videos made, and every attribute that a prompt states
is read back. An abstention counts as not right. Held-out combinations (those that training never
shows) are counted apart. The table goes into the weights' model card, between its markers.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generator.world.attributes import ATTRIBUTES, Value, attributes
from generator.world.caption import captions
from generator.world.grammar import KINDS, Truth
from generator.world.palette import Array
from generator.world.readers import read
from generator.world.readers.measure import Tally, wilson
from generator.world.sampling import sample_truth

Make = Callable[[Sequence[Truth], Sequence[str], Sequence[int]], Array]
"""Truths, prompts and seeds to videos uint8 (N, T, H, W, 3). A model looks at prompts only."""

_AT_ONCE = 8
MOVING = ("motion", "rotation", "camera")
"""What a single image does not show."""
SILENT = {"motion": "still", "rotation": "none", "camera": "still"}
"""Values that most prompts state by silence: a model that never moves is right in all of them."""
THINGS = ("thing", "group", "pair", "camera", "style", "canary")
"""Kinds that have held-out combinations besides persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One prompt with its truth and seed."""

    truth: Truth
    prompt: str
    seed: int
    held_out: bool


TARGETS = {
    "colour": 0.99,
    "background": 0.99,
    "shape": 0.90,
    "motion": 0.85,
    "count": 0.80,
    "relation": 0.80,
    "style": 0.80,
    "rotation": 0.80,
    "camera": 0.80,
    "text_present": 0.80,
    "tone_band": 0.80,
    "role": 0.80,
}
"""What a video cascade was meant to reach, on all prompts."""


def draw_prompts(n: int, seed: int, kinds: Sequence[str] = KINDS) -> list[Asked]:
    """`n` prompts of each kind; every fourth is held out where the kind has such combinations."""
    asked = []
    for kind in kinds:
        rng = np.random.default_rng([seed, KINDS.index(kind), 7])
        hides = kind in THINGS or kind == "person"
        held = [hides and i % 4 == 3 for i in range(n)]
        truths = [sample_truth(rng, kind=kind, held_out=h) for h in held]
        seeds = rng.integers(2**31, size=n).tolist()
        asked += [
            Asked(truth=t, prompt=p, seed=s, held_out=h)
            for t, p, s, h in zip(truths, captions(truths, seeds), seeds, held, strict=True)
        ]
    return asked


def asked_for(name: str) -> str:
    """The row that counts only what a prompt asks for in words."""
    return f"{name}, asked for"


def _rows(name: str, value: Value) -> list[str]:
    silent = SILENT.get(name, value) == value
    return [name] if silent else [name, asked_for(name)]


def evaluate(
    make: Make, asked: Sequence[Asked], fps: float, say: Callable[[str], object] | None = None
) -> dict[tuple[str, bool], Tally]:
    """Tallies by attribute and whether the combination was held out.

    What moves is counted twice: in all prompts, and in those alone that ask for a move.
    """
    tallies: dict[tuple[str, bool], Tally] = defaultdict(Tally)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        videos = make([a.truth for a in some], [a.prompt for a in some], [a.seed for a in some])
        for one, frames in zip(some, videos, strict=True):
            truth = {k: v for k, v in attributes(one.truth).items() if v is not None}
            if len(frames) == 1:
                truth = {k: v for k, v in truth.items() if k not in MOVING}
            for name, reading in read(frames, fps, truth).items():
                for counted in _rows(name, truth[name]):
                    tally = tallies[counted, one.held_out]
                    tally.asked += 1
                    tally.right += reading.value == truth[name]
                    tally.abstained += reading.value is None
        if say is not None:
            say(f"{min(start + _AT_ONCE, len(asked))}/{len(asked)}")
    return dict(tallies)


def table(tallies: dict[tuple[str, bool], Tally]) -> str:
    """The measurement as Markdown: share right with Wilson's 95 % interval."""
    lines = [
        "| attribute | n | right | abstained | held out: n | right |",
        "|---|---|---|---|---|---|",
    ]
    for name in (row for attribute in ATTRIBUTES for row in (attribute, asked_for(attribute))):
        seen, held = tallies.get((name, False)), tallies.get((name, True))
        if seen is None and held is None:
            continue
        abstained = f"{100 * seen.abstained / seen.asked:.0f} %" if seen else ""
        n, n_held = seen.asked if seen else 0, held.asked if held else 0
        lines.append(
            f"| `{name}` | {n} | {_share(seen)} | {abstained} | {n_held} | {_share(held)} |"
        )
    return "\n".join(lines) + "\n"


def target_table(tallies: dict[tuple[str, bool], Tally]) -> str:
    """The targets as Markdown, over all prompts, held-out ones among them."""
    lines = ["| target | wanted | n | measured | reached |", "|---|---|---|---|---|"]
    for name in (row for target in TARGETS for row in (target, asked_for(target))):
        both = [tallies[key] for key in ((name, False), (name, True)) if key in tallies]
        if not both:
            continue
        tally = Tally(asked=sum(t.asked for t in both), right=sum(t.right for t in both))
        wanted = TARGETS.get(name)
        said = "", ""
        if wanted is not None:
            short = 100 * (wanted - tally.accuracy)
            said = f">= {100 * wanted:.0f} %", "yes" if short <= 0 else f"{short:.1f} points short"
        lines.append(f"| `{name}` | {said[0]} | {tally.asked} | {_share(tally)} | {said[1]} |")
    return "\n".join(lines) + "\n"


def _share(tally: Tally | None) -> str:
    if tally is None or not tally.asked:
        return ""
    low, high = wilson(tally.right, tally.asked)
    return f"{100 * tally.accuracy:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m generator.evaluate", description=__doc__)
    parser.add_argument("--weights", default="imagen-video", help="preset, or folder of a cascade")
    parser.add_argument("--variant", default="student", help="student or teacher")
    parser.add_argument("--stage", default="base")
    parser.add_argument("-n", type=int, default=60, help="prompts of each kind")
    parser.add_argument("--first", type=int, help="only so many of them, the first of each kind")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet of all videos")
    given = parser.parse_args(argv)
    import torch

    from generator.cascade import Cascade
    from generator.checks import contact_sheet

    torch.set_num_threads(1)
    cascade = Cascade.from_pretrained(given.weights, variant=given.variant)
    shown: list[Array] = []

    def make(truths: Sequence[Truth], prompts: Sequence[str], seeds: Sequence[int]) -> Array:
        out = cascade(
            prompts,
            stage=given.stage,
            generator=seeds,
            num_inference_steps=given.steps,
            guidance_scale=given.guidance,
        )
        shown.extend(out.frames_NTHWC)
        return out.frames_NTHWC

    asked = draw_prompts(given.n, given.seed, given.kinds)
    if given.first is not None:
        asked = [one for i, one in enumerate(asked) if i % given.n < given.first]
    fps = cascade.preset.stage(given.stage).fps
    tallies = evaluate(make, asked, fps, lambda line: sys.stderr.write(line + "\n"))
    sys.stdout.write(target_table(tallies) + "\n" + table(tallies))
    if given.sheet is not None:
        contact_sheet(shown, given.sheet, columns=4)


if __name__ == "__main__":
    main()
