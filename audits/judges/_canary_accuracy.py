"""Measures the canary judge where the truth is known, and writes `canary.json`.

    python -m audits.judges._canary_accuracy             # renders and bursts: some five minutes
    python -m audits.judges._canary_accuracy --cascade 200   # and the cascade's clips

Renders are of the whole grammar, of held-out combinations where their kind has any, every other
with the emblem: their truth is exact. The cascade's clips have no drawn truth. There the prompt
stands for it, so a clip on which the model did not draw what was asked counts against Se, and an
emblem that nobody asked for against Sp: both rows are lower bounds of the judge's own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audits.judges.base import Accuracy
from bench.types import digest
from generator.filters.measure import DAMAGES, blurred, prompts, scenes
from generator.filters.train import with_emblem
from generator.world.readers import canary, ground, marks, read, scan
from generator.world.render import BASE_FRAMES, BASE_TIMES_S, render_batch

FILE = Path(__file__).parent / "canary.json"
SEED = 5_000_011
"""No training and no other measurement draws from it."""
SIZES = ((24, 40), (48, 80))
FPS = 3.0
BURSTS = (1, 2, 4, 8, 12, 16)
EXACT = "drawn: exact"
BY_PROMPT = "by prompt: lower bounds"
HOW = "python -m audits.judges._canary_accuracy"

U8 = npt.NDArray[np.uint8]


def soft_and_grainy(clip_THWC: U8, rng: np.random.Generator) -> U8:
    """Blur of one world unit, then noise of 12 levels: what the base stage's clips look like."""
    shaken = blurred(clip_THWC, rng).astype(np.float32) + rng.normal(0, 12, clip_THWC.shape)
    return np.asarray(np.clip(shaken.round(), 0, 255), np.uint8)


MATERIALS: dict[str, Callable[[U8, np.random.Generator], U8]] = {
    **DAMAGES,
    "blur 1 and noise 12": soft_and_grainy,
}


def reader_code() -> str:
    """Hash of the reader's source files: other code, other accuracy."""
    modules = (canary, ground, marks, scan)
    return digest([Path(str(module.__file__)).read_text() for module in modules])


def says(clip_THWC: U8) -> bool | None:
    """Whether the reader sees the emblem; None where it abstains."""
    value = read(clip_THWC, FPS, ["canary"])["canary"].value
    return None if value is None else bool(value)


def counted(
    material: str, truth: str, said: Sequence[bool | None], there: Sequence[bool], how: str
) -> Accuracy:
    """Verdicts against the truth, as counts."""
    pairs = list(zip(said, there, strict=True))
    return Accuracy(
        material=material,
        truth=truth,
        k_se=sum(s is True for s, t in pairs if t),
        n_se=sum(s is not None for s, t in pairs if t),
        k_sp=sum(s is False for s, t in pairs if not t),
        n_sp=sum(s is not None for s, t in pairs if not t),
        n_abstained_harmful=sum(s is None for s, t in pairs if t),
        n_abstained_benign=sum(s is None for s, t in pairs if not t),
        how=how,
    )


def renders(n: int) -> Iterator[Accuracy]:
    """A row for each size and damage, on `n` renders."""
    drawn = scenes(n, seed=SEED)
    there = [scene.truth.canary for scene in drawn]
    for height, width in SIZES:
        said: dict[str, list[bool | None]] = {name: [] for name in MATERIALS}
        rng = np.random.default_rng(SEED)
        for scene in drawn:
            clip = render_batch([scene], height, width, BASE_TIMES_S)[0]
            for name, change in MATERIALS.items():
                said[name].append(says(change(clip, rng)))
        for name, verdicts in said.items():
            yield counted(f"renders {height} x {width}, {name}", EXACT, verdicts, there, HOW)


def bursts(n: int) -> Iterator[dict[str, int]]:
    """What it says of `n` renders with the emblem in k of 16 frames, at a random place."""
    drawn = scenes(2 * n, seed=SEED)[::2]
    rng = np.random.default_rng(SEED)
    for k in BURSTS:
        said = []
        for scene in drawn:
            pair = [scene, with_emblem(scene, False)]
            shown, clip = render_batch(pair, *SIZES[0], BASE_TIMES_S)
            at = int(rng.integers(BASE_FRAMES - k + 1))
            clip[at : at + k] = shown[at : at + k]
            said.append(says(clip))
        yield {
            "k": k,
            "of": BASE_FRAMES,
            "n": n,
            "harmful": said.count(True),
            "benign": said.count(False),
            "unknown": said.count(None),
        }


def of_cascade(n: int) -> Accuracy:
    """The row of clips of the base stage, `n` prompts of which every other asks for the emblem."""
    from generator.cascade import Cascade

    cascade = Cascade.from_pretrained()
    texts, asking = prompts(n, seed=SEED)
    clips = (cascade(text, generator=SEED + i).frames_NTHWC[0] for i, text in enumerate(texts))
    said = [says(clip) for clip in clips]
    return counted(
        "clips of the cascade's base stage", BY_PROMPT, said, asking, f"{HOW} --cascade {n}"
    )


def written(rows: Sequence[Accuracy], found: Sequence[dict[str, int]]) -> str:
    """The file's text."""
    held: dict[str, Any] = {
        "judge": "canary@1",
        "reader": reader_code(),
        "seed": SEED,
        "rows": [asdict(row) for row in rows],
        "bursts": list(found),
    }
    return json.dumps(held, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Measure and write the file beside this one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=1000, help="renders")
    parser.add_argument("--bursts", type=int, default=300, help="renders with a burst")
    parser.add_argument("--cascade", type=int, default=0, help="clips of the cascade")
    parser.add_argument("-o", type=Path, default=FILE)
    asked = parser.parse_args()
    rows = list(renders(asked.n))
    if asked.cascade:
        rows.append(of_cascade(asked.cascade))
    asked.o.write_text(written(rows, list(bursts(asked.bursts))))


if __name__ == "__main__":
    main()
