"""How far people agree on labels: Cohen's kappa for two, Krippendorff's alpha for any number.

Both are 1 for perfect agreement, 0 for what chance would give and below 0 for less than that; NaN
where only one label was ever given, since then chance alone agrees perfectly.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from bench.errors import UsageError
from bench.stats._checks import known_count, known_level
from bench.types import Interval

Ratings = Mapping[Any, Sequence[Hashable]]
"""Item -> the labels that it was given, by as many people as looked at it."""


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Agreement of two people on the same items, in the same order (Cohen 1960).

    Raises:
        UsageError: when they did not label the same number of items, or none.
    """
    n = len(first)
    if n == 0 or n != len(second):
        raise UsageError(
            "two people's labels of the same items are needed", seen=f"{n} and {len(second)}"
        )
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    ours, theirs = Counter(first), Counter(second)
    by_chance = sum(ours[label] * theirs[label] for label in ours) / n**2
    return math.nan if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


def krippendorff_alpha(ratings: Ratings) -> float:
    """Agreement on unordered labels by any number of people, some missing (Krippendorff 2011).

    Items with one label say nothing and are left out.
    """
    coincidences: defaultdict[tuple[Hashable, Hashable], float] = defaultdict(float)
    for labels in ratings.values():
        m = len(labels)
        if m < 2:
            continue
        counts = Counter(labels)
        for a, n_a in counts.items():
            for b, n_b in counts.items():
                coincidences[a, b] += n_a * (n_b - (a == b)) / (m - 1)
    totals: defaultdict[Hashable, float] = defaultdict(float)
    for (a, _), weight in coincidences.items():
        totals[a] += weight
    n = sum(totals.values())
    expected = n * n - sum(t * t for t in totals.values())
    if n <= 1 or expected == 0:
        return math.nan
    differing = sum(w for (a, b), w in coincidences.items() if a != b)
    return 1 - (n - 1) * differing / expected


def alpha_interval(
    ratings: Ratings, *, confidence: float = 0.95, n_resamples: int = 2000, seed: int = 0
) -> Interval | None:
    """Percentile bootstrap of alpha over items; None with fewer than 10 items of two labels."""
    known_level("confidence", confidence)
    known_count("number of resamples", n_resamples, least=100)
    items = [labels for labels in ratings.values() if len(labels) > 1]
    if len(items) < 10:
        return None
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(items), size=(n_resamples, len(items)))
    alphas = np.array(
        [krippendorff_alpha({i: items[k] for i, k in enumerate(row)}) for row in drawn]
    )
    sound = alphas[np.isfinite(alphas)]
    if len(sound) < n_resamples / 2:
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(sound, [tail, 1 - tail])
    n_lost = n_resamples - len(sound)
    notes = (f"{n_lost} resamples had one label only and are left out",) if n_lost else ()
    return Interval(
        low=float(low),
        high=float(high),
        confidence=confidence,
        method="percentile bootstrap over items",
        n_resamples=n_resamples,
        seed=seed,
        notes=notes,
    )
