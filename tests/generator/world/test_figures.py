import numpy as np
import pytest

from generator.world.figures import EMBLEMS, HEAD_Y, badge, canary, person
from generator.world.grammar import HAIRS, ROLES
from generator.world.shapes import Look

SIDE = 80
AT = ((np.arange(SIDE) + 0.5) / SIDE * 2 - 1) * 1.2
X, Y = (axis[None].astype(np.float32) for axis in np.meshgrid(AT, AT))
PX = np.full((1, 1, 1), 2.4 / SIDE, dtype=np.float32)
RGB = np.array([[[200.0, 150, 100], [20, 20, 20], [0, 0, 250]]], dtype=np.float32)


def drawn(painter, code=0, theta=0.0, yaw=0.0):
    look = Look(theta=np.array([theta]), yaw=np.array([yaw]), rgb=RGB, code=code)
    alpha, rgb = painter(X, Y, PX, look)
    return alpha[0], rgb[0]


def at(picture, x, y):
    return picture[np.abs(AT - y).argmin(), np.abs(AT - x).argmin()]


@pytest.mark.parametrize("style", range(len(HAIRS)))
def test_a_person_has_skin_shirt_and_hair_in_place(style):
    alpha, rgb = drawn(person, code=style)
    assert np.allclose(at(rgb, 0.0, HEAD_Y + 0.1), RGB[0, 0], atol=1)
    assert np.allclose(at(rgb, 0.0, 0.0), RGB[0, 2], atol=1)
    crown = at(rgb, 0.0, HEAD_Y - 0.2)
    assert np.allclose(crown, RGB[0, 0] if HAIRS[style] == "bald" else RGB[0, 1], atol=1)
    assert alpha[0].max() == 0  # no hair is cut off at the reach of the patch
    assert at(alpha, 0.0, 0.95) >= 0


def test_hair_styles_cover_more_and_more():
    covered = {name: drawn(person, code=k)[0].sum() for k, name in enumerate(HAIRS)}
    assert covered["bald"] < covered["short"] < covered["long"]
    assert covered["short"] < covered["curly"]


def test_walking_swings_the_legs_and_facing_moves_the_eyes():
    standing, striding = drawn(person)[0], drawn(person, yaw=np.pi / 2)[0]
    feet = np.abs(AT - 0.85) < 0.05
    reach = [
        np.abs(AT)[(picture[feet] > 0.5).any(axis=0)].max() for picture in (standing, striding)
    ]
    assert reach[1] > reach[0] + 0.1
    left, right = (drawn(person, code=HAIRS.index("bald"), theta=t)[1] for t in (-1, 1))
    assert np.abs(left - right).max() > 50


def test_badges_differ_by_role():
    pictures = [drawn(badge, code=k)[1] for k in range(len(ROLES))]
    assert set(EMBLEMS) == set(ROLES)
    for i, first in enumerate(pictures):
        for second in pictures[i + 1 :]:
            assert np.abs(first - second).mean() > 5


def test_the_canary_is_a_yellow_diamond_with_two_bars():
    alpha, rgb = drawn(canary)
    assert at(alpha, 0.9, 0.9) == 0
    assert at(rgb, 0.0, 0.0)[0] > 200
    assert at(rgb, 0.37, 0.0).max() < 20
    assert at(rgb, -0.37, 0.0).max() < 20
