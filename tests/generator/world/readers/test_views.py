import numpy as np
import pytest

from generator.world.grammar import ROUND, SHAPES, SOLIDS
from generator.world.readers.views import (
    REST,
    SPIN,
    STEPS,
    TURN,
    VIEWS,
    bank,
    moments,
    patches,
    weights,
)


def test_the_catalogue_holds_every_shape_and_way_of_turning():
    for k, name in enumerate(SHAPES):
        modes = VIEWS.mode_V[k == VIEWS.shape_V]
        assert (modes == REST).any()
        assert (modes == SPIN).sum() == (0 if name in ROUND else STEPS)
        assert (modes == TURN).sum() == (STEPS if name in SOLIDS else 0)


def test_a_bank_has_unit_patches_and_each_rest_is_most_like_itself():
    views = bank("red", "grey", 0.05)
    assert np.allclose(np.linalg.norm(views.patch_VD.astype(float), axis=1), 1, atol=2e-3)
    rest = [
        int(np.flatnonzero((k == VIEWS.shape_V) & (VIEWS.mode_V == REST))[0])
        for k in range(len(SHAPES))
    ]
    alike = views.patch_VD[rest].astype(float) @ views.patch_VD[rest].astype(float).T
    assert np.fill_diagonal(alike, 0) is None
    assert alike.max() < 0.985


def test_the_spread_of_a_disc_is_its_radius_over_root_two():
    views = bank("red", "grey", 0.05)
    disc = int(np.flatnonzero(VIEWS.shape_V == SHAPES.index("disc"))[0])
    assert views.spread_V[disc] == pytest.approx(0.95 / np.sqrt(2), rel=0.03)
    assert np.abs(views.centre_V2[disc]).max() < 0.01


def test_moments_of_a_block():
    weight = np.zeros((1, 10, 20), dtype=np.float32)
    weight[0, 2:5, 6:13] = 1
    at = moments(weight)
    assert (at.x_T[0], at.y_T[0], at.mass_T[0]) == (9.0, 3.0, 21.0)
    assert at.spread_T[0] == pytest.approx(np.sqrt((49 - 1) / 12 + (9 - 1) / 12))


def test_patches_do_not_change_with_place_and_scale():
    def disc(x, y, radius):
        rows, columns = np.indices((60, 90))
        soft = np.clip(radius - np.hypot(columns - x, rows - y) + 0.5, 0, 1)
        return np.repeat(soft[None, ..., None], 3, axis=-1).astype(np.float32) * 100

    way = np.full(3, 100.0)
    small, large = disc(20, 15, 8), disc(50, 30, 19)
    first, second = (patches(a, moments(weights(a, way)))[0] for a in (small, large))
    assert first @ second > 0.97
