import hashlib
import itertools
import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_flow

from bench import registry
from bench.errors import TooFewFrames, UsageError, VideoError
from bench.features import _optical_flow as optical
from bench.features import flow as module
from bench.features.base import Step
from bench.features.flow import Flow, flow_features, flow_pair, flow_spec
from support.clips import moving, noisy, still
from support.motion import brightening, scene

PER_PAIR = ("mean_px", "top5_px", "occluded", "squared_error", "absolute_error", "difference")


def digest(arrays):
    parts = [arrays[name].tobytes() for name in sorted(arrays)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def steps(frames):
    previous = None
    for index, frame in enumerate(frames):
        previous = Step(index=index, time_s=index / 24, frame_HWC=frame, previous=previous)
        yield previous


def smooth_flow(seed, scale, height=24, width=31):
    noise = np.random.default_rng(seed).normal(size=(height, width, 2)).astype(np.float32)
    field = cv2.GaussianBlur(noise, (0, 0), 5.0)
    return (field * (scale / np.abs(field).max())).astype(np.float32)


# --- the estimator


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (0, 3), (-4, 2), (2.5, -1.5)])
def test_flow_of_a_sliding_texture_is_its_slide_both_ways(dx, dy):
    first, second = (optical.grey(f) for f in moving(2, 96, 112, dx, dy))
    there, back = optical.estimate(first, second), optical.estimate(second, first)
    for found, expected in ((there, (dx, dy)), (back, (-dx, -dy))):
        off = np.hypot(*np.moveaxis(found - expected, -1, 0))[12:-12, 12:-12]
        assert off.mean() < 0.05
        assert off.max() < 0.3


def test_the_same_frame_twice_does_not_move_at_all():
    frame_HW = optical.grey(still(1)[0])
    assert not optical.estimate(frame_HW, frame_HW).any()


def test_grey_is_the_luma_of_bt601():
    rgb = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], np.uint8)
    assert optical.grey(rgb).tolist() == [[76, 150, 29, 18]]


def test_features_are_the_same_bits_for_any_number_of_threads_and_in_any_process():
    frames = noisy(scene(4), 3)
    here = []
    before = cv2.getNumThreads()
    try:
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            here.append(digest(flow_features(frames)))
    finally:
        cv2.setNumThreads(before)
    assert here[0] == here[1]
    program = (
        "import sys, hashlib, numpy as np; from bench.features.flow import flow_features;"
        f"frames = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape{frames.shape};"
        "a = flow_features(frames);"
        "print(hashlib.sha256(b''.join(a[n].tobytes() for n in sorted(a))).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", program], input=frames.tobytes(), capture_output=True, check=True
    )
    assert there.stdout.decode().strip() == here[0]


def test_features_are_the_same_bits_wherever_the_arrays_lie_in_memory():
    # cv2.magnitude fails this: its result depends on the alignment of its output
    frames = noisy(scene(2), 3)
    seen, kept = set(), []
    for offset in range(24):
        kept.append(np.empty(frames.nbytes + 16 * offset, np.uint8))
        moved = kept[-1][offset : offset + frames.nbytes].reshape(frames.shape)
        moved[:] = frames
        seen.add(digest(flow_features(moved)))
    assert len(seen) == 1


# --- agreement with the slow reference


@given(st.integers(0, 10_000), st.floats(0.5, 12))
@settings(deadline=None, max_examples=15)
def test_warping_agrees_with_scipy(seed, scale):
    image = np.random.default_rng(seed).integers(0, 256, (24, 31, 3)).astype(np.float32)
    field = smooth_flow(seed, scale=scale)
    assert np.allclose(optical.warp(image, field), slow_flow.warp(image, field), atol=2e-3)


def test_each_rule_of_occlusion_hides_what_it_should():
    still_HW2 = np.zeros((20, 30, 2), np.float32)
    right_HW2 = still_HW2 + np.float32((2, 0))
    assert not optical.occlusion(still_HW2, still_HW2).any()
    leaves = optical.occlusion(right_HW2, -right_HW2)
    assert np.flatnonzero(leaves.any(axis=0)).tolist() == [28, 29]
    assert leaves[:, 28:].all()
    assert optical.occlusion(right_HW2, still_HW2).all(), "2² > 0.01 · 2² + 0.5"
    off_HW2 = still_HW2 + np.float32((0.7, 0))
    assert not optical.occlusion(still_HW2, off_HW2).any(), "0.7² < 0.01 · 0.7² + 0.5"
    edge_HW2 = still_HW2.copy()
    edge_HW2[:, 15:] += np.float32((0.05, 0))
    edge = optical.occlusion(edge_HW2, -edge_HW2)
    assert np.flatnonzero(edge.any(axis=0)).tolist() == [14], "0.05² > 0.002"


@pytest.mark.parametrize("seed", range(6))
def test_occlusion_agrees_with_the_loops(seed):
    there = smooth_flow(seed, 1.0) + np.float32((3 - seed, 0.5 * seed))
    back = -there + smooth_flow(seed + 100, 1.2)
    found, expected = optical.occlusion(there, back), slow_flow.occlusion(there, back)
    assert 0.02 < expected.mean() < 0.98, "the case must have both kinds of pixel"
    assert np.array_equal(found, expected)


def test_a_clip_agrees_with_the_reference_on_every_array():
    frames = noisy(scene(4, 48, 64, speed=3.0), 4)
    arrays = flow_features(frames)
    greys = [optical.grey(f) for f in frames]
    there = [optical.estimate(a, b) for a, b in itertools.pairwise(greys)]
    back = [optical.estimate(b, a) for a, b in itertools.pairwise(greys)]
    for t in range(3):
        hidden = slow_flow.occlusion(there[t], back[t])
        squared, absolute = slow_flow.residuals(frames[t], frames[t + 1], there[t], hidden)
        length = np.hypot(there[t][..., 0], there[t][..., 1])
        change = np.abs(frames[t + 1].astype(float) - frames[t]).mean() / 255
        expected = (
            length.mean(),
            slow_flow.top_mean(length, 0.05),
            hidden.mean(),
            squared,
            absolute,
            change,
        )
        assert np.allclose([arrays[name][t] for name in PER_PAIR], expected, rtol=2e-5)
    for t in range(2):
        hidden = slow_flow.occlusion(there[t + 1], back[t + 1])
        hidden |= slow_flow.occlusion(back[t], there[t])
        expected = slow_flow.acceleration(there[t + 1], back[t], hidden)
        assert arrays["acceleration_px"][t] == pytest.approx(expected, rel=1e-5)


# --- values known by hand


def test_plain_frames_that_brighten_differ_by_the_step_alone():
    arrays = flow_features(brightening(frames=4, step=10))
    assert np.allclose(arrays["squared_error"], (10 / 255) ** 2, rtol=1e-6)
    assert np.allclose(arrays["absolute_error"], 10 / 255, rtol=1e-6)
    assert np.allclose(arrays["difference"], 10 / 255, rtol=1e-12)
    assert not arrays["mean_px"].any()
    assert not arrays["occluded"].any()
    assert not arrays["acceleration_px"].any()


def test_a_still_clip_has_neither_motion_nor_change():
    arrays = flow_features(still(3))
    assert not any(arrays[name].any() for name in (*PER_PAIR, "acceleration_px"))


def test_a_slide_hides_the_strip_that_leaves_the_frame():
    arrays = flow_features(moving(2, 64, 80, 4.0, 0.0))
    assert arrays["occluded"][0] == pytest.approx(4 / 80, abs=0.02)
    assert arrays["squared_error"][0] < 1e-5


def test_top_mean_takes_one_value_at_least():
    assert module._top_mean(np.array([[1, 5], [3, 2]], np.float32), 0.05) == 5.0
    assert module._top_mean(np.arange(100, dtype=np.float32), 0.05) == 97.0


def test_a_pair_with_nothing_visible_is_judged_on_all_its_pixels():
    first, second = brightening(2, step=20)
    pair = optical.FlowPair(first, second, optical.grey(first), optical.grey(second))
    pair.__dict__["occluded_HW"] = np.ones(first.shape[:2], bool)
    squared, absolute = module._residuals(pair)
    assert squared == pytest.approx((20 / 255) ** 2, rel=1e-6)
    assert absolute == pytest.approx(20 / 255, rel=1e-6)


def test_arrays_have_the_promised_shapes_and_types():
    arrays = flow_features(moving(5, 40, 56))
    shapes = dict.fromkeys(PER_PAIR, (4,))
    shapes |= {"acceleration_px": (3,), "index": (5,), "size_px": (2,)}
    assert {name: array.shape for name, array in arrays.items()} == shapes
    assert arrays["size_px"].tolist() == [40, 56]
    assert arrays["index"].tolist() == [0, 1, 2, 3, 4]
    assert all(arrays[name].dtype == np.float64 for name in (*PER_PAIR, "acceleration_px"))


def test_gaps_between_sampled_frames_do_not_read_as_acceleration():
    frames = moving(9, 64, 80, 1.0, 0.5)
    walk, previous = module.FlowPass(None), None
    for index in (0, 1, 3, 4, 6):
        previous = Step(index=index, time_s=0.0, frame_HWC=frames[index], previous=previous)
        walk.push(previous)
    arrays = walk.finish()
    assert arrays["index"].tolist() == [0, 1, 3, 4, 6]
    assert arrays["acceleration_px"].max() < 0.1
    assert np.allclose(arrays["mean_px"] / np.diff(arrays["index"]), np.hypot(1, 0.5), rtol=0.05)


def test_constant_acceleration_is_measured_at_any_spacing():
    x_T = 0.25 * np.arange(10) ** 2  # half a pixel per frame² everywhere
    background = moving(2, 64, 160, 0, 0)[0]
    frames = [
        cv2.warpAffine(background, np.float32([[1, 0, x], [0, 1, 0]]), (160, 64)) for x in x_T
    ]
    for picked in ([0, 1, 2, 3, 4], [0, 2, 4, 6], [0, 1, 3, 4, 6]):
        walk, previous = module.FlowPass(None), None
        for index in picked:
            view = np.ascontiguousarray(frames[index][:, 40:])
            previous = Step(index=index, time_s=0.0, frame_HWC=view, previous=previous)
            walk.push(previous)
        assert np.allclose(walk.finish()["acceleration_px"], 0.5, atol=0.06)


# --- the extractor


def test_many_extractors_pay_for_one_flow(monkeypatch):
    calls = []
    estimate = optical.estimate
    monkeypatch.setattr(optical, "estimate", lambda a, b: calls.append(a.shape) or estimate(a, b))
    one, two = Flow().start(None, ""), Flow().start(None, "")
    for step in steps(moving(3, 32, 40)):
        one.push(step)
        two.push(step)
        if step.index:
            assert flow_pair(step) is flow_pair(step)
    assert digest(one.finish()) == digest(two.finish())
    assert calls == [(32, 40)] * 4  # two pairs, both ways


def test_side_shrinks_flow_but_not_the_plain_difference():
    frames = moving(3, 96, 128, 4.0, 0.0)
    full, small = flow_features(frames), flow_features(frames, side_px=48)
    assert small["size_px"].tolist() == [48, 64]
    assert np.array_equal(small["difference"], full["difference"])
    assert np.allclose(small["mean_px"], full["mean_px"] / 2, rtol=0.05)
    assert digest(flow_features(frames, side_px=96)) == digest(full)


def test_two_sizes_of_flow_can_share_a_step():
    first, second = steps(moving(2, 64, 80))
    assert flow_pair(second).forward_HW2.shape == (64, 80, 2)
    assert flow_pair(second, 32).forward_HW2.shape == (32, 40, 2)
    assert first.previous is None


def test_specs_name_what_they_build():
    assert flow_spec() == flow_spec("all", None) == "flow"
    assert flow_spec("fps:8", 256) == "flow:frames=fps:8,side=256"
    built = registry.build("feature", flow_spec("fps:8", "256"))
    assert isinstance(built, Flow)
    assert built.key() == Flow(frames="fps:8", side=256).key()


def test_the_key_tells_apart_what_the_numbers_depend_on():
    keys = {Flow().key(), Flow(side=128).key(), Flow(frames="uniform:8").key()}
    assert len(keys) == 3
    assert Flow().key_fields()["opencv"] == cv2.__version__


# --- errors


def test_one_frame_is_too_few():
    with pytest.raises(TooFewFrames, match=r"optical flow needs two frames; seen: 1"):
        flow_features(still(1))


@pytest.mark.parametrize("shape", [(15, 64), (64, 8), (1, 1)])
def test_tiny_frames_are_refused_before_opencv_sees_them(shape):
    frames = np.zeros((3, *shape, 3), np.uint8)
    expected = rf"too small for optical flow; seen: {shape[1]}x{shape[0]} px; legal: at least 16"
    with pytest.raises(VideoError, match=expected):
        flow_features(frames)
    with pytest.raises(VideoError, match=expected):
        optical.estimate(frames[0, ..., 0], frames[1, ..., 0])


def test_the_smallest_legal_frames_work_at_every_shape():
    for height, width in ((16, 16), (16, 300), (300, 16), (17, 91)):
        assert np.isfinite(flow_features(moving(2, height, width))["mean_px"]).all()


@pytest.mark.parametrize(
    "frames", [np.zeros((2, 32, 32, 3), np.float32), np.zeros((2, 32, 32), np.uint8)]
)
def test_frames_of_another_type_are_refused(frames):
    with pytest.raises(UsageError, match=r"not frames; seen: .*; legal: uint8 \(T, H, W, 3\), RGB"):
        flow_features(frames)


@pytest.mark.parametrize("side", ["8", "wide", 0, "2.5"])
def test_a_side_that_cannot_be_is_refused(side):
    with pytest.raises(UsageError, match=rf"this side; seen: {side}; legal: a whole number of px"):
        Flow(side=side)


def test_a_first_step_has_no_motion():
    with pytest.raises(ValueError, match="step 0 has no step before it"):
        flow_pair(next(steps(still(1))))
