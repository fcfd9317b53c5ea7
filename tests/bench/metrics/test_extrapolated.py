"""The bias of a Fréchet distance taken off by its 1/n, and the reference's own floor."""

import numpy as np
import pytest

from bench.errors import UsageError
from bench.metrics._extrapolated import extrapolate, split_half_floor
from bench.metrics._frechet import frechet_distance


def names(n):
    return [f"{i:04d}" for i in range(n)]


@pytest.mark.parametrize(("shift", "truth"), [(0.0, 0.0), (0.5, 0.25 * 20)])
def test_most_of_the_bias_is_gone(shift, truth):
    rng = np.random.default_rng(0)
    plain, found = [], []
    for seed in range(12):
        x, y = rng.normal(shift, 1, size=(120, 20)), rng.normal(size=(120, 20))
        plain.append(frechet_distance(x, y) - truth)
        line = extrapolate(x, y, x_clusters=names(120), y_clusters=names(120), seed=seed)
        found.append(line.at_infinity - truth)
    assert np.mean(plain) > 1
    assert abs(np.mean(found)) < 0.25 * np.mean(plain)


def test_the_line_goes_through_the_whole_sets_value_too():
    x, y = np.random.default_rng(1).normal(size=(2, 60, 5))
    line = extrapolate(x, y, x_clusters=names(60), y_clusters=names(60))
    assert line.values[-1] == pytest.approx(frechet_distance(x, y))
    assert line.one_over_n[-1] == pytest.approx(1 / 60)
    assert line.slope > 0
    assert len(line.values) == 5 * 8 + 1


def test_copies_of_a_video_stay_together():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 40, 4))
    twice = np.repeat(x, 3, axis=0)
    labels = [name for name in names(40) for _ in range(3)]
    line = extrapolate(twice, y, x_clusters=labels, y_clusters=names(40))
    # half of the clusters are 20 videos three times, and 20 of the other side
    assert max(line.one_over_n) == pytest.approx((1 / 60 + 1 / 20) / 2)


def test_witness_fewer_videos_than_features_leave_no_straight_line():
    rng = np.random.default_rng(5)
    x, y = rng.normal(0.4, 1, size=(60, 60)), rng.normal(size=(60, 60))
    with pytest.raises(UsageError, match="seen: 60 and 60 of 60 features; legal: twice as many"):
        extrapolate(x, y, x_clusters=names(60), y_clusters=names(60))
    halves = [frechet_distance(x[:30], y[:30]), frechet_distance(x, y)]
    at_infinity = 2 * halves[1] - halves[0]
    assert at_infinity > 1.5 * 60 * 0.4**2


def test_few_clusters_are_refused():
    x = np.random.default_rng(3).normal(size=(30, 2))
    with pytest.raises(UsageError, match=r"too few clusters to tell the bias .*; seen: 3 and 30"):
        extrapolate(x, x, x_clusters=[str(i % 3) for i in range(30)], y_clusters=names(30))


def test_the_floor_is_what_chance_gives_between_halves():
    rng = np.random.default_rng(4)
    y = rng.normal(size=(200, 10))
    mean, most = split_half_floor(y, names(200))
    apart = [frechet_distance(*rng.normal(size=(2, 100, 10))) for _ in range(60)]
    assert mean == pytest.approx(np.mean(apart), rel=0.15)
    assert mean <= most < 2 * mean
    assert split_half_floor(y, names(200)) == (mean, most)
    # a candidate that is really another one lies far above it
    assert frechet_distance(rng.normal(1, 1, size=(100, 10)), y) > 3 * most
