"""I3D's features: the golden numbers, the published anchor, the resizes, what is refused."""

import hashlib
import json

import numpy as np
import pytest
import torch
from references import slow_resize

from bench import registry, weights
from bench.errors import TooFewFrames, Unavailable, UsageError
from bench.features import i3d as module
from bench.features.i3d import I3d, crop, squash, tf1
from bench.metrics.fvd import frechet_distance
from bench.testing import check_extractor, check_refuses_one_frame, features_of
from support.clips import moving, texture
from support.golden_videos import NAMES, golden_video
from support.i3d import GOLDEN, need_i3d

NOTES = json.loads((GOLDEN / "fvd.json").read_text())
ANCHOR = NOTES["original_tf_hub_network_at_30_frames"]


@pytest.fixture(scope="module")
def golden():
    """Our features of each golden video."""
    need_i3d()
    return {name: features_of(I3d(), golden_video(name)) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_videos_are_the_ones_that_were_measured(name):
    sha256 = hashlib.sha256(golden_video(name).tobytes()).hexdigest()
    assert sha256 == NOTES["videos_sha256"][name]


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_flax(golden, name):
    expected = np.load(GOLDEN / "i3d_golden.npz")
    ours = golden[name]
    assert (ours["logits"].shape, ours["logits"].dtype) == ((400,), np.float32)
    np.testing.assert_allclose(ours["logits"], expected[f"{name}/logits"], rtol=0, atol=1e-3)
    np.testing.assert_allclose(ours["logits"], expected[f"{name}/logits_f64"], rtol=0, atol=1e-3)
    np.testing.assert_allclose(ours["pool"], expected[f"{name}/pool1024"], rtol=0, atol=1e-3)


def test_black_is_as_far_from_white_as_for_flax(golden):
    gap = golden["zeros"]["logits"].astype(np.float64) - golden["ones255"]["logits"]
    expected = NOTES["squared_distance_of_logits_black_to_white"]["16"]
    assert gap @ gap == pytest.approx(expected, abs=0.01)


def test_black_is_as_far_from_white_as_for_the_original_network():
    need_i3d()
    rows = [
        features_of(I3d(frames=30), golden_video(name, frames=30))["logits"]
        for name in ("zeros", "ones255")
    ]
    value = frechet_distance([rows[0]] * 2, [rows[1]] * 2)
    assert value == pytest.approx(ANCHOR, abs=0.01)


def test_conforms_and_depends_on_no_other_video():
    need_i3d()
    check_extractor(I3d(frames=9), moving(10, 48, 64))
    check_refuses_one_frame(I3d(), moving(3, 48, 64))


def test_the_window_and_its_place_are_recorded():
    extractor = I3d(frames=9, seed=5)
    sha256 = hashlib.sha256(b"a video").hexdigest()
    indices = extractor.sampling.indices(40, 24.0, sha256)
    assert list(indices) == list(range(indices[0], indices[0] + 9))
    others = {I3d(frames=9, seed=s).sampling.indices(40, 24.0, sha256)[0] for s in range(8)}
    assert len(others) > 1


@pytest.mark.parametrize("n", [1, 8, 15])
def test_too_short_videos_are_refused(n):
    with pytest.raises(TooFewFrames, match=rf"16 consecutive frames.*seen: {n} frames"):
        features_of(I3d(), moving(n, 48, 64))


@pytest.mark.parametrize("frames", ["8", "0", "many", "9.5"])
def test_fewer_than_nine_frames_cannot_be_asked_for(frames):
    with pytest.raises(UsageError, match=r"cannot use this frames.*a whole number from 9 on"):
        registry.build("feature", f"i3d:frames={frames}")


def test_other_wrong_options_are_refused():
    with pytest.raises(UsageError, match="no such resize; seen: pad; legal: squash, tf1, crop"):
        I3d(resize="pad")
    with pytest.raises(UsageError, match="cannot use this seed; seen: -1"):
        I3d(seed=-1)
    with pytest.raises(UsageError, match="does not run there; seen: tpu; legal: cpu, cuda"):
        module.network("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_missing_cuda_device_is_said():
    with pytest.raises(Unavailable, match=r"no CUDA device.*next: use i3d:device=cpu"):
        module.network("cuda")


def test_missing_weights_are_unavailable_with_the_command(private_cache, monkeypatch):
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="next: prescreen weights fetch i3d-kinetics-400"):
        I3d().key()


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail), ("", pytest.skip)])
def test_without_weights_tests_are_skipped_aloud_but_fail_under_ci(
    private_cache, monkeypatch, ci, outcome
):
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome.Exception, match=r"weights fetch i3d.*make setup"):
        need_i3d()


def test_whatever_changes_numbers_changes_the_key():
    need_i3d()
    specs = ("", ":resize=tf1", ":resize=crop", ":frames=17", ":seed=1", ":device=cuda")
    keys = {registry.build("feature", f"i3d{spec}").key() for spec in specs}
    assert len(keys) == len(specs)
    assert I3d().key_fields()["weights_sha256"] == weights.asset("i3d-kinetics-400").sha256
    assert I3d(device="cuda:0").key() == I3d(device="cuda:1").key()


@pytest.mark.parametrize("size", [(64, 64), (31, 301), (300, 240)])
def test_squash_is_bilinear_with_half_pixels(size):
    frame_HWC = texture(*size, scale=1.5)
    expected = slow_resize.bilinear(frame_HWC, 224, half_pixel=True)
    # float32 places a pixel of a wide picture to within 1e-5 of its width
    np.testing.assert_allclose(squash(frame_HWC), expected, rtol=0, atol=2e-3)


@pytest.mark.parametrize("size", [(64, 64), (31, 301), (300, 240)])
def test_tf1_is_bilinear_without_half_pixels(size):
    frame_HWC = texture(*size, scale=1.5)
    expected = slow_resize.bilinear(frame_HWC, 224, half_pixel=False)
    np.testing.assert_allclose(tf1(frame_HWC), expected, rtol=0, atol=2e-3)


@pytest.mark.parametrize("size", [(64, 64), (360, 640), (301, 260)])
def test_crop_is_that_of_pillow(size):
    frame_HWC = texture(*size, scale=1.5)
    centre_HWC = slow_resize.shorter_side_crop(frame_HWC, 256)
    expected = squash(np.floor(centre_HWC + 1e-3).astype(np.uint8))
    gap = np.abs(crop(frame_HWC) - expected)
    # a value within rounding of a whole grey level may fall on either side of it
    assert gap.max() <= 1.01
    assert (gap > 0.01).mean() < 0.01


def test_crop_looks_at_the_centre_only():
    frame_HWC = texture(60, 180)
    outside = frame_HWC.copy()
    outside[:, :55] = 0
    outside[:, -55:] = 255
    np.testing.assert_array_equal(crop(frame_HWC), crop(outside))
    assert not np.array_equal(squash(frame_HWC), squash(outside))


@pytest.mark.parametrize("resize", ["squash", "tf1"])
def test_a_frame_of_the_right_size_is_left_alone(resize):
    frame_HWC = texture(224, 224)
    np.testing.assert_array_equal(module.RESIZES[resize](frame_HWC), frame_HWC)


@pytest.mark.parametrize("resize", module.RESIZES)
def test_what_the_network_sees_is_scaled_to_one(resize):
    extractor = I3d(resize=resize, frames=9)
    walk = extractor.start(None, "")
    for i in range(9):
        frame_HWC = np.full((50, 70, 3), 255 * (i % 2), np.uint8)
        walk.push(module.Step(index=4 + i, time_s=0.0, frame_HWC=frame_HWC))
    window = walk.finish()
    assert window.frames.shape == (9, 224, 224, 3)
    assert window.frames.dtype == np.float32
    assert window.offset == 4
    np.testing.assert_allclose(window.frames[0], -1, atol=1e-6)
    np.testing.assert_allclose(window.frames[1], 1, atol=1e-6)
