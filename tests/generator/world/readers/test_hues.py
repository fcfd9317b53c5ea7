import numpy as np
import pytest

from generator.world.palette import COLOURS
from generator.world.readers.hues import NAMES, contrast, core, least_contrast, nearness, votes


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize("shade", [0.7, 0.85, 1.0, 1.08])
def test_shaded_pixels_vote_for_their_colour(name, shade):
    pixels = np.tile(np.array(COLOURS[name], dtype=np.float32) * shade, (20, 1))
    assert NAMES[votes(pixels).argmax()] == name


def test_pale_rims_do_not_outvote_the_core():
    red, white = np.array(COLOURS["red"], dtype=np.float32), np.float32(246)
    rim = red * 0.5 + white * 0.5
    pixels = np.concatenate([np.tile(red, (10, 1)), np.tile(rim, (10, 1))])
    assert NAMES[votes(pixels).argmax()] == "red"


def test_nothing_votes_for_nothing():
    assert not votes(np.zeros((0, 3))).any()
    assert nearness(np.full((1, 3), 255.0)).max() < 0.05


def test_the_core_is_what_is_farthest_off():
    away = np.zeros((10, 3))
    away[:4, 0] = 90
    assert core(away).tolist() == [True] * 4 + [False] * 6
    assert core(np.zeros((0, 3))).size == 0


def test_all_colours_stand_out_from_all_grounds():
    assert least_contrast() > 70
    assert contrast("red", "black").tolist() == [198, 16, 22]
