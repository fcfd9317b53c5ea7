"""Compares ways to sample a base: `python -m generator.sweep --guidance 0 1 2 --shift -2 -3`.

Every setting makes the same prompts with the same noise, so that settings differ in nothing else.
The table gives the share of readings that are right, by attribute and over all. With few prompts it
is a guide and no measurement: what it suggests is to be measured anew by `generator.evaluate`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from generator.cascade import Cascade
from generator.evaluate import Asked, draw_prompts, evaluate
from generator.stage import SamplingOptions
from generator.world.attributes import ATTRIBUTES
from generator.world.grammar import KINDS, Truth
from generator.world.palette import Array

SHOWN = (
    "colour",
    "shape",
    "count",
    "background",
    "motion",
    "rotation",
    "camera",
    "style",
    "tone_band",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How the base is sampled; `None` takes what its weights were made for."""

    n_steps: int | None = None
    guidance: float | None = None
    shift: float | None = None
    percentile: float = SamplingOptions().percentile
    sampler: str = SamplingOptions().sampler

    def __str__(self) -> str:
        parts = (
            ("steps", self.n_steps),
            ("guidance", self.guidance),
            ("shift", self.shift),
            ("percentile", self.percentile),
        )
        said = [f"{name} {value:g}" for name, value in parts if value is not None]
        return ", ".join([*said, self.sampler])


def settings(
    n_steps: Sequence[int | None],
    guidance: Sequence[float | None],
    shift: Sequence[float | None],
    percentile: Sequence[float],
    samplers: Sequence[str],
) -> Iterator[Setting]:
    """All that can be put together of them."""
    for steps, weight, moved, top, sampler in product(
        n_steps, guidance, shift, percentile, samplers
    ):
        yield Setting(n_steps=steps, guidance=weight, shift=moved, percentile=top, sampler=sampler)


def measure(cascade: Cascade, asked: Sequence[Asked], setting: Setting) -> dict[str, float]:
    """Share right by attribute, abstentions counting as wrong, and `all` over all readings."""
    base = cascade.stages[cascade.preset.stages[0].name]
    usual = base.config
    if setting.shift is not None:
        base.config = replace(usual, noise=replace(usual.noise, shift=setting.shift))
    options = SamplingOptions(
        sampler=setting.sampler,
        n_steps=setting.n_steps,
        guidance=setting.guidance,
        percentile=setting.percentile,
    )

    def make(truths: Sequence[Truth], prompts: Sequence[str], seeds: Sequence[int]) -> Array:
        return cascade(prompts, stage=usual.name, generator=seeds, options=options).frames_NTHWC

    try:
        tallies = evaluate(make, asked, usual.fps)
    finally:
        base.config = usual
    names = {name for name, _ in tallies}
    counts = {name: [tallies[key] for key in tallies if key[0] == name] for name in names}
    shares = {
        name: sum(t.right for t in parts) / sum(t.asked for t in parts)
        for name, parts in counts.items()
    }
    every = [tally for (name, _), tally in tallies.items() if name in ATTRIBUTES]
    return {**shares, "all": sum(t.right for t in every) / sum(t.asked for t in every)}


def row(setting: Setting, shares: dict[str, float]) -> str:
    """One line of the table: percent right."""
    cells = [f"{100 * shares.get(name, np.nan):.0f}" for name in (*SHOWN, "all")]
    return f"| {setting} | {' | '.join(cells)} |\n"


def _arguments() -> argparse.ArgumentParser:
    usual = Setting()
    parser = argparse.ArgumentParser(prog="python -m generator.sweep", description=__doc__)
    parser.add_argument("--weights", default="imagen-video", help="preset, or folder of a cascade")
    parser.add_argument("--variant", default="student", help="student or teacher")
    parser.add_argument("-n", type=int, default=8, help="prompts of each kind")
    parser.add_argument("--seed", type=int, default=77, help="not that of generator.evaluate")
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--steps", type=int, nargs="*", default=[None])
    parser.add_argument("--guidance", type=float, nargs="*", default=[None])
    parser.add_argument("--shift", type=float, nargs="*", default=[None])
    parser.add_argument("--percentile", type=float, nargs="*", default=[usual.percentile])
    parser.add_argument("--sampler", nargs="*", default=[usual.sampler])
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    import torch

    given = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    cascade = Cascade.from_pretrained(given.weights, variant=given.variant)
    asked = draw_prompts(given.n, given.seed, given.kinds)
    names = (*SHOWN, "all")
    sys.stdout.write(f"| setting | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n")
    for setting in settings(
        given.steps, given.guidance, given.shift, given.percentile, given.sampler
    ):
        sys.stdout.write(row(setting, measure(cascade, asked, setting)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
