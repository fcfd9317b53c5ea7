"""Tests of two shares, independent or paired, from their counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench.stats._checks import known_count, known_trials


def fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Two-sided p of Fisher's exact test that two independent shares are equal (Fisher 1935)."""
    from scipy.stats import fisher_exact

    return float(fisher_exact(_table(k1, n1, k2, n2)).pvalue)


def boschloo(k1: int, n1: int, k2: int, n2: int) -> float:
    """Two-sided p of Boschloo's test (1970): at most twice Fisher's smaller side."""
    from scipy.stats import boschloo_exact

    if k1 + k2 in {0, n1 + n2}:
        return 1.0  # no outcome differs from another; scipy gives NaN
    return float(boschloo_exact(_table(k1, n1, k2, n2)).pvalue)


def mcnemar(b: int, c: int) -> float:
    """Two-sided exact p for pairs (McNemar 1947): `b` changed one way, `c` the other way.

    Pairs that agree say nothing of a change, so they do not enter.
    """
    from scipy.stats import binomtest

    known_count("number of pairs", min(b, c))
    return float(binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0


def _table(k1: int, n1: int, k2: int, n2: int) -> npt.NDArray[np.int64]:
    known_trials(k1, n1)
    known_trials(k2, n2)
    return np.array([[k1, n1 - k1], [k2, n2 - k2]], dtype=np.int64)
