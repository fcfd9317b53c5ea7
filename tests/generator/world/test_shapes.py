import numpy as np
import pytest

from generator.world.shapes import (
    FLAT,
    Look,
    box,
    circle,
    cover,
    flat_painter,
    polygon,
    segment,
    turned,
)

AT = np.linspace(-1.5, 1.5, 601)
X, Y = np.meshgrid(AT, AT)
CELL = (AT[1] - AT[0]) ** 2
AREAS = {
    "disc": np.pi * 0.95**2,
    "square": (2 * 0.84) ** 2,
    "triangle": 0.5 * 2.1 * 1.82,
    "ring": np.pi * (1.0**2 - 0.48**2),
    "cross": 2 * 2 * 0.66 - 0.66**2,
    "heart": (2 * 0.62) ** 2 + np.pi * 0.62**2,
    "star": 10 * 0.5 * 1.2 * 0.58 * np.sin(np.pi / 5),
}


@pytest.mark.parametrize("name", FLAT)
def test_areas_are_those_of_geometry(name):
    area = (FLAT[name](X, Y) < 0).sum() * CELL
    assert area == pytest.approx(AREAS[name], rel=0.02)


@pytest.mark.parametrize("name", FLAT)
def test_coverage_keeps_the_area_at_any_pixel_size(name):
    for side in (24, 75):
        at = ((np.arange(side) + 0.5) / side * 2 - 1) * 1.5
        x, y = np.meshgrid(at, at)
        px = np.array(3.0 / side)
        assert cover(FLAT[name](x, y), px).sum() * px**2 == pytest.approx(AREAS[name], rel=0.06)


def test_distances_of_primitives():
    assert circle(np.array(3.0), np.array(4.0), 2.0) == 3.0
    assert box(np.array(2.0), np.array(0.0), 1.0, 1.0) == 1.0
    assert segment(np.array(0.5), np.array(2.0), (0, 0), (1, 0), 0.5) == 1.5
    assert polygon(np.array(0.0), np.array(-2.0), [(-1, -1), (1, -1), (1, 1), (-1, 1)]) == 1.0
    with pytest.raises(ValueError, match="a polygon needs corners"):
        polygon(np.array(0.0), np.array(0.0), [])


def test_turning_is_clockwise_as_seen():
    u, v = turned(np.full((1, 1, 1), 0.0), np.full((1, 1, 1), -1.0), np.array([np.pi / 2]))
    assert u.item() == pytest.approx(-1.0)  # what was up now lies where left was drawn
    assert v.item() == pytest.approx(0.0, abs=1e-7)


def test_the_painter_covers_and_colours():
    look = Look(theta=np.zeros(2), yaw=np.zeros(2), rgb=np.full((2, 1, 3), 9.0))
    grid = np.broadcast_to(X, (2, *X.shape))
    alpha, rgb = flat_painter(FLAT["disc"])(
        grid, np.broadcast_to(Y, grid.shape), np.full((2, 1, 1), 0.005), look
    )
    assert alpha.shape == grid.shape
    assert rgb.shape == (2, 1, 1, 3)
    assert set(np.unique(alpha[:, 300, 300])) == {1.0}
