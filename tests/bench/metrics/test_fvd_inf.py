"""FVD at unlimited n: known distances found, few videos refused, damage ordered."""

import numpy as np
import pytest

from bench import registry
from bench.errors import UsageError
from bench.metrics._frechet import frechet_distance
from bench.metrics.fvd_inf import FvdInf
from bench.testing import check_metric
from support.i3d import clip_of_logits, golden_logits


def names(n):
    return [f"{i:04d}" for i in range(n)]


def interval(x, y):
    settings = {"confidence": 0.95, "n_resamples": 100, "seed": 0}
    clusters = {"x_clusters": names(len(x)), "y_clusters": names(len(y))}
    return FvdInf().interval(x, y, **clusters, **settings)["fvd_inf"]


def test_conforms():
    check_metric(FvdInf(), clip_of_logits(golden_logits()[0][0]))
    assert registry.build("metric", "fvd_inf:frames=9").needs == ("i3d:frames=9",)


def test_a_known_distance_is_found_where_the_plain_one_is_biased():
    rng = np.random.default_rng(0)
    x, y = rng.normal(0.5, 1, size=(160, 20)), rng.normal(size=(160, 20))
    found, truth = FvdInf().value(x, y)["fvd_inf"], 20 * 0.25
    assert abs(found - truth) < 1.5
    made = interval(x, y)
    assert made.low < truth < made.high
    assert made.low < found < made.high
    assert made.method.endswith("moved to the extrapolated value")


def test_sets_of_one_distribution_are_around_0():
    rng = np.random.default_rng(1)
    values = [FvdInf().value(*rng.normal(size=(2, 100, 10)))["fvd_inf"] for _ in range(20)]
    plain = [frechet_distance(*rng.normal(size=(2, 100, 10))) for _ in range(20)]
    assert abs(np.mean(values)) < 0.3 * np.mean(plain)
    assert min(values) < 0


def test_more_noise_is_farther():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 80, 8))
    noise = rng.normal(size=x.shape)
    steps = [FvdInf().value(x + level * noise, y)["fvd_inf"] for level in (0, 1, 2, 4)]
    assert steps == sorted(steps)


def test_few_videos_are_refused_with_the_reason():
    assert FvdInf().min_videos == 800
    a, b = golden_logits()
    with pytest.raises(UsageError, match="too few videos for a straight line in 1/n"):
        FvdInf().value(a, b)
    assert "subsets of 800 and 900 videos" in FvdInf().notes(800, 900)[0]
