"""Areas, thresholds and bias areas, against published vectors, brute force and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.stats.ranking import (
    auc,
    average_precision,
    bias_areas,
    choose_threshold,
    delong,
    power_mean,
    sweep,
)

Y = np.array([0, 0, 1, 1, 0, 1, 0, 1, 0, 1], bool)
G = np.array([1, 1, 1, 1, 0, 0, 0, 0, 1, 0], bool)
S = np.array([0.1, 0.6, 0.55, 0.9, 0.2, 0.5, 0.3, 0.8, 0.7, 0.65])
scores = st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), min_size=1, max_size=15)


def test_the_areas_of_a_subgroup_by_hand():
    found = bias_areas(S, Y, G)
    assert auc(S[Y], S[~Y]) == pytest.approx(0.8)
    assert found.subgroup == pytest.approx(2 / 3)
    assert found.bpsn == pytest.approx(2 / 3)
    assert found.bnsp == 1.0


def test_an_area_without_a_class_is_none_and_never_nan():
    found = bias_areas(S, Y, G & ~Y)
    assert found.subgroup is None
    assert found.bnsp is None
    assert found.bpsn is not None


def test_the_power_mean_of_published_areas():
    assert power_mean([0.9, 0.8, 0.95]) == pytest.approx(0.8694629, abs=1e-7)
    areas = [(0.9, 0.8), (0.85, 0.7), (0.95, 0.9)]
    final = 0.25 * 0.93 + 0.75 * np.mean([power_mean(pair) for pair in areas])
    assert final == pytest.approx(0.8620857, abs=1e-7)
    assert power_mean([0.0, 0.9]) == 0.0
    assert power_mean([0.2, 0.4], 1) == pytest.approx(0.3)


@given(scores, scores)
def test_the_area_counts_pairs(a, b):
    pairs = [1.0 if x > y else 0.5 if x == y else 0.0 for x in a for y in b]
    assert auc(np.array(a), np.array(b)) == pytest.approx(np.mean(pairs))
    assert auc(np.array(a), np.array(b)) + auc(np.array(b), np.array(a)) == pytest.approx(1)


@settings(deadline=None)  # the first call loads scipy
@given(scores, scores)
def test_delongs_interval_holds_the_area(a, b):
    area, made = delong(np.array(a), np.array(b))
    assert 0 <= made.low <= area + 1e-12
    assert area - 1e-12 <= made.high <= 1


def test_delongs_variance_by_the_formula():
    a, b = np.array([0.9, 0.4, 0.7, 0.6]), np.array([0.5, 0.3, 0.65])
    v10 = [np.mean([(x > y) + 0.5 * (x == y) for y in b]) for x in a]
    v01 = [np.mean([(x > y) + 0.5 * (x == y) for x in a]) for y in b]
    half = 1.959963984540054 * np.sqrt(np.var(v10, ddof=1) / 4 + np.var(v01, ddof=1) / 3)
    area, made = delong(a, b)
    assert made.method == "DeLong"
    assert made.low == pytest.approx(max(0, area - half))
    assert made.high == pytest.approx(min(1, area + half))


def test_delongs_interval_covers_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    truth = 0.7602  # P(N(1, 1) > N(0, 1))
    held = 0
    for _ in range(400):
        _, made = delong(rng.normal(1, 1, 60), rng.normal(0, 1, 60))
        held += made.low <= truth <= made.high
    assert 0.91 <= held / 400 <= 0.985


def test_a_perfect_order_is_not_certainty():
    area, made = delong(np.array([0.9, 0.8]), np.array([0.1, 0.2, 0.3]))
    assert area == 1
    assert made.low < 0.5
    assert made.notes == ("DeLong's variance is 0 here",)


def test_average_precision_by_hand():
    # precision 1 at recall 1/2, 2/3 at recall 1
    assert average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True])) == (
        pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    )
    # all equal: one threshold, the precision of everything
    assert average_precision(np.full(4, 0.5), np.array([True, False, False, False])) == 0.25


def test_the_threshold_keeps_false_alarms_within_limits():
    rng = np.random.default_rng(1)
    truth = np.arange(400) < 200
    values = np.where(truth, rng.normal(2, 1, 400), rng.normal(0, 1, 400))
    point = choose_threshold(values, truth, most_false=0.05)
    assert point.k_false / point.n_negative < 0.05
    assert point.k_true / point.n_positive > 0.4
    looser = choose_threshold(values, truth, most_false=0.2)
    assert looser.k_true >= point.k_true
    assert (values[truth] >= point.threshold).sum() == point.k_true


def test_too_few_negatives_choose_no_threshold():
    truth = np.arange(20) < 10
    assert choose_threshold(np.linspace(1, 0, 20), truth, most_false=0.05) is None
    assert choose_threshold(np.ones(3), np.ones(3, bool), most_false=0.5) is None


def test_the_lowest_threshold_blocks_all():
    points = sweep(S, Y)
    assert (points[0].k_true, points[0].k_false) == (5, 5)
    assert [p.k_true for p in points] == sorted((p.k_true for p in points), reverse=True)


@pytest.mark.parametrize("name", ["area", "precision", "mean", "negative"])
def test_what_has_no_number(name):
    calls = {
        "area": lambda: auc(np.array([]), S),
        "precision": lambda: average_precision(S, np.zeros(10, bool)),
        "mean": lambda: power_mean([]),
        "negative": lambda: power_mean([-1.0]),
    }
    with pytest.raises(UsageError, match=r"no area|no average|no mean"):
        calls[name]()
