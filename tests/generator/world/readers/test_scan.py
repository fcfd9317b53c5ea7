import numpy as np
import pytest

from generator.world.readers.scan import FRAMES, SCALE, Scan, resized


def test_clips_are_brought_to_the_working_size():
    scan = Scan(np.zeros((128, 192, 320, 3), dtype=np.uint8), 24.0)
    assert scan.frames.shape == (FRAMES, 96, 160, 3)
    assert scan.scale == SCALE
    assert scan.passed == pytest.approx(127 / 24 / (16 / 3))


def test_small_clips_stay_as_they_are():
    frames = np.arange(2 * 24 * 40 * 3, dtype=np.uint8).reshape(2, 24, 40, 3)
    assert np.array_equal(resized(frames, SCALE), frames)


def test_places_in_pixels_become_places_in_the_world():
    scan = Scan(np.zeros((1, 48, 80, 3), dtype=np.uint8), 3.0)
    x, y = scan.to_world(np.array([39.5]), np.array([23.5]))
    assert (x.item(), y.item()) == (0.0, 0.0)


def test_marks_are_wiped_from_what_is_read_as_things(clips):
    scene, frames = clips("canary", n=1)[0]
    scan = Scan(frames, 3.0)
    assert scene.truth.canary
    assert not scan.away[:, scan.canary.window[0], scan.canary.window[1]].any()
    assert scan.things.count == 1


def test_noise_is_not_legible_and_scenes_are(noise, clips):
    assert not Scan(noise, 3.0).legible
    for kind in ("thing", "camera", "style", "person"):
        assert all(Scan(frames, 3.0).legible for _, frames in clips(kind))


def test_haze_is_seen_in_drone_shots_only(clips):
    for scene, frames in clips("camera", n=10, seed=4):
        if scene.truth.background != "sky":
            assert Scan(frames, 3.0).hazy is (scene.truth.camera == "drone")
