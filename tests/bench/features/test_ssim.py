import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from references import slow_ssim

from bench.features._ssim import ssim, ssim_map
from support.clips import moving, noisy, texture

GREY = hnp.arrays(np.uint8, (13, 12), elements=st.integers(0, 255))
C1 = (0.01 * 255) ** 2
FLOAT32 = 2e-4
"""What rounding squares of up to 128² to float32 does at worst, over a C2 of 58.5."""


def grey(image):
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def flat(level, size=(16, 20)):
    return np.full(size, level, np.uint8)


def test_values_worked_out_by_hand():
    assert ssim(flat(0), flat(0)) == 1
    assert ssim(flat(0), flat(255)) == pytest.approx(C1 / (255**2 + C1), rel=1e-4)
    expected = (2 * 100 * 110 + C1) / (100**2 + 110**2 + C1)
    assert ssim(flat(100), flat(110)) == pytest.approx(expected, rel=1e-6)


def test_a_negative_has_a_negative_index():
    image = grey(texture(32, 32, scale=1.5))
    assert ssim(image, 255 - image) < -0.5


@pytest.mark.parametrize("size", [(11, 11), (11, 30), (24, 13), (45, 20), (60, 12)])
@pytest.mark.parametrize("sigma", [2, 25])
def test_it_agrees_with_the_formula_window_by_window(size, sigma):
    first = grey(texture(*size, seed=1, scale=1.2))
    second = grey(noisy(texture(*size, seed=1, scale=1.2)[None], sigma)[0])
    assert ssim(first, second) == pytest.approx(slow_ssim.ssim(first, second), abs=2e-5)
    expected = slow_ssim.ssim_map(first, second)
    assert ssim_map(first, second) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("level", [0, 3, 252, 255])
def test_nothing_is_lost_in_very_dark_or_bright_pictures(level):
    near = np.clip(level + np.random.default_rng(0).integers(-2, 3, (2, 20, 20)), 0, 255)
    first, second = near.astype(np.uint8)
    assert ssim(first, second) == pytest.approx(slow_ssim.ssim(first, second), abs=2e-5)


@settings(max_examples=40, deadline=None)
@given(a=GREY, b=GREY)
def test_it_is_symmetric_bounded_and_one_for_the_same_picture(a, b):
    found = ssim(a, b)
    assert -1.0001 <= found <= 1.0001
    assert found == pytest.approx(ssim(b, a), abs=1e-6)
    assert ssim(a, a) == pytest.approx(1, abs=FLOAT32)
    assert found == pytest.approx(slow_ssim.ssim(a, b), abs=FLOAT32)


@settings(max_examples=20, deadline=None)
@given(a=GREY, b=GREY)
def test_turning_both_pictures_changes_nothing(a, b):
    assert ssim(a, b) == pytest.approx(ssim(a.T, b.T), abs=FLOAT32)
    assert ssim(a, b) == pytest.approx(ssim(a[::-1], b[::-1]), abs=FLOAT32)


def test_it_falls_as_noise_grows():
    clip = moving(1, 48, 64)
    found = [ssim(grey(clip[0]), grey(noisy(clip, sigma)[0])) for sigma in (1, 4, 16, 64)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.9
    assert found[-1] < 0.3


@pytest.mark.parametrize("size", [(10, 40), (40, 10), (1, 1)])
def test_smaller_than_the_window_there_is_no_index(size):
    assert np.isnan(ssim(flat(3, size), flat(9, size)))


@pytest.mark.parametrize("height", [41, 42, 43, 73, 74, 75, 90])
def test_strips_meet_without_a_seam(height):
    first, second = (grey(texture(height, 24, seed=s)) for s in (1, 2))
    whole = float(ssim_map(first, second).mean(dtype=np.float64))
    assert ssim(first, second) == pytest.approx(whole, abs=1e-6)
