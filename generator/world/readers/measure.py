"""Measures how often the readers are right: `python -m generator.world.readers.measure`.

Scenes of every kind are drawn from a seed, rendered at two sizes, and read as they are, under noise
and under blur. An abstention counts as not right. The table goes to docs/world.md, between its
markers.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from generator.world.attributes import ATTRIBUTES, attributes
from generator.world.grammar import KINDS
from generator.world.palette import Array
from generator.world.readers import read
from generator.world.render import BASE_FPS, render_batch
from generator.world.sampling import sample_scene

DAMAGES = ("clean", "noisy", "blurred")
NOISE_SIGMA, BLUR_SIGMA_PX = 10.0, 0.7
SIZES_PX = ((24, 40), (48, 80))
LEAST_ACCURACY = 0.97
"""What an attribute must reach on clean renders at the size at which it is said to show."""

_PAGE = Path(__file__).parents[3] / "docs" / "world.md"
_BEGIN, _END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
_AT_ONCE = 50


@dataclass(slots=True)
class Tally:
    """Readings of one attribute at one size under one damage."""

    asked: int = 0
    right: int = 0
    abstained: int = 0

    @property
    def accuracy(self) -> float:
        """Share right of all that were asked."""
        return self.right / self.asked if self.asked else float("nan")


Key = tuple[str, tuple[int, int], str]
"""Attribute, size in pixels, damage."""


def wilson(right: int, asked: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927), 95 % by default."""
    if asked < 1:
        raise ValueError(f"an interval needs trials; seen: {asked}; legal: 1 and up")
    share = right / asked
    middle = (share + z * z / (2 * asked)) / (1 + z * z / asked)
    half = z / (1 + z * z / asked) * np.sqrt(share * (1 - share) / asked + (z / (2 * asked)) ** 2)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def damaged(frames_THW3: Array, name: str, rng: np.random.Generator) -> Array:
    """Frames as they are, with Gaussian noise, or under a Gaussian blur: uint8."""
    if name == "noisy":
        noisy = frames_THW3 + rng.normal(0, NOISE_SIGMA, frames_THW3.shape)
        return np.asarray(np.clip(np.round(noisy), 0, 255), dtype=np.uint8)
    if name == "blurred":
        return np.stack([cv2.GaussianBlur(frame, (0, 0), BLUR_SIGMA_PX) for frame in frames_THW3])
    if name == "clean":
        return frames_THW3
    raise ValueError(f"no such damage; seen: {name!r}; legal: {', '.join(DAMAGES)}")


def _clips(
    kind: str, n: int, seed: int, size_px: tuple[int, int]
) -> Iterator[tuple[dict[str, object], Array]]:
    """Truth and frames of `n` scenes, held-out combinations among them."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    scenes = [sample_scene(rng, kind=kind, held_out=None) for _ in range(n)]
    for start in range(0, n, _AT_ONCE):
        some = scenes[start : start + _AT_ONCE]
        for scene, frames in zip(some, render_batch(some, *size_px), strict=True):
            yield dict(attributes(scene.truth)), frames


def measure(
    n: int,
    seed: int,
    sizes_px: Sequence[tuple[int, int]] = SIZES_PX,
    damages: Sequence[str] = DAMAGES,
    kinds: Sequence[str] = KINDS,
) -> dict[Key, Tally]:
    """Tallies over `n` scenes of each kind."""
    tallies: dict[Key, Tally] = defaultdict(Tally)
    for size_px in sizes_px:
        for kind in kinds:
            rng = np.random.default_rng([seed, KINDS.index(kind), *size_px])
            for truth, frames in _clips(kind, n, seed, size_px):
                for damage in damages:
                    readings = read(damaged(frames, damage, rng), BASE_FPS, truth)
                    for name, reading in readings.items():
                        tally = tallies[name, size_px, damage]
                        tally.asked += 1
                        tally.right += reading.value == truth[name]
                        tally.abstained += reading.value is None
    return dict(tallies)


def _cell(tally: Tally) -> str:
    low, high = wilson(tally.right, tally.asked)
    interval = f"[{100 * low:.1f}, {100 * high:.1f}]"
    abstained = 100 * tally.abstained / tally.asked
    return f"{100 * tally.accuracy:.1f} {interval}, {abstained:.1f} abstain"


def smallest_size(name: str, tallies: dict[Key, Tally]) -> tuple[int, int] | None:
    """The smallest measured size at which clean renders are read well enough."""
    for size_px in sorted({key[1] for key in tallies}):
        tally = tallies.get((name, size_px, "clean"))
        if tally is not None and tally.accuracy >= LEAST_ACCURACY:
            return size_px
    return None


def table(tallies: dict[Key, Tally]) -> str:
    """The measurement as Markdown."""
    damages = [d for d in DAMAGES if any(key[2] == d for key in tallies)]
    lines = [
        f"| attribute | shows from | read at | n | {' | '.join(damages)} |",
        f"|---|---|---|---|{'---|' * len(damages)}",
    ]
    for name in ATTRIBUTES:
        shows = smallest_size(name, tallies)
        for size_px in sorted({key[1] for key in tallies if key[0] == name}):
            cells = [_cell(tallies[name, size_px, damage]) for damage in damages]
            n = tallies[name, size_px, damages[0]].asked
            begins = "not yet" if shows is None else f"{shows[0]} x {shows[1]}"
            at = f"{size_px[0]} x {size_px[1]}"
            lines.append(f"| `{name}` | {begins} | {at} | {n} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write_page(text: str, page: Path = _PAGE) -> None:
    """Put a table between the markers of a page.

    Raises:
        ValueError: when the page lacks the markers.
    """
    page_text = page.read_text(encoding="utf-8")
    if _BEGIN not in page_text or _END not in page_text:
        raise ValueError(f"no place for the table in {page.name}; legal: {_BEGIN} ... {_END}")
    before, rest = page_text.split(_BEGIN, 1)
    after = rest.split(_END, 1)[1]
    page.write_text(f"{before}{_BEGIN}\n{text}{_END}{after}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-n", type=int, default=200, help="scenes of each kind (default: 200)")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--write", action="store_true", help="put the table into docs/world.md")
    options = parser.parse_args(arguments)
    text = table(measure(options.n, options.seed))
    sys.stdout.write(text)
    if options.write:
        write_page(text)


if __name__ == "__main__":
    main()
