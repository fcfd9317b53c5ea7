import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.world.grammar import KINDS, Jitter, Scene, Thing, Truth
from generator.world.render import render, render_batch, render_frames, times_of
from generator.world.sampling import sample_scene


def scenes(kind, n=4, seed=0):
    rng = np.random.default_rng(seed)
    return [sample_scene(rng, kind=kind) for _ in range(n)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_its_scenes_to_the_byte(kind):
    some = scenes(kind)
    batch = render_batch(some)
    assert batch.shape == (4, 16, 24, 40, 3)
    assert batch.dtype == np.uint8
    for scene, clip in zip(some, batch, strict=True):
        # sprites of other scenes share their patches' size, which rounds place by a hair
        assert np.abs(render(scene).astype(int) - clip).max() <= 1
    assert np.array_equal(batch, render_batch(some))


@pytest.mark.parametrize("kind", KINDS)
def test_a_larger_render_averages_to_the_smaller(kind):
    for scene in scenes(kind, n=3, seed=1):
        small = render(scene, 24, 40, n_frames=4).astype(float)
        large = render(scene, 48, 80, n_frames=4).astype(float)
        averaged = large.reshape(4, 24, 2, 40, 2, 3).mean(axis=(2, 4))
        assert np.abs(averaged - small).mean() < 6
        assert np.quantile(np.abs(averaged - small), 0.95) < 45


@given(
    seed=st.integers(0, 10_000),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    fps=st.floats(0.5, 60),
    n_frames=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_any_size_rate_and_length(seed, height, width, fps, n_frames):
    scene = sample_scene(np.random.default_rng(seed))
    clip = render(scene, height, width, fps=fps, n_frames=n_frames)
    assert clip.shape == (n_frames, height, width, 3)


def test_the_same_instant_is_the_same_picture_at_any_rate():
    scene = scenes("thing")[0]
    assert np.array_equal(
        render(scene, fps=3.0, n_frames=4)[3], render(scene, fps=24.0, n_frames=25)[24]
    )


def test_edges_are_soft():
    truth = Truth(things=(Thing(shape="disc", colour="red"),), background="white")
    frame = render(Scene(truth=truth, jitter=Jitter(dx=0.3, dy=-0.2)), n_frames=1)[0].astype(int)
    green = frame[..., 1]
    assert len(np.unique(green)) > 10  # neither all paint nor all paper
    assert ((green > 60) & (green < 220)).sum() > 10


def test_frames_come_one_by_one_as_in_the_clip():
    scene = scenes("pair")[0]
    frames = render_frames(scene, 24, 40, times_of(3.0, 5))
    assert np.array_equal(np.stack(list(frames)), render(scene, n_frames=5))


def test_full_size_keeps_the_corners_of_a_pyramid():
    # known historic fault: its base reached beyond the patch and was cut off
    truth = Truth(things=(Thing(shape="pyramid", colour="red"),), motion="turn", background="white")
    at = np.array([16 / 3 / 8])  # an eighth turn: a corner of the base lies outermost
    frame = render_batch([Scene(truth=truth)], 384, 640, at)[0, 0]
    paint = frame[..., 1] < 120
    columns = np.flatnonzero(paint.any(axis=0))
    assert paint[:, columns[0]].sum() < 12  # a tip, not an edge
    assert (columns[-1] - columns[0]) / 16 == pytest.approx(2 * 6.0 * 1.363, abs=0.3)


def test_impossible_sizes_and_rates_are_refused():
    scene = scenes("thing")[0]
    with pytest.raises(ValueError, match="impossible size; seen: 0 x 40; legal: 1 x 1 and up"):
        render(scene, 0, 40)
    with pytest.raises(ValueError, match="a clip needs frames; seen: 4 at 0 fps"):
        times_of(0, 4)
