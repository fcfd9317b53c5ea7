"""Finds sets that are nearly equal among many, without comparing every pair.

An inverted index over the rarest members of each set. If two sets have a Jaccard index of t or
more, they share at least t·|larger| members, and so the |larger| - ⌈t·|larger|⌉ + 1 rarest of the
larger meet the |smaller| - ⌈2t/(1 + t)·|smaller|⌉ + 1 rarest of the smaller: only sets that share
one of those few are compared. Nothing is missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from fractions import Fraction
from math import ceil

THRESHOLD = Fraction(9, 10)


def near_pairs(
    sets: Sequence[frozenset[str]],
    groups: Sequence[Hashable | None],
    threshold: Fraction = THRESHOLD,
) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of sets whose Jaccard index is at least `threshold`, sorted by j.

    Each set is paired with at most one that is as large or smaller, so a cluster of n sets gives
    n - 1 pairs and not n². Two members of one group (other than None) never make a pair, and
    neither do empty sets.
    """
    counts = Counter(token for tokens in sets for token in tokens)
    rank = {token: i for i, token in enumerate(sorted(counts, key=lambda t: (counts[t], t)))}
    index: defaultdict[int, list[int]] = defaultdict(list)
    first_equal: dict[frozenset[str], int] = {}
    pairs = []
    for i in sorted(range(len(sets)), key=lambda i: (len(sets[i]), i)):
        size = len(sets[i])
        twin = first_equal.setdefault(sets[i], i)
        if twin != i:
            if size and not _together(groups, twin, i):
                pairs.append((twin, i))
            continue
        rarest = sorted(rank[token] for token in sets[i])
        compared = set()
        # Lazily, for the first hit ends the search: a cluster of n costs n comparisons.
        for j in (j for t in rarest[: size - ceil(threshold * size) + 1] for j in index[t]):
            if j in compared or _together(groups, i, j):
                continue
            compared.add(j)
            if _jaccard_at_least(sets[i], sets[j], threshold):
                pairs.append((min(i, j), max(i, j)))
                break
        for token in rarest[: size - ceil(2 * threshold / (1 + threshold) * size) + 1]:
            index[token].append(i)
    return sorted(pairs, key=lambda pair: (pair[1], pair[0]))


def _together(groups: Sequence[Hashable | None], i: int, j: int) -> bool:
    return groups[i] is not None and groups[i] == groups[j]


def _jaccard_at_least(a: frozenset[str], b: frozenset[str], threshold: Fraction) -> bool:
    shared = len(a & b)
    return shared * threshold.denominator >= threshold.numerator * (len(a) + len(b) - shared)
