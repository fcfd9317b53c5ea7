"""Spearman with strength by hand and against scipy; changes; sets; gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from bench.calibration.measure import measure, measure_sets, spearman
from bench.metrics._frechet import difference_interval, frechet_distance

LABELS = [f"scene {i}" for i in range(16)]


def test_order_by_hand():
    assert spearman(np.array([[0.0, 1, 2, 3, 4, 5]])).tolist() == [1.0]
    assert spearman(np.array([[9.0, 7, 5, 3, 1, 0]])).tolist() == [-1.0]


def test_a_flag_that_answers_to_the_last_strength_only():
    assert spearman(np.array([[0.0, 0, 0, 0, 0, 1]]))[0] == pytest.approx(0.6546537)


def test_what_never_changes_orders_nothing():
    assert spearman(np.full((2, 6), 3.5)).tolist() == [0.0, 0.0]


@given(st.lists(st.integers(0, 4), min_size=6, max_size=6).filter(lambda v: len(set(v)) > 1))
def test_ties_count_as_scipy_counts_them(values):
    expected = spearmanr(np.arange(6), values).statistic
    assert spearman(np.array([values], float))[0] == pytest.approx(expected, abs=1e-12)


def test_the_change_is_against_the_undamaged_clip_of_the_same_scene():
    start_N1 = np.arange(16.0)[:, None] * 100
    found = measure(start_N1 + 2 * np.arange(6), LABELS)
    assert found.change_S.tolist() == [0, 2, 4, 6, 8, 10]
    assert found.low_S.tolist() == found.high_S.tolist() == found.change_S.tolist()
    assert (found.rho, found.rho_interval.low, found.n_clips) == (1.0, 1.0, 16)
    assert found.spread == pytest.approx(100 * np.std(np.arange(16), ddof=1))
    assert found.moved


def test_a_clip_with_a_gap_is_left_out_as_a_whole():
    values = np.tile(np.arange(6.0), (16, 1))
    values[3, 2] = np.nan
    assert measure(values, LABELS).n_clips == 15
    assert measure(np.full((16, 6), np.nan), LABELS) is None


def test_clips_of_one_scene_are_one_cluster():
    values = np.tile(np.arange(6.0), (16, 1))
    assert measure(values, ["a", "b"] * 8).n_clusters == 2
    assert measure(values, ["a"] * 16).rho_interval is None


def test_the_interval_of_chance_holds_zero():
    found = measure(np.random.default_rng(0).normal(size=(16, 6)), LABELS)
    assert found.rho_interval.low < 0 < found.rho_interval.high < 0.5


def gain(x_ND, y_MD):
    return float(x_ND.mean() - y_MD.mean())


def gap(x_ND, y_MD):
    return float(abs(x_ND.mean() - y_MD.mean()))


def test_sets_are_held_against_one_reference():
    rng = np.random.default_rng(0)
    x_ND, y_MD = rng.normal(size=(2, 16, 1))
    rows = [x_ND + 3.0 * s for s in range(6)]
    found = measure_sets(rows, y_MD, gap, LABELS, LABELS)
    assert found.rho == 1.0
    assert found.rho_interval.low > 0.9
    assert found.mean_S[0] == pytest.approx(gap(x_ND, y_MD))
    assert found.low_S[-1] < found.change_S[-1] < found.high_S[-1]
    again = measure_sets(rows, y_MD, gap, LABELS, LABELS)
    assert np.array_equal(found.low_S, again.low_S)


def test_the_change_of_a_set_metric_is_as_sure_as_its_own_paired_interval_says():
    """Leaving clusters out one by one against the closed form of the infinitesimal jackknife."""
    rng = np.random.default_rng(3)
    x_ND, y_MD = rng.normal(size=(2, 32, 8))
    names = [f"{i:02d}" for i in range(32)]
    rows = [x_ND + 0.4 * s * np.sign(x_ND[:, :1]) + 0.1 * s for s in range(6)]
    found = measure_sets(rows, y_MD, frechet_distance, names, names)
    for s in (1, 3, 5):
        closed = difference_interval(x_ND, rows[s], y_MD, clusters=names, y_clusters=names)
        assert found.change_S[s] == pytest.approx((closed.low + closed.high) / 2)
        width = found.high_S[s] - found.low_S[s]
        assert width == pytest.approx(closed.high - closed.low, rel=0.15)


def test_a_mean_of_rows_has_the_spread_of_a_mean_by_hand():
    """Clusters of two rows, six of them: the spread of the mean is that of six cluster means."""
    of_cluster_C = np.array([0.0, 1, 2, 4, 7, 10])
    x_N1 = np.repeat(of_cluster_C, 2)[:, None]
    names = [name for name in "abcdef" for _ in range(2)]
    rows = [x_N1 * s for s in range(6)]
    found = measure_sets(rows, np.zeros((6, 1)), gain, names, list("uvwxyz"))
    expected = 5 * of_cluster_C.std(ddof=1) / 6**0.5
    assert (found.high_S[5] - found.low_S[5]) / (2 * 1.96) == pytest.approx(expected, rel=0.08)
    assert (found.n_clips, found.n_clusters) == (12, 6)


def test_sets_of_one_scene_have_no_interval():
    rows = [np.arange(6.0)[:, None] * s for s in range(6)]
    found = measure_sets(rows, np.zeros((6, 1)), gain, ["a"] * 6, list("uvwxyz"))
    assert found.rho_interval is None
    assert np.isnan(found.low_S).all()
    assert found.rho == 1.0


def test_a_number_of_the_reference_alone_does_not_move():
    rows = [np.random.default_rng(s).normal(size=(16, 1)) for s in range(6)]
    found = measure_sets(rows, np.arange(16.0)[:, None], lambda _, y: y.std(), LABELS, LABELS)
    assert (found.rho, found.moved) == (0.0, False)
    assert found.low_S.tolist() == found.high_S.tolist() == [0.0] * 6


def test_a_set_metric_that_sees_nothing_has_no_order():
    rows = [np.ones((16, 1))] * 6
    found = measure_sets(rows, np.zeros((16, 1)), gap, LABELS, LABELS)
    assert (found.rho, found.moved) == (0.0, False)


def test_the_rounding_of_a_sum_is_no_change():
    values = np.tile(1e3 + 1e-8 * np.arange(6.0), (16, 1))
    found = measure(values, LABELS)
    assert (found.rho, found.moved) == (0.0, False)
