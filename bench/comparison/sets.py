"""The difference of a set metric (FVD, ...) between two runs whose videos are twins.

The interval is the metric's own for paired rows. For p whole prompts are swapped between the runs,
which changes nothing if the two systems are one, and the metric is computed again each time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench.comparison.columns import Difference, Settings, unmeasured
from bench.comparison.sides import BY_PROMPT, UNPAIRED, Side
from bench.errors import PrescreenError
from bench.runs import GENERATION, read_jsonl
from bench.scoring import failure
from bench.set_rows import SetRows
from bench.types import VETO, Outcome, Trial

if TYPE_CHECKING:
    from bench.metrics.base import SetMetric
    from bench.scoring import Plugins

F64 = npt.NDArray[np.float64]
MOST_SWAPS = 999
_SWAP_BUDGET = 60_000
"""Rows in all that are put through the metric: its cost grows with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Rows of both runs, twin by twin, each twin's prompt, and the reference."""

    x_ND: F64
    z_ND: F64
    prompts: list[str]
    reference: SetRows
    lost: tuple[int, int]


def compare_sets(
    a: Side, b: Side, metric: SetMetric, plugins: Plugins, design: str, settings: Settings
) -> dict[str, Difference]:
    """B less A of each column of a set metric; a note says why where there is no test."""
    values = {
        column.name: (
            _value(a, metric.name, column.name),
            _value(b, metric.name, column.name),
        )
        for column in metric.columns
    }
    if design == UNPAIRED:
        return _untested_all(values, "a set metric is tested on paired runs only")
    try:
        twins = twins_of(a, b, metric, plugins, design)
        if len(twins.prompts) < metric.min_videos or len(set(twins.prompts)) < 2:
            why = f"{len(twins.prompts)} twins of {len(set(twins.prompts))} prompts are too few"
            return _untested_all(values, why)
        return _tested(twins, metric, settings)
    except PrescreenError as error:
        return _untested_all(values, str(error))
    except Exception as error:  # noqa: BLE001 - a plug-in must not cost the other numbers
        return _untested_all(values, failure(error))


def _tested(twins: Twins, metric: SetMetric, settings: Settings) -> dict[str, Difference]:
    y_MD = twins.reference.x_ND
    before, after = metric.value(twins.x_ND, y_MD), metric.value(twins.z_ND, y_MD)
    intervals = metric.difference(
        twins.x_ND,
        twins.z_ND,
        y_MD,
        clusters=twins.prompts,
        y_clusters=twins.reference.labels,
        confidence=settings.confidence,
    )
    n_clusters = len(set(twins.prompts))
    n_swaps = max(99, min(MOST_SWAPS, _SWAP_BUDGET // len(twins.prompts)))
    p = _swapped(twins, metric, n_swaps, settings.seed)
    return {
        name: Difference(
            a=before[name],
            b=after[name],
            difference=after[name] - before[name],
            interval=intervals.get(name),
            p=p[name],
            p_method=f"{n_swaps} swaps of {n_clusters} whole prompts between the runs",
            effect=math.nan,
            detectable=math.nan,
            n=len(twins.prompts),
            n_clusters=n_clusters,
            lost=twins.lost,
        )
        for name in before
    }


def _swapped(twins: Twins, metric: SetMetric, n_swaps: int, seed: int) -> dict[str, float]:
    """Two-sided p by column: how often a swap parts the runs at least as far."""
    y_MD = twins.reference.x_ND
    _, of_prompt = np.unique(np.asarray(twins.prompts, dtype=str), return_inverse=True)
    rng = np.random.Generator(np.random.PCG64(seed))

    def gap(swap_N: npt.NDArray[np.bool_]) -> dict[str, float]:
        x_ND = np.where(swap_N[:, None], twins.z_ND, twins.x_ND)
        z_ND = np.where(swap_N[:, None], twins.x_ND, twins.z_ND)
        before, after = metric.value(x_ND, y_MD), metric.value(z_ND, y_MD)
        return {name: abs(after[name] - before[name]) for name in before}

    seen = gap(np.zeros(len(of_prompt), dtype=bool))
    extreme = dict.fromkeys(seen, 0)
    for _ in range(n_swaps):
        swap_C = rng.integers(0, 2, size=int(of_prompt.max()) + 1).astype(bool)
        for name, value in gap(swap_C[of_prompt]).items():
            extreme[name] += value >= seen[name] * (1 - 1e-9)
    return {name: (count + 1) / (n_swaps + 1) for name, count in extreme.items()}


def twins_of(a: Side, b: Side, metric: SetMetric, plugins: Plugins, design: str) -> Twins:
    """The rows of both runs that have a partner, twin by twin, and the reference of the first."""
    held_a, held_b = (_keyed(side, metric, plugins, design) for side in (a, b))
    shared = sorted(held_a.keys() & held_b.keys())
    trials = [t for t in _trials(a) if t.source == "reference"]
    reference = SetRows.gather(a.root, trials, metric, plugins).without(_vetoed(a))
    width = reference.x_ND.shape[1]
    return Twins(
        x_ND=np.stack([held_a[key] for key in shared]) if shared else np.empty((0, width)),
        z_ND=np.stack([held_b[key] for key in shared]) if shared else np.empty((0, width)),
        prompts=[prompt for prompt, _ in shared],
        reference=reference,
        lost=(len(held_a) - len(shared), len(held_b) - len(shared)),
    )


def _keyed(
    side: Side, metric: SetMetric, plugins: Plugins, design: str
) -> dict[tuple[str, int], F64]:
    """Feature rows by prompt and seed; paired by prompt only, the seed's place stands for it."""
    trials = [t for t in _trials(side) if t.source == "candidate"]
    gathered = SetRows.gather(side.root, trials, metric, plugins).without(_vetoed(side))
    rows = dict(zip(gathered.trial_ids, gathered.x_ND, strict=True))
    keyed: dict[tuple[str, int], F64] = {}
    place: dict[str, int] = {}
    for trial in sorted(trials, key=lambda t: (t.prompt_id or "", t.seed or 0, t.id)):
        if trial.id not in rows or trial.prompt_id is None:
            continue
        rank = place[trial.prompt_id] = place.get(trial.prompt_id, -1) + 1
        seed = rank if design == BY_PROMPT or trial.seed is None else trial.seed
        keyed[trial.prompt_id, seed] = rows[trial.id]
    return keyed


def _trials(side: Side) -> list[Trial]:
    records: Sequence[dict[str, Any]] = read_jsonl(side.root / GENERATION)
    return [Trial(**{**r, "outcome": Outcome(r["outcome"]), "path": None}) for r in records]


def _vetoed(side: Side) -> set[str]:
    from bench.scoring import read_scores

    return {
        row["trial_id"]
        for row in read_scores(side.root)
        if (row["metric"], row["column"]) == VETO and row["value"] == 1
    }


def _value(side: Side, metric: str, column: str) -> float:
    headline = side.headlines.get((metric, column))
    return math.nan if headline is None or headline["value"] is None else headline["value"]


def _untested_all(values: Mapping[str, tuple[float, float]], why: str) -> dict[str, Difference]:
    return {column: unmeasured(why, a, b) for column, (a, b) in values.items()}
