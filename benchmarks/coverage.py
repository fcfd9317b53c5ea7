"""How often nominal 95 % intervals hold the truth: Wilson's, of clustered means, and FVD's.

Simulated at 20, 50 and 200 prompts (FVD: videos a side). Wilson's share is 0.1 or 0.5, of one
video a prompt or of four that correlate. Means are of normal and lognormal numbers, half of whose
variance (on the scale of the normal) lies between prompts. FVD's sets are Gaussian rows of 400
numbers with a power law's spectrum; the truth is the mean FVD at that size.
"""

from __future__ import annotations

import math

import numpy as np

from bench.metrics._frechet import frechet_distance, frechet_interval
from bench.stats.bootstrap import DEFAULT, METHODS, mean_interval, proportion_interval
from benchmarks._result import Result, Setting

SIZES = (20, 50, 200)
LEAST = 0.9
N_RESAMPLES = 500


def run(setting: Setting) -> tuple[Result, ...]:
    """One result for each kind of interval: the lowest coverage of the one that is used."""
    rng = np.random.Generator(np.random.PCG64(20))
    n_draws = setting.size(500, 20)
    of_wilson = {f"n={n}": wilson_cells(rng, n, n_draws) for n in SIZES}
    of_means = {f"n={n}": mean_cells(rng, n, n_draws) for n in SIZES}
    of_fvd = {f"n={n}": fvd_cells(rng, n, setting.size(150, 4)) for n in SIZES}
    used = [c[DEFAULT] for cells in of_means.values() for c in cells.values()]
    kinds = {
        "wilson": (_lowest(of_wilson), of_wilson),
        "clustered_bootstrap": (min(used), of_means),
        "fvd": (_lowest(of_fvd), of_fvd),
    }
    details = {name: cells for name, (_, cells) in kinds.items()}
    # the details stand once, with the first
    return tuple(
        Result(
            name=f"coverage.{name}",
            figure=figure,
            limit=0.0 if setting.quick else LEAST,
            unit="of nominal 0.95, at its lowest",
            sense="at least",
            details={"draws_a_cell": n_draws, **details} if i == 0 else {},
        )
        for i, (name, (figure, _)) in enumerate(kinds.items())
    )


def _lowest(cells: dict[str, dict[str, float]]) -> float:
    return min(value for row in cells.values() for value in row.values())


def labels(n_prompts: int, n_videos: int) -> list[str]:
    return [f"{i:04d}" for i in range(n_prompts) for _ in range(n_videos)]


def wilson_cells(rng: np.random.Generator, n: int, n_draws: int) -> dict[str, float]:
    """Coverage for each share, of single videos and of four a prompt with correlation 0.3."""
    cells = {}
    for share in (0.1, 0.5):
        for n_videos in (1, 4):
            hits, names = 0, labels(n, n_videos)
            for _ in range(n_draws):
                each = rng.beta(share * 7 / 3, (1 - share) * 7 / 3, size=(n, 1))
                values = (rng.random((n, n_videos)) < each).astype(np.float64).ravel()
                made = proportion_interval(values, names)
                hits += made.low <= share <= made.high
            cells[f"share {share:g} x {n_videos}"] = hits / n_draws
    return cells


def mean_cells(rng: np.random.Generator, n: int, n_draws: int) -> dict[str, dict[str, float]]:
    """Coverage of each kind of bootstrap, for both distributions, one and four videos a prompt."""
    cells = {}
    for skewed in (False, True):
        truth = math.exp(0.5) if skewed else 0.0
        for n_videos in (1, 4):
            hits, names = dict.fromkeys(METHODS, 0), labels(n, n_videos)
            for draw in range(n_draws):
                z = rng.normal(size=(n, 1)) + rng.normal(size=(n, n_videos))
                values = (np.exp(z / math.sqrt(2)) if skewed else z).ravel()
                for method in METHODS:
                    made = mean_interval(
                        values, names, n_resamples=N_RESAMPLES, seed=draw, method=method
                    )
                    hits[method] += made is not None and made.low <= truth <= made.high
            name = f"{'lognormal' if skewed else 'normal'} x {n_videos}"
            cells[name] = {method: count / n_draws for method, count in hits.items()}
    return cells


def fvd_cells(rng: np.random.Generator, n: int, n_pairs: int) -> dict[str, float]:
    """Coverage of the mean FVD at n against n, for equal sets and for shifted means."""
    scale_D = 1 / np.sqrt(np.arange(1, 401))
    cells = {}
    for shift in (0.0, 0.5):
        made, values = [], []
        for i in range(3 * n_pairs):
            x_ND, y_ND = (rng.normal(size=(2, n, 400))) * scale_D
            x_ND = x_ND + shift * scale_D
            values.append(frechet_distance(x_ND, y_ND))
            if i < n_pairs:
                names = labels(n, 1)
                made.append(frechet_interval(x_ND, y_ND, x_clusters=names, y_clusters=names))
        truth = float(np.mean(values))
        hits = sum(one is not None and one.low <= truth <= one.high for one in made)
        cells[f"means {shift:g} sd apart"] = hits / n_pairs
    return cells
