"""FVD with the resize `crop`: the number of `fvd` on other features, under another name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import registry
from bench.errors import UsageError
from bench.metrics.fvd_crop import FvdCrop
from bench.testing import check_metric
from support.i3d import clip_of_logits, golden_logits

NEEDS = "i3d:resize=crop"


def test_needs_its_own_resize():
    assert FvdCrop().needs == (NEEDS,)
    built = registry.build("metric", "fvd_crop:frames=9,seed=3")
    assert built.needs == ("i3d:frames=9,resize=crop,seed=3",)
    assert registry.build("feature", FvdCrop().needs[0]).resize == "crop"


def test_the_resize_cannot_be_changed():
    with pytest.raises((UsageError, ValueError), match="resize"):
        registry.build("metric", "fvd_crop:resize=squash")


def test_conforms():
    check_metric(FvdCrop(), clip_of_logits(golden_logits()[0][0], spec=NEEDS))


def test_by_hand_in_one_dimension():
    rows = np.array([[0.0], [2.0]]), np.array([[1.0], [5.0]])
    assert FvdCrop().value(*rows) == {"fvd_crop": pytest.approx(6.0, rel=1e-12)}
    assert FvdCrop(ddof=0).value(*rows) == {"fvd_crop": pytest.approx(5.0, rel=1e-12)}


def test_the_distance_is_that_of_fvd():
    a, b = golden_logits()
    assert FvdCrop().value(a, b)["fvd_crop"] == pytest.approx(254.77048207, rel=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_symmetric_and_zero_for_the_same_clips(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(6, 9)), rng.normal(size=(8, 9))
    metric = FvdCrop()
    assert metric.value(x, y)["fvd_crop"] == pytest.approx(metric.value(y, x)["fvd_crop"], rel=1e-9)
    assert metric.value(x, x[::-1])["fvd_crop"] < 1e-10


def test_more_noise_on_the_rows_is_farther():
    a, b = golden_logits()
    noise = np.random.default_rng(0).normal(size=a.shape)
    values = [FvdCrop().value(a + level * noise, b)["fvd_crop"] for level in (0.0, 0.5, 1.0, 2.0)]
    assert values == sorted(values)


def test_the_interval_bears_its_name_and_few_videos_are_warned_of():
    a, b = golden_logits()
    names = [str(i) for i in range(64)]
    made = FvdCrop().interval(
        a, b, x_clusters=names, y_clusters=names, confidence=0.95, n_resamples=1000, seed=0
    )
    assert made["fvd_crop"].low < 254.77 < made["fvd_crop"].high
    assert "n=8 and m=9" in FvdCrop().notes(8, 9)[0]


def test_refuses_a_single_video():
    with pytest.raises(UsageError, match="n >= 2"):
        FvdCrop().value(np.zeros((1, 400)), np.zeros((3, 400)))
