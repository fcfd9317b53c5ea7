"""Contact sheets of a cascade, one for each ability: `python -m generator.sheets`.

Every sheet shows videos of one kind of scene, a row of frames each; the prompts stand in
`cascade-prompts.txt` beside them, in the sheets' order: down the first column, then the second.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from generator.checks import contact_sheet
from generator.evaluate import draw_prompts
from generator.store import write_atomic
from generator.world.grammar import KINDS
from generator.world.palette import Array

Make = Callable[[Sequence[str], Sequence[int]], Array]
"""Prompts and seeds to videos uint8 (N, T, H, W, 3)."""


def write_sheets(make: Make, folder: Path, *, n: int, seed: int, kinds: Sequence[str]) -> None:
    """`cascade-KIND.png` with `n` videos for each kind, and their prompts."""
    lines = []
    for kind in kinds:
        asked = draw_prompts(n, seed, [kind])
        frames = make([one.prompt for one in asked], [one.seed for one in asked])
        contact_sheet(list(frames), folder / f"cascade-{kind}.png", columns=2, frames=6, zoom=3)
        lines += [f"cascade-{kind}.png", *(f"  {one.prompt}" for one in asked)]
    write_atomic(folder / "cascade-prompts.txt", ("\n".join(lines) + "\n").encode())


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m generator.sheets", description=__doc__)
    parser.add_argument("--weights", default="imagen-video", help="preset, or folder of a cascade")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("-n", type=int, default=8, help="videos of each kind")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    given = parser.parse_args(argv)
    import torch

    from generator.cascade import Cascade

    torch.set_num_threads(1)
    cascade = Cascade.from_pretrained(given.weights)

    def make(prompts: Sequence[str], seeds: Sequence[int]) -> Array:
        return cascade(prompts, generator=seeds).frames_NTHWC

    write_sheets(make, given.out, n=given.n, seed=given.seed, kinds=given.kinds)


if __name__ == "__main__":
    main()
