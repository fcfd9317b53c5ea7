"""Where the spread of a run's numbers comes from: prompts, seeds, or what is left.

The model is `value = mean + prompt + seed + rest`, all three random. The components come from the
sums of squares by prompt and by seed set equal to what they are expected to be (Henderson 1953,
method 1), which for equal numbers of videos is the two-way analysis of variance. A seed is a factor
of its own only where two prompts share it; else its part is in the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Variances of one number, in its squared unit, and what they were made from.

    NaN stands for a component that this run cannot tell from the rest; `notes` says why.
    """

    prompt: float
    seed: float
    residual: float
    n_videos: int
    n_prompts: int
    n_seeds: int
    notes: tuple[str, ...] = ()

    @property
    def icc(self) -> float:
        """Correlation of two videos of one prompt: the prompt's share of the whole variance."""
        seed = 0.0 if math.isnan(self.seed) else self.seed
        whole = self.prompt + seed + self.residual
        return self.prompt / whole if whole > 0 else 0.0

    def standard_error(self, n_prompts: float, seeds_per_prompt: float) -> float:
        """Standard error of the mean of a run of so many prompts, each with the same seeds."""
        prompt = 0.0 if math.isnan(self.prompt) else self.prompt
        seed = 0.0 if math.isnan(self.seed) else self.seed
        residual = self.residual / (n_prompts * seeds_per_prompt)
        return math.sqrt(prompt / n_prompts + seed / seeds_per_prompt + residual)


def components(
    values_N: F64, prompts: Sequence[str], seeds: Sequence[int | str | None]
) -> Components | None:
    """The variance components of `values_N`; None for fewer than two videos.

    Args:
        values_N: one value a video, finite.
        prompts: each video's prompt, length N.
        seeds: each video's seed, None where it is not known.
    """
    if len(values_N) < 2:
        return None
    prompt_NP = _indicator(prompts)
    known = [f"{i}?" if seed is None else f"={seed}" for i, seed in enumerate(seeds)]
    seed_NS = _indicator(known)
    n, n_prompts, n_seeds = len(values_N), prompt_NP.shape[1], seed_NS.shape[1]
    crossed = _crossed(prompts, known)
    notes, factors = [], []
    if n_prompts == n:
        notes.append("one video a prompt: the prompts' part cannot be told from the rest")
    elif n_prompts > 1:
        factors.append(("prompt", prompt_NP))
    if crossed and n_prompts < n:
        factors.append(("seed", seed_NS))
    else:
        notes.append("no two prompts share a seed twice over: the seeds' part is in the rest")
    parts, clipped = _solve(values_N, factors)
    if clipped:
        notes.append(f"came out below 0 and is set to 0: {', '.join(clipped)}")
    return Components(
        prompt=parts.get("prompt", math.nan),
        seed=parts.get("seed", math.nan),
        residual=parts["rest"],
        n_videos=n,
        n_prompts=n_prompts,
        n_seeds=n_seeds if crossed else 0,
        notes=tuple(notes),
    )


def _indicator(labels: Sequence[str]) -> F64:
    names, inverse = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    made: F64 = np.eye(len(names))[inverse]
    return made


def _crossed(prompts: Sequence[str], seeds: Sequence[str]) -> bool:
    """Whether seeds can be told from prompts: two seeds at least that two prompts share."""
    held: dict[str, set[str]] = {}
    for prompt, seed in zip(prompts, seeds, strict=True):
        held.setdefault(seed, set()).add(prompt)
    return sum(len(owners) > 1 for owners in held.values()) >= 2


def _solve(values_N: F64, factors: Sequence[tuple[str, F64]]) -> tuple[dict[str, float], list[str]]:
    """Henderson's equations: each sum of squares above the mean's against its expectation."""
    x = values_N - values_N.mean()
    n = len(x)
    names = [*(name for name, _ in factors), "rest"]
    rows, sums = [], []
    for _, by in factors:
        size = by.sum(axis=0)
        sums.append(float(((x @ by) ** 2 / size).sum()))
        row = [float(((by.T @ other) ** 2 / size[:, None]).sum()) for _, other in factors]
        rows.append([*row, float(len(size))])
    sums.append(float(x @ x))
    rows.append([*(float(n) for _ in factors), float(n)])
    # the expectation of the mean's own sum of squares comes off each; that sum is 0 after centring
    of_mean = [*(float((by.sum(axis=0) ** 2).sum()) / n for _, by in factors), 1.0]
    matrix = np.array(rows) - np.array(of_mean)
    found = np.linalg.lstsq(matrix, np.array(sums), rcond=None)[0]
    floor = -1e-12 * float(x @ x)
    clipped = [name for name, part in zip(names, found, strict=True) if part < floor]
    return {name: max(0.0, float(part)) for name, part in zip(names, found, strict=True)}, clipped
