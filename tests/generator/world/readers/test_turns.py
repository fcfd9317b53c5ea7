import numpy as np
import pytest

from generator.world.grammar import SHAPES, Scene, Thing, Truth
from generator.world.readers.ground import off_ground
from generator.world.readers.turns import MODES, bank_for, fit_paths
from generator.world.render import render
from generator.world.tracks import progress


def fitted(shape, motion, size="medium"):
    truth = Truth(
        things=(Thing(shape=shape, colour="blue", size=size),), motion=motion, background="cream"
    )
    frames = render(Scene(truth=truth)).astype(np.float32)
    views, way = bank_for("blue", "cream", "flat", 1.0)
    return fit_paths(off_ground(frames, "cream"), views, way, progress(np.arange(16) / 3), 1.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_rest_and_radius(shape):
    fit = fitted(shape, "still")
    assert fit.shape == shape
    assert MODES[fit.mode] == "none"
    assert np.allclose(fit.radius_T, 6.0, atol=0.35)
    assert np.allclose(fit.x_T, 19.5, atol=0.3)
    assert np.allclose(fit.y_T, 11.5, atol=0.3)


@pytest.mark.parametrize(
    ("shape", "motion"), [("star", "spin"), ("ball", "turn"), ("cube", "turn"), ("teddy", "spin")]
)
def test_turning_is_told_from_rest(shape, motion):
    fit = fitted(shape, motion, "small")
    assert fit.shape == shape
    assert MODES[fit.mode] == motion


def test_nothing_has_no_path():
    views, way = bank_for("blue", "cream", "flat", 1.0)
    nothing = np.zeros((4, 24, 40, 3), dtype=np.float32)
    assert fit_paths(nothing, views, way, np.linspace(0, 1, 4), 1.0) is None
