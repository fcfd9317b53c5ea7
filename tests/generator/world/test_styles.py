import numpy as np
import pytest

from generator.world.grammar import STYLES, Scene, Thing, Truth
from generator.world.render import render
from generator.world.styles import STYLES_BY_NAME, edges, paint_style, pattern, veil

NAMES = list(STYLES_BY_NAME)


def test_every_style_but_flat_has_a_filter():
    assert set(NAMES) == set(STYLES) - {"flat"}


@pytest.mark.parametrize("name", NAMES)
def test_a_style_stands_still_and_leaves_its_signature(name):
    plain = np.full((2, 24, 40, 3), 180.0, dtype=np.float32)
    painted = paint_style(plain, name, 1.0)
    assert np.array_equal(painted[0], painted[1])  # nothing flickers
    field = pattern(name, 24, 40)
    free = veil(name, 24, 40) < 0.02
    seen = (painted[0] - painted[0][free].mean(axis=0))[free].ravel()
    assert np.corrcoef(seen, field[free].ravel())[0, 1] > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_styles_keep_colours_apart(name):
    two = np.zeros((1, 24, 40, 3), dtype=np.float32)
    two[..., 0] = 200
    blue = np.zeros_like(two)
    blue[..., 2] = 200
    gap = paint_style(two, name, 1.0)[0, 12, 20] - paint_style(blue, name, 1.0)[0, 12, 20]
    assert np.linalg.norm(gap) > 120


def test_patterns_are_shared_and_read_only():
    field = pattern("oil", 24, 40)
    assert field is pattern("oil", 24, 40)
    with pytest.raises(ValueError, match="read-only"):
        field[0, 0] = 1


def test_ink_goes_where_colours_meet():
    step = np.zeros((24, 40, 3), dtype=np.float32)
    step[:, 20:] = 250
    share = edges(step, 1.0)[..., 0]
    assert share[:, 18:22].max() > 0.9
    assert share[:, :15].max() == 0


def test_a_painted_picture_averages_to_the_smaller():
    truth = Truth(things=(Thing(shape="square", colour="blue"),), background="cream", style="oil")
    small = render(Scene(truth=truth), 24, 40, n_frames=1).astype(float)
    large = render(Scene(truth=truth), 96, 160, n_frames=1).astype(float)
    averaged = large.reshape(1, 24, 4, 40, 4, 3).mean(axis=(2, 4))
    assert np.abs(averaged - small).mean() < 6
