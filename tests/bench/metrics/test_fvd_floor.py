"""The reference's own floor: of independent halves, of the reference alone."""

import numpy as np
import pytest

from bench.metrics._frechet import frechet_distance
from bench.metrics.fvd_floor import FvdFloor
from bench.testing import check_metric
from support.i3d import clip_of_logits, golden_logits


def test_conforms():
    check_metric(FvdFloor(), clip_of_logits(golden_logits()[0][0]))


def test_it_is_the_distance_of_independent_halves():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(160, 12))
    found = FvdFloor().value(y, y)
    apart = [frechet_distance(*rng.normal(size=(2, 80, 12))) for _ in range(60)]
    assert found["mean"] == pytest.approx(np.mean(apart), rel=0.15)
    assert found["most"] >= found["mean"]


def test_the_candidate_does_not_matter_and_more_videos_lower_it():
    rng = np.random.default_rng(1)
    y = rng.normal(size=(200, 6))
    assert FvdFloor().value(y[:3], y) == FvdFloor().value(y + 9, y)
    steps = [FvdFloor().value(y, y[:m])["mean"] for m in (20, 60, 200)]
    assert steps == sorted(steps, reverse=True)


def test_it_has_no_interval_and_says_at_which_size_it_is():
    y = np.random.default_rng(2).normal(size=(9, 3))
    settings = {"confidence": 0.95, "n_resamples": 100, "seed": 0}
    assert FvdFloor().interval(y, y, x_clusters="a" * 9, y_clusters="b" * 9, **settings) == {}
    assert FvdFloor().notes(64, 65)[0].startswith("halves of 32 reference videos")
    assert FvdFloor().min_videos == 32
