"""FVD with the resize `tf1`: the number of `fvd` on other features, under another name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import registry
from bench.errors import UsageError
from bench.metrics.fvd_tf1 import FvdTf1
from bench.testing import check_metric
from support.i3d import clip_of_logits, golden_logits

NEEDS = "i3d:resize=tf1"


def test_needs_its_own_resize():
    assert FvdTf1().needs == (NEEDS,)
    built = registry.build("metric", "fvd_tf1:frames=9,seed=3")
    assert built.needs == ("i3d:frames=9,resize=tf1,seed=3",)
    assert registry.build("feature", FvdTf1().needs[0]).resize == "tf1"


def test_the_resize_cannot_be_changed():
    with pytest.raises((UsageError, ValueError), match="resize"):
        registry.build("metric", "fvd_tf1:resize=squash")


def test_conforms():
    check_metric(FvdTf1(), clip_of_logits(golden_logits()[0][0], spec=NEEDS))


def test_by_hand_in_one_dimension():
    rows = np.array([[0.0], [2.0]]), np.array([[1.0], [5.0]])
    assert FvdTf1().value(*rows) == {"fvd_tf1": pytest.approx(6.0, rel=1e-12)}
    assert FvdTf1(ddof=0).value(*rows) == {"fvd_tf1": pytest.approx(5.0, rel=1e-12)}


def test_the_distance_is_that_of_fvd():
    a, b = golden_logits()
    assert FvdTf1().value(a, b)["fvd_tf1"] == pytest.approx(254.77048207, rel=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_symmetric_and_zero_for_the_same_clips(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(6, 9)), rng.normal(size=(8, 9))
    metric = FvdTf1()
    assert metric.value(x, y)["fvd_tf1"] == pytest.approx(metric.value(y, x)["fvd_tf1"], rel=1e-9)
    assert metric.value(x, x[::-1])["fvd_tf1"] < 1e-10


def test_more_noise_on_the_rows_is_farther():
    a, b = golden_logits()
    noise = np.random.default_rng(0).normal(size=a.shape)
    values = [FvdTf1().value(a + level * noise, b)["fvd_tf1"] for level in (0.0, 0.5, 1.0, 2.0)]
    assert values == sorted(values)


def test_the_interval_bears_its_name_and_few_videos_are_warned_of():
    a, b = golden_logits()
    names = [str(i) for i in range(64)]
    made = FvdTf1().interval(
        a, b, x_clusters=names, y_clusters=names, confidence=0.95, n_resamples=1000, seed=0
    )
    assert made["fvd_tf1"].low < 254.77 < made["fvd_tf1"].high
    assert "n=8 and m=9" in FvdTf1().notes(8, 9)[0]


def test_refuses_a_single_video():
    with pytest.raises(UsageError, match="n >= 2"):
        FvdTf1().value(np.zeros((1, 400)), np.zeros((3, 400)))
