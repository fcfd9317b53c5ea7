"""Tests of two shares against published vectors and their own symmetries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.errors import UsageError
from bench.stats.tables import boschloo, fisher, mcnemar


def test_the_published_vectors():
    assert fisher(15, 50, 5, 50) == pytest.approx(0.022835, abs=1e-6)
    assert boschloo(15, 50, 5, 50) == pytest.approx(0.012725, abs=1e-6)
    assert mcnemar(12, 3) == pytest.approx(0.035156, abs=1e-6)


def test_nothing_that_differs_is_no_evidence():
    assert boschloo(0, 5, 0, 7) == 1.0
    assert boschloo(5, 5, 7, 7) == 1.0
    assert mcnemar(0, 0) == 1.0


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 12), st.integers(0, 9))
def test_boschloo_is_never_less_powerful_than_the_one_sided_fisher_twice(k1, k2):
    table = [[k1, 12 - k1], [k2, 9 - k2]]
    sides = [stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    assert boschloo(k1, 12, k2, 9) <= 2 * min(sides) + 1e-6


@given(st.integers(0, 40), st.integers(0, 40))
def test_sides_may_be_swapped(b, c):
    assert mcnemar(b, c) == mcnemar(c, b)
    assert fisher(b, 40, c, 40) == pytest.approx(fisher(c, 40, b, 40))


def test_impossible_counts_are_refused():
    with pytest.raises(UsageError, match="no such count of events; seen: 6 of 5"):
        fisher(6, 5, 1, 5)
    with pytest.raises(UsageError, match="the number of pairs is impossible; seen: -1"):
        mcnemar(-1, 3)
