"""Temporal flicker: by hand, against loops, properties, order under damage, witnesses, errors."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_flow

from bench.errors import TooFewFrames, UsageError
from bench.features import _optical_flow as optical
from bench.metrics.temporal_flicker import TemporalFlicker, compensated, temporal_flicker, vbench
from bench.registry import build
from bench.testing import check_metric, clip_of
from bench.videos.corrupt import corrupt
from support.clips import moving, noisy, still
from support.motion import brightening, flickering, scene, scored, stuttering


def numbers(frames_THWC):
    return {name: v.value for name, v in TemporalFlicker().score(scored(frames_THWC)).items()}


def vbench_plain(frames_THWC):
    """VBench's formula on whole arrays: 255 less the mean absolute difference, over 255."""
    x = frames_THWC.astype(np.float64)
    return np.mean([(255 - np.abs(b - a).mean()) / 255 for a, b in pairwise(x)])


def test_brightening_grey_by_hand():
    values = TemporalFlicker().score(scored(brightening(frames=4, step=10)))
    assert values["compensated"].value == pytest.approx(10 / 255, rel=1e-6)
    assert values["compensated"].value == pytest.approx(0.039216, abs=1e-6)
    assert values["vbench"].value == pytest.approx(245 / 255, rel=1e-12)
    assert values["vbench"].value == pytest.approx(0.960784, abs=1e-6)
    assert values["compensated"].series == pytest.approx([10 / 255] * 3, rel=1e-6)
    assert values["vbench"].series == pytest.approx([245 / 255] * 3, rel=1e-6)
    assert temporal_flicker(brightening()) == pytest.approx(10 / 255, rel=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_compensated_agrees_with_loops_along_the_same_flow(seed):
    frames = noisy(scene(3, 40, 56, speed=3.0), 5, seed)
    greys = [optical.grey(frame) for frame in frames]
    expected = []
    for t in range(2):
        there, back = (optical.estimate(greys[i], greys[j]) for i, j in ((t, t + 1), (t + 1, t)))
        hidden = slow_flow.occlusion(there, back)
        expected.append(slow_flow.residuals(frames[t], frames[t + 1], there, hidden)[1])
    assert temporal_flicker(frames) == pytest.approx(np.mean(expected), rel=1e-4)


@given(seed=st.integers(0, 9999), n=st.integers(2, 4), levels=st.integers(1, 256))
@settings(deadline=None, max_examples=15)
def test_vbench_agrees_with_its_formula_on_any_frames(seed, n, levels):
    frames = np.random.default_rng(seed).integers(0, levels, (n, 16, 20, 3)).astype(np.uint8)
    found = numbers(frames)
    assert found["vbench"] == pytest.approx(vbench_plain(frames), abs=1e-9)
    assert 0 <= found["compensated"] <= 1
    assert numbers(frames[::-1])["vbench"] == pytest.approx(found["vbench"], abs=1e-12)


@pytest.mark.parametrize("kind", ["luma_flicker", "noise"])
def test_it_gets_worse_as_damage_grows(kind):
    frames = scene(6)
    made = [frames] + [corrupt(frames, kind, s, np.random.default_rng(1)) for s in (1, 2, 3, 4)]
    values = [numbers(clip) for clip in made]
    flicker = [value["compensated"] for value in values]
    assert flicker == sorted(flicker)
    assert flicker[-1] > 10 * flicker[0]
    assert values[0]["vbench"] > values[-1]["vbench"]


def test_witness_vbench_calls_clean_motion_worse_than_slow_flicker():
    fast = scene(12, speed=4.0)
    flickers = flickering(scene(12, speed=0.5), 6)
    assert numbers(fast)["vbench"] < numbers(flickers)["vbench"]
    assert numbers(fast)["compensated"] < numbers(flickers)["compensated"]


def test_witness_frozen_black_and_repeated_clips_are_rewarded():
    for frames in (still(5), np.zeros_like(still(5))):
        assert numbers(frames) == {"compensated": 0, "vbench": 1}
    honest, repeated = scene(8), stuttering(scene(8), 2)
    assert numbers(repeated)["vbench"] > numbers(honest)["vbench"]
    assert numbers(repeated)["compensated"] < numbers(honest)["compensated"]


def test_the_arrays_are_read_as_they_are_named():
    flow = {"absolute_error": np.array([0.1, 0.2]), "difference": np.array([0.3, 0.4])}
    assert compensated(flow).tolist() == [0.1, 0.2]
    assert vbench(flow) == pytest.approx([0.7, 0.6])


def test_one_frame_is_too_few():
    with pytest.raises(TooFewFrames, match=r"optical flow needs two frames; seen: 1"):
        temporal_flicker(moving(1))


def test_a_side_that_cannot_be_is_refused_when_the_metric_is_built():
    with pytest.raises(UsageError, match="flow cannot be worked out at this side; seen: 3"):
        TemporalFlicker(side=3)


def test_it_conforms_and_shares_its_flow():
    metric = build("metric", "temporal_flicker:frames=uniform:4,side=32")
    assert metric.needs == ("flow:frames=uniform:4,side=32",)
    check_metric(metric, clip_of(moving(6), needs=metric.needs))
    assert TemporalFlicker().needs == ("flow",)
