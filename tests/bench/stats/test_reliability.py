"""Calibration of scores, on cases by hand and on scores that are probabilities by construction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.stats.reliability import brier, expected_error, reliability


def test_briers_score_by_hand():
    assert brier(np.array([1.0, 0.0, 0.5]), np.array([True, False, True])) == pytest.approx(1 / 12)


def test_two_bins_by_hand():
    scores = np.array([0.1, 0.2, 0.8, 0.9])
    bins = reliability(scores, np.array([False, True, True, True]), n_bins=2)
    assert [(b.n, b.k) for b in bins] == [(2, 1), (2, 2)]
    assert [b.mean_score for b in bins] == pytest.approx([0.15, 0.85])
    assert expected_error(bins) == pytest.approx((0.35 + 0.15) / 2)
    assert all(b.low <= b.share <= b.high for b in bins)


def test_true_probabilities_have_almost_no_error_and_twisted_ones_have():
    rng = np.random.default_rng(0)
    scores = rng.uniform(size=20_000)
    truth = rng.uniform(size=20_000) < scores
    assert expected_error(reliability(scores, truth)) < 0.02
    assert expected_error(reliability(scores**3, truth)) > 0.15
    assert brier(scores, truth) < brier(scores**3, truth)


@given(st.lists(st.sampled_from([0.0, 0.3, 0.9]), min_size=1, max_size=30))
def test_equal_scores_are_never_parted(values):
    scores = np.array(values)
    bins = reliability(scores, scores > 0.5)
    assert sum(b.n for b in bins) == len(values)
    assert len(bins) <= 3


@pytest.mark.parametrize("values", [[], [1.5], [np.nan]], ids=str)
def test_what_are_no_probabilities(values):
    with pytest.raises(UsageError, match="no scores from 0 to 1"):
        brier(np.array(values, float), np.zeros(len(values), bool))
