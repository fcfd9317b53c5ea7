import numpy as np
import pytest

from generator.world.background import background, pixel_centres
from generator.world.grammar import Scene, Thing, Truth
from generator.world.palette import BACKGROUNDS, HORIZON

TIMES_S = np.array([0.0, 2.0, 4.0])


def scene(ground, camera="still"):
    return Scene(truth=Truth(things=(Thing(),), background=ground, camera=camera))


def test_pixel_centres_are_symmetric_and_in_world_units():
    x, y, scale = pixel_centres(24, 40)
    assert (x[0], x[-1], y[0], y[-1], scale) == (-19.5, 19.5, -11.5, 11.5, 1.0)
    assert pixel_centres(48, 400)[2] == 2.0


@pytest.mark.parametrize("name", [n for n, g in BACKGROUNDS.items() if g.plain])
def test_a_plain_ground_is_one_colour(name):
    assert background(scene(name), 24, 40, TIMES_S).reshape(-1).tolist() == list(
        BACKGROUNDS[name].low
    )


@pytest.mark.parametrize("name", [n for n, g in BACKGROUNDS.items() if not g.plain])
def test_a_texture_stays_between_its_tones_and_shows_both(name):
    ground = BACKGROUNDS[name]
    seen = background(scene(name), 48, 80, TIMES_S)
    assert seen.shape == (1, 48, 80, 3)
    low, high = np.array(ground.low), np.array(ground.high)
    share = ((seen - low) / (high - low)).mean(axis=-1)
    assert share.min() >= -1e-4
    assert share.max() <= 1 + 1e-4
    assert 0.1 < share.mean() < 0.9


def test_a_pan_shifts_the_texture():
    moved = background(scene("sky", "pan_left"), 24, 40, np.array([0.0, 16 / 3 / 7]))
    assert np.abs(moved[0][:, :-2] - moved[1][:, 2:]).max() < 1e-2  # 14 units over 7 parts


def test_a_drone_sees_haze_above_the_horizon_and_moving_ground_below():
    seen = background(scene("desert", "drone"), 96, 160, TIMES_S)
    assert np.allclose(seen[:, 0], HORIZON)
    assert np.abs(seen[0, 80:] - seen[1, 80:]).mean() > 2


@pytest.mark.parametrize("camera", ["still", "pan_left", "zoom_in", "drone"])
@pytest.mark.parametrize("name", ["meadow", "night"])
def test_a_larger_picture_averages_to_the_smaller(name, camera):
    small = background(scene(name, camera), 24, 40, TIMES_S)
    large = background(scene(name, camera), 96, 160, TIMES_S)
    averaged = large.reshape(-1, 24, 4, 40, 4, 3).mean(axis=(2, 4))
    assert np.abs(averaged - small).mean() < 4.5


def test_a_picture_one_pixel_wide_can_be_flown_over():
    assert background(scene("meadow", "drone"), 5, 1, TIMES_S).shape == (3, 5, 1, 3)
