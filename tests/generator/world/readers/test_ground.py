import numpy as np
import pytest

from generator.world.grammar import STYLES
from generator.world.palette import BACKGROUNDS
from generator.world.readers.ground import (
    clear_share,
    fit_ground,
    ground_share,
    nearest_tone,
    off_ground,
    painted,
    unpainted,
)
from generator.world.styles import paint_style

SIZE = (24, 40)


@pytest.mark.parametrize("style", [s for s in STYLES if s != "flat"])
def test_painting_a_plain_colour_is_what_the_filter_does(style):
    colour = np.array([180.0, 90.0, 60.0], dtype=np.float32)
    canvas = np.broadcast_to(colour, (1, *SIZE, 3)).copy()
    filtered = np.clip(paint_style(canvas, style, 1.0)[0], 0, 255)
    assert np.abs(painted(colour, style, SIZE) - filtered).max() < 1e-2


@pytest.mark.parametrize("style", STYLES)
def test_unpainting_undoes_painting(style):
    colour = np.array([180.0, 120.0, 90.0], dtype=np.float32)
    frames = painted(colour, style, SIZE)[None]
    clear = clear_share(style, SIZE)[..., 0] > 0.99
    assert np.abs(unpainted(frames, style)[0][clear] - colour).max() < 30
    assert np.abs(unpainted(frames, style)[0][clear] - colour).mean() < 4


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("style", STYLES)
def test_an_empty_picture_tells_its_style_and_ground(style, background):
    ground = BACKGROUNDS[background]
    rng = np.random.default_rng(3)
    share = (rng.random((2, *SIZE, 1)) > 0.5).astype(np.float32)
    low, high = (np.array(c, dtype=np.float32) for c in (ground.low, ground.high))
    flat = low + share * (high - low)
    frames = flat
    if style != "flat":
        mapped = [painted(c, style, SIZE) for c in (low, high)]
        frames = mapped[0] + share * (mapped[1] - mapped[0])
    fit = fit_ground(frames)
    assert (fit.style, fit.background) == (style, background)
    assert fit.explained > 0.95


def test_differences_from_a_ground():
    low = np.array(BACKGROUNDS["sky"].low, dtype=np.float32)
    high = np.array(BACKGROUNDS["sky"].high, dtype=np.float32)
    middle = ((low + high) / 2)[None, None, None]
    assert np.abs(off_ground(middle, "sky")).max() < 1e-3
    assert ground_share(middle, "sky").item() == pytest.approx(0.5)
    assert np.allclose(nearest_tone(high + 3, "sky"), high)
    assert off_ground(np.full((1, 1, 1, 3), 26.0), "black").tolist() == [[[[10, 10, 8]]]]


def test_noise_is_explained_by_nothing():
    noise = np.random.default_rng(0).uniform(0, 255, (2, *SIZE, 3)).astype(np.float32)
    assert fit_ground(noise).explained < 0.2
