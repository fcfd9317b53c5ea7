"""Hours and disk from a pilot of models that cost next to nothing."""

import pytest

from bench.errors import UsageError
from bench.pilot import estimate

pytestmark = pytest.mark.usefixtures("private_cache")


def test_a_pilot_tells_what_the_suite_would_cost():
    cost = estimate("smoke", "phantom", n_seeds=5, metrics=("sharpness", "fvd"), n_pilot=3)
    assert (cost.n_videos, cost.n_pilot) == (60, 3)
    low, mean, high = cost.hours()
    assert 0 < cost.once_s / 3600 <= low <= mean <= high
    expected = (cost.once_s + 60 * (cost.make_s[1] + cost.read_s[1])) / 3600
    assert mean == pytest.approx(expected)
    assert cost.disk_bytes() == 60 * (cost.videos_bytes + cost.features_bytes)
    assert min(cost.videos_bytes, cost.features_bytes) > 100
    assert "a pilot of 3 videos on one worker" in cost.basis
    assert "needs a reference set" in cost.left_out["fvd"]


def test_videos_of_the_same_bytes_are_read_once():
    assert estimate("smoke", "constant", metrics=("sharpness",)).read_s == (0.0, 0.0, 0.0)


def test_a_pilot_of_too_few_is_refused():
    with pytest.raises(UsageError, match="too few videos for a pilot; seen: 2; legal: 3 or more"):
        estimate("smoke", "constant", n_pilot=2)
