"""PRDC: by hand on a line, against the definition, ordered, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.metrics.prdc import Prdc, memberships
from bench.testing import check_metric
from support.i3d import clip_of_logits, golden_logits


def by_definition(x, y, k):
    """Ball by ball, with plain loops."""

    def far(a, b):
        return float(np.sqrt(((a - b) ** 2).sum()))

    def reach(rows):
        return [
            sorted(far(a, b) for j, b in enumerate(rows) if j != i)[k - 1]
            for i, a in enumerate(rows)
        ]

    r, s = reach(y), reach(x)
    held = [[far(a, b) <= r[j] for j, b in enumerate(y)] for a in x]
    return {
        "precision": np.mean([any(row) for row in held]),
        "density": np.mean([sum(row) / k for row in held]),
        "recall": np.mean([any(far(a, b) <= s[i] for i, a in enumerate(x)) for b in y]),
        "coverage": np.mean([any(row[j] for row in held) for j in range(len(y))]),
    }


def test_conforms():
    check_metric(Prdc(), clip_of_logits(golden_logits()[0][0]))
    assert Prdc(k="3").min_videos == 10


def test_by_hand_on_a_line():
    # k = 1; reach of y = 0, 1, 3, 10: 1, 1, 2, 7; of x = 0.5, 4, 20: 3.5, 3.5, 16
    x, y = np.array([[0.5], [4.0], [20.0]]), np.array([[0.0], [1.0], [3.0], [10.0]])
    found = memberships(x, y, 1)
    assert found["precision"].tolist() == [1, 1, 0]
    # 0.5 lies in the balls of 0 and 1, 4 in those of 3 and 10
    assert found["density"].tolist() == [2, 2, 0]
    assert found["recall"].tolist() == [1, 1, 1, 1]
    assert found["coverage"].tolist() == [1, 1, 1, 1]


@given(st.integers(0, 99), st.integers(4, 9), st.integers(4, 9), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_is_its_definition(seed, n, m, k):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 2)), rng.normal(size=(m, 2))
    found = Prdc(k=k).value(x, y)
    for name, value in by_definition(x, y, k).items():
        assert found[name] == pytest.approx(value), name


def test_one_distribution_has_density_1():
    rng = np.random.default_rng(0)
    found = Prdc().value(*rng.normal(size=(2, 400, 8)))
    assert found["density"] == pytest.approx(1, abs=0.1)
    assert found["coverage"] == pytest.approx(1 - 0.5**5, abs=0.04)


def test_bad_videos_and_videos_of_one_kind_are_told_apart():
    rng = np.random.default_rng(1)
    y = rng.normal(size=(200, 6))
    good, bad = rng.normal(size=(200, 6)), rng.normal(0, 3, size=(200, 6))
    narrow = rng.normal(0, 0.2, size=(200, 6))
    of_good, of_bad, of_narrow = (Prdc().value(x, y) for x in (good, bad, narrow))
    assert of_bad["precision"] < 0.6 * of_good["precision"]
    assert of_narrow["precision"] > 0.95
    assert of_narrow["recall"] < 0.3 * of_good["recall"]
    assert of_narrow["coverage"] < 0.5 * of_good["coverage"]


def test_farther_is_worse_step_by_step():
    a, b = golden_logits()
    noise = np.random.default_rng(0).normal(size=a.shape)
    steps = [Prdc().value(b + level * noise, b) for level in (0.0, 1.0, 2.0, 4.0, 8.0)]
    for name in ("density", "coverage"):
        values = [step[name] for step in steps]
        assert values == sorted(values, reverse=True)
    assert steps[0]["coverage"] == steps[0]["precision"] == 1.0


def test_intervals_hold_the_values_and_say_what_is_fixed():
    a, b = golden_logits()
    names = [str(i) for i in range(64)]
    metric = Prdc()
    made = metric.interval(
        a, b, x_clusters=names, y_clusters=names, confidence=0.95, n_resamples=400, seed=0
    )
    for name, value in metric.value(a, b).items():
        assert made[name].low <= value <= made[name].high
    assert made["precision"].method == "Wilson score"
    assert "take the other set as it is" in metric.notes(64, 64)[0]


def test_differences_of_twins_by_hand():
    """The reference on a line at 0..5; a video moves from its middle to far away."""
    y = np.arange(6.0)[:, None]
    x, z = np.full((12, 1), 2.5), np.full((12, 1), 2.5)
    z[:6] = 100.0
    metric, names = Prdc(k=1), [f"{i:02d}" for i in range(12)]
    made = metric.difference(x, z, y, clusters=names, y_clusters=list("abcdef"), confidence=0.95)
    before, after = metric.value(x, y), metric.value(z, y)
    assert after["precision"] - before["precision"] == -0.5
    for name, interval in made.items():
        assert interval.low <= after[name] - before[name] <= interval.high
        assert "take the other set as it is" in interval.notes[-1]
    assert made["precision"].high < 0
    assert made["density"].high < 0


def test_twins_that_do_not_differ_have_a_difference_of_0():
    a, b = golden_logits()
    names = [str(i) for i in range(64)]
    made = Prdc().difference(a, a, b, clusters=names, y_clusters=names, confidence=0.95)
    assert {(i.low, i.high) for i in made.values()} == {(0.0, 0.0)}
    assert set(made) == {"precision", "recall", "coverage", "density"}


def test_one_prompt_gives_no_interval_of_a_mean_over_videos():
    a, b = golden_logits()
    names = [str(i) for i in range(64)]
    made = Prdc().difference(a, b, b, clusters=["one"] * 64, y_clusters=names, confidence=0.95)
    assert set(made) == {"recall", "coverage"}


def test_refuses_too_few_videos_and_neighbours():
    with pytest.raises(UsageError, match="legal: more than 5 rows on each side"):
        Prdc().value(np.zeros((5, 3)), np.zeros((9, 3)))
    with pytest.raises(UsageError, match="no such number of neighbours; seen: 0"):
        Prdc(k=0)
