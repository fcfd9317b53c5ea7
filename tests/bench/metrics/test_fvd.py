"""FVD: golden values, a case by hand, what must not change it, what must, and its refusals."""

import json
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import registry
from bench.errors import UsageError
from bench.metrics.fvd import Fvd, Moments, distance_of_moments, frechet_distance
from bench.testing import check_metric, features_of
from support.clips import moving
from support.i3d import GOLDEN, clip_of_logits, golden_logits, need_i3d

EXPECTED = json.loads((GOLDEN / "fvd.json").read_text())["fvd_of_fvd_features_npz"]
SEEDS = st.integers(0, 2**32 - 1)


def two_sets(seed, n=12, m=15, d=20):
    rng = np.random.default_rng(seed)
    spread = np.arange(1, d + 1) ** -0.5
    return rng.normal(size=(n, d)) * spread, rng.normal(size=(m, d)) * spread[::-1] + 0.3


@pytest.mark.parametrize("ddof", [0, 1])
def test_golden_logits(ddof):
    a, b = golden_logits()
    assert frechet_distance(a, b, ddof) == pytest.approx(EXPECTED[f"logits_ddof{ddof}"], rel=1e-10)


def test_golden_pooled_features():
    held = np.load(GOLDEN / "fvd_features.npz")
    value = frechet_distance(held["real_A/pool1024"], held["real_B/pool1024"])
    assert value == pytest.approx(EXPECTED["pool_ddof1"], rel=1e-10)


def test_golden_from_moments_of_shards():
    a, b = golden_logits()
    merged = Moments.of(a[:20]).merge(Moments.of(a[20:]))
    value = distance_of_moments(merged, Moments.of(b))
    assert value == pytest.approx(EXPECTED["logits_ddof1"], rel=1e-9)


def test_by_hand_in_one_dimension():
    assert frechet_distance([[0.0], [2.0]], [[1.0], [5.0]]) == pytest.approx(6.0, rel=1e-12)
    assert frechet_distance([[0.0], [2.0]], [[1.0], [5.0]], ddof=0) == pytest.approx(5.0, rel=1e-12)


def test_by_hand_for_independent_columns():
    """Sum over columns of (m1 - m2)^2 + (s1 - s2)^2, here 1 + 4 + 0 + 9."""
    corners = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]]) * math.sqrt(3) / 2
    x, y = corners, corners * [1, 4] + [1, 0]
    assert frechet_distance(x, y) == pytest.approx(1 + 9, rel=1e-12)
    assert frechet_distance(x * [3, 1], y) == pytest.approx(1 + 4 + 9, rel=1e-12)


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_set_is_at_no_distance_from_itself(seed):
    x, _ = two_sets(seed)
    order = np.random.default_rng(seed).permutation(len(x))
    assert 0 <= frechet_distance(x, x[order]) < 1e-10 * (x**2).sum()


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_what_must_not_change_it(seed):
    x, y = two_sets(seed)
    rng = np.random.default_rng(seed)
    value = pytest.approx(frechet_distance(x, y), rel=1e-9)
    turn, _ = np.linalg.qr(rng.normal(size=(20, 20)))
    shift = rng.normal(size=20)
    assert frechet_distance(y, x) == value
    assert frechet_distance(rng.permutation(x), rng.permutation(y)) == value
    assert frechet_distance(x @ turn, y @ turn) == value
    assert frechet_distance(x + shift, y + shift) == value


@given(seed=SEEDS, factor=st.floats(1e-3, 1e3))
@settings(max_examples=30, deadline=None)
def test_it_grows_with_the_square_of_the_scale(seed, factor):
    x, y = two_sets(seed)
    expected = factor**2 * frechet_distance(x, y)
    assert frechet_distance(factor * x, factor * y) == pytest.approx(expected, rel=1e-9)


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_it_is_at_least_the_distance_of_the_means(seed):
    x, y = two_sets(seed)
    gap = x.mean(axis=0) - y.mean(axis=0)
    assert frechet_distance(x, y) >= gap @ gap


def test_more_noise_on_the_rows_is_farther():
    a, b = golden_logits()
    noise = np.random.default_rng(0).normal(size=a.shape)
    values = [frechet_distance(a + level * noise, b) for level in (0.0, 0.5, 1.0, 2.0)]
    assert values == sorted(values)
    assert values[-1] > 2 * values[0]


def test_fewer_videos_are_farther_though_nothing_changed():
    expected = json.loads((GOLDEN / "fvd.json").read_text())["mean_fvd_of_splits_by_n"]
    a, b = golden_logits()
    for n in (8, 16, 32):
        splits = [frechet_distance(a[i : i + n], b[i : i + n]) for i in range(0, 64, n)]
        assert np.mean(splits) == pytest.approx(expected[str(n)], rel=0.1)
    assert frechet_distance(a[:32], b[:32]) > 1.4 * frechet_distance(a, b)


def test_more_blur_is_farther_through_the_network():
    need_i3d()
    clips = [moving(10, 96, 128, dx=1 + i, dy=0.5 * i, seed=i) for i in range(3)]
    rows = [logits(clips)]
    for sigma in (1.0, 2.5, 6.0):
        rows.append(logits([blurred(clip, sigma) for clip in clips]))
    values = [frechet_distance(damaged, rows[0]) for damaged in rows]
    assert values[0] < 1e-6
    assert 0 < values[1] < values[2] < values[3]


def logits(clips):
    extractor = registry.build("feature", Fvd(frames="9").needs[0])
    return np.stack([features_of(extractor, clip)["logits"] for clip in clips])


def blurred(clip, sigma):
    return np.stack(
        [cv2.GaussianBlur(f, (0, 0), sigma, borderType=cv2.BORDER_REFLECT) for f in clip]
    )


def test_conforms():
    check_metric(Fvd(), clip_of_logits(golden_logits()[0][0]))


def test_value_and_interval_bear_the_columns_name():
    a, b = (side.astype(np.float64) for side in golden_logits())
    metric = Fvd()
    assert metric.value(a, b) == {"fvd": pytest.approx(EXPECTED["logits_ddof1"])}
    names = [str(i) for i in range(64)]
    (made,) = intervals(metric, a, b, names).values()
    assert made.low < metric.value(a, b)["fvd"] < made.high
    assert intervals(metric, a, b, ["one prompt"] * 64) == {}


def intervals(metric, x, y, names):
    return metric.interval(
        x, y, x_clusters=names, y_clusters=names, confidence=0.95, n_resamples=1000, seed=0
    )


def test_a_loop_gets_the_same_by_update_and_compute():
    a, b = golden_logits()
    metric = Fvd()
    for row in a:
        metric.update(clip_of_logits(row))
    for row in b:
        metric.update(clip_of_logits(row), reference=True)
    assert metric.compute()["fvd"].item() == pytest.approx(EXPECTED["logits_ddof1"], rel=1e-9)
    metric.reset()
    metric.update(clip_of_logits(a[0]))
    with pytest.raises(UsageError, match="a covariance needs more rows; seen: 1"):
        metric.compute()


def test_sums_of_two_processes_add_up():
    a, b = golden_logits()
    whole, parts = Fvd(), (Fvd(), Fvd())
    for i, (row, real) in enumerate(zip(a[:10], b[:10], strict=True)):
        for metric in (whole, parts[i % 2]):
            metric.update(clip_of_logits(row))
            metric.update(clip_of_logits(real), reference=True)
    for name in whole.metric_state:
        setattr(parts[0], name, parts[0].metric_state[name] + parts[1].metric_state[name])
    assert parts[0].compute()["fvd"].item() == pytest.approx(whole.compute()["fvd"].item())


def test_options_go_to_the_extractor_and_ddof_into_the_key():
    assert Fvd().needs == ("i3d",)
    built = registry.build("metric", "fvd:frames=32,seed=7,device=cuda:1")
    assert built.needs == ("i3d:device=cuda:1,frames=32,seed=7",)
    assert registry.build("metric", "fvd:seed=0").needs == ("i3d:seed=0",)
    original, other = Fvd(), registry.build("metric", "fvd:ddof=0")
    assert (original.version, other.version) == ("1", "1-ddof0")
    a, b = golden_logits()
    assert other.value(a, b)["fvd"] == pytest.approx(EXPECTED["logits_ddof0"])


def test_few_videos_are_warned_of_with_both_numbers():
    (note,) = Fvd().notes(64, 2048)
    assert "n=64 and m=2048" in note
    assert "fewer than 400, where covariances are singular" in note
    assert "669" in note
    assert Fvd().notes(400, 400) == ()
    assert "ddof 0" in Fvd(ddof=0).notes(400, 400)[0]


def test_too_few_videos_have_no_fvd_and_the_reason_is_there():
    assert Fvd().min_videos == 16
    assert "its interval too narrow" in Fvd().why_min


def test_refuses_another_ddof():
    with pytest.raises(UsageError, match="no such ddof; seen: 2"):
        registry.build("metric", "fvd:ddof=2")


def test_refuses_rows_without_a_number():
    a, b = (side.astype(np.float64) for side in golden_logits())
    a[5, 3] = np.nan
    with pytest.raises(UsageError, match=r"that are not finite.*the first is row 5"):
        Fvd().value(a, b)


def test_refuses_a_single_video():
    a, b = golden_logits()
    with pytest.raises(UsageError, match=r"seen: shape \(1, 400\); legal: \(n, D\) with n >= 2"):
        Fvd().value(a[:1], b)
