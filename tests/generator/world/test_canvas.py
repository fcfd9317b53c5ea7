import numpy as np
import pytest

from generator.world import canvas

GRID = np.meshgrid((np.arange(400) + 0.5) / 10 - 20, (np.arange(240) + 0.5) / 10 - 12)


@pytest.mark.parametrize("name", ["granulation", "dots", "strokes", "grain"])
def test_patterns_are_fixed_about_zero_and_of_unit_strength(name):
    field = getattr(canvas, name)
    first, second = field(*GRID), field(*GRID)
    assert first.shape == (240, 400, 3)
    assert np.array_equal(first, second)
    assert abs(first.mean()) < 0.35
    assert 0.3 < first.std() < 1.6


def test_flat_has_no_pattern():
    assert not canvas.no_pattern(*GRID).any()


def test_specks_take_their_colour_from_within_reach():
    way_x, way_y = canvas.speck_way(*GRID)
    assert np.hypot(way_x, way_y).max() <= canvas.SPECK * 1.2


def test_patterns_differ():
    flat = {
        n: getattr(canvas, n)(*GRID).mean(axis=-1).ravel() for n in ("dots", "strokes", "grain")
    }
    assert abs(np.corrcoef(flat["dots"], flat["strokes"])[0, 1]) < 0.1
    assert abs(np.corrcoef(flat["grain"], flat["strokes"])[0, 1]) < 0.1
