"""A ranking from pairwise preferences: Bradley and Terry's model, with intervals over items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.stats._checks import known_count, known_level

F64 = npt.NDArray[np.float64]
MAX_STEPS = 10_000
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One answer: of `item`, `winner` was preferred to `loser`; `tie` counts half for each."""

    item: str
    winner: str
    loser: str
    tie: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """A contestant's log-odds against the mean of all; `low` and `high` are None where untold."""

    name: str
    value: float
    low: float | None
    high: float | None
    n: int


def bradley_terry(answers: Sequence[Preference]) -> dict[str, float]:
    """Log-strengths with mean 0: P(a beats b) = 1 / (1 + exp(s_b - s_a)).

    Maximum likelihood by minorisation (Hunter 2004).

    Raises:
        UsageError: when there is no maximum: someone never lost, or never won, against the rest.
    """
    names = sorted({name for a in answers for name in (a.winner, a.loser)})
    wins = _wins(answers, names)
    _must_be_connected(wins, names)
    return dict(zip(names, _fitted(wins).tolist(), strict=True))


def strengths(
    answers: Sequence[Preference],
    *,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    seed: int = 0,
) -> list[Strength]:
    """Every contestant with a percentile bootstrap interval over items, the strongest first.

    Resamples in which someone never lost or never won have no maximum; where they are more than
    one in twenty there is no interval.

    Raises:
        UsageError: as :func:`bradley_terry`.
    """
    known_level("confidence", confidence)
    known_count("number of resamples", n_resamples, least=100)
    point = bradley_terry(answers)
    names = sorted(point)
    by_item: dict[str, list[Preference]] = {}
    for answer in answers:
        by_item.setdefault(answer.item, []).append(answer)
    tables = np.stack([_wins(held, names) for held in by_item.values()])
    rng = np.random.default_rng(seed)
    fits = []
    for _ in range(n_resamples):
        wins = tables[rng.integers(len(tables), size=len(tables))].sum(axis=0)
        if _is_connected(wins):
            fits.append(_fitted(wins))
    ends: F64 | None = None
    if len(fits) >= 0.95 * n_resamples:
        tail = (1 - confidence) / 2
        ends = np.quantile(np.stack(fits), [tail, 1 - tail], axis=0)
    n_of = {name: sum(name in (a.winner, a.loser) for a in answers) for name in names}
    made = [
        Strength(
            name=name,
            value=point[name],
            low=None if ends is None else float(ends[0, i]),
            high=None if ends is None else float(ends[1, i]),
            n=n_of[name],
        )
        for i, name in enumerate(names)
    ]
    return sorted(made, key=lambda strength: -strength.value)


def _wins(answers: Sequence[Preference], names: Sequence[str]) -> F64:
    """Wins of row over column."""
    at: Mapping[str, int] = {name: i for i, name in enumerate(names)}
    wins = np.zeros((len(names), len(names)))
    for answer in answers:
        a, b = at[answer.winner], at[answer.loser]
        if answer.tie:
            wins[a, b] += 0.5
            wins[b, a] += 0.5
        else:
            wins[a, b] += 1
    return wins


def _is_connected(wins: F64) -> bool:
    from scipy.sparse.csgraph import connected_components

    n, _ = connected_components(wins > 0, directed=True, connection="strong")
    return bool(n == 1)


def _must_be_connected(wins: F64, names: Sequence[str]) -> None:
    if len(names) < 2:
        raise UsageError("a ranking needs answers about two contestants", seen=len(names))
    if not _is_connected(wins):
        never = [n for i, n in enumerate(names) if not wins[i].any() or not wins[:, i].any()]
        raise UsageError(
            "not enough answers for a ranking: some never lost or never won against the rest",
            seen=", ".join(never) or "groups that were never compared both ways",
            then="collect more preferences",
        )


def _fitted(wins: F64) -> F64:
    n, won, met = len(wins), wins.sum(axis=1), wins + wins.T
    p = np.ones(n)
    for _ in range(MAX_STEPS):
        new = won / (met / (p[:, None] + p[None, :])).sum(axis=1)
        new /= np.exp(np.log(new).mean())
        if np.max(np.abs(np.log(new / p))) < TOLERANCE:
            break
        p = new
    fitted: F64 = np.log(new)
    return fitted
