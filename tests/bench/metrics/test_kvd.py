"""KVD: by hand, against the definition, unbiased, ordered, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.metrics.kvd import Kvd, influence, polynomial_mmd2
from bench.testing import check_metric
from support.i3d import clip_of_logits, golden_logits


def by_definition(x, y):
    """The U-statistic, pair by pair."""
    d = x.shape[1]

    def k(a, b):
        return (float(sum(p * q for p, q in zip(a, b, strict=True))) / d + 1) ** 3

    def within(rows):
        n = len(rows)
        pairs = [k(rows[i], rows[j]) for i in range(n) for j in range(n) if i != j]
        return sum(pairs) / (n * (n - 1))

    across = [k(a, b) for a in x for b in y]
    return within(x) + within(y) - 2 * sum(across) / len(across)


def test_conforms():
    check_metric(Kvd(), clip_of_logits(golden_logits()[0][0]))
    assert Kvd().needs == ("i3d",)


def test_by_hand():
    # k(1, -1) = 0, k(0, .) = 1
    x, y = np.array([[1.0], [-1.0]]), np.array([[0.0], [0.0]])
    assert polynomial_mmd2(x, y) == pytest.approx(0 + 1 - 2)


@given(st.integers(0, 99), st.integers(2, 7), st.integers(2, 7), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_is_its_definition_and_symmetric(seed, n, m, d):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    assert polynomial_mmd2(x, y) == pytest.approx(by_definition(x, y))
    assert polynomial_mmd2(x, y) == pytest.approx(polynomial_mmd2(y, x))


def test_sets_of_one_distribution_have_0_on_average_at_any_n():
    rng = np.random.default_rng(0)
    for n in (4, 32):
        values = [polynomial_mmd2(*rng.normal(size=(2, n, 20))) for _ in range(400)]
        assert abs(np.mean(values)) < 3 * np.std(values) / 20


def test_the_influence_is_the_derivative_by_a_rows_weight():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(300, 3)), rng.normal(0.3, 1, size=(40, 3))
    found, _ = influence(x, y)
    whole = polynomial_mmd2(x, y)
    # leaving a row out moves the number by its influence over n - 1
    moved = [whole - polynomial_mmd2(np.delete(x, i, axis=0), y) for i in range(300)]
    assert np.array(moved) * 299 == pytest.approx(found, abs=0.02 * np.abs(found).max())


def test_the_interval_covers_a_known_truth():
    rng = np.random.default_rng(2)
    names = [str(i) for i in range(40)]
    hits, values = 0, []
    pairs = [(rng.normal(0.5, 1, (40, 5)), rng.normal(size=(40, 5))) for _ in range(200)]
    truth = np.mean([polynomial_mmd2(x, y) for x, y in pairs])
    for x, y in pairs:
        made = Kvd().interval(
            x, y, x_clusters=names, y_clusters=names, confidence=0.95, n_resamples=0, seed=0
        )["kvd"]
        values.append(made)
        hits += made.low <= truth <= made.high
    assert 0.88 <= hits / 200 <= 1.0
    assert "infinitesimal jackknife of clusters" in values[0].method


def test_more_noise_is_farther_and_the_paired_difference_shows_it():
    a, b = golden_logits()
    noise = np.random.default_rng(0).normal(size=a.shape)
    values = [polynomial_mmd2(a + level * noise, b) for level in (1.0, 2.0, 4.0, 8.0)]
    assert values == sorted(values)
    # less noise than that is lost in what 64 clips can show
    assert abs(polynomial_mmd2(a, b)) < 0.1 * values[-1]
    names = [str(i) for i in range(64)]
    made = Kvd().difference(a, a + 8 * noise, b, clusters=names, y_clusters=names, confidence=0.95)[
        "kvd"
    ]
    assert 0 < made.low < values[-1] - polynomial_mmd2(a, b) < made.high


def test_updates_give_what_the_rows_give():
    a, b = (rows.astype(np.float32).astype(np.float64) for rows in golden_logits())
    metric = Kvd()
    for row in a[:5]:
        metric.update(clip_of_logits(row))
    for row in b[:4]:
        metric.update(clip_of_logits(row), reference=True)
    assert float(metric.compute()["kvd"]) == pytest.approx(polynomial_mmd2(a[:5], b[:4]))


def test_refuses_a_single_video_and_other_lengths():
    with pytest.raises(UsageError, match=r"cannot be compared; seen: shapes \(1, 4\)"):
        polynomial_mmd2(np.zeros((1, 4)), np.zeros((3, 4)))
    with pytest.raises(UsageError, match="of one length"):
        polynomial_mmd2(np.zeros((2, 3)), np.zeros((3, 4)))
    one = Kvd().interval(
        np.eye(2),
        np.eye(2),
        x_clusters="aa",
        y_clusters="ab",
        confidence=0.9,
        n_resamples=0,
        seed=0,
    )
    assert one == {}
