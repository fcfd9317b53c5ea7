"""How likely a short event is missed, against published and hand-made numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits._bursts import planned_miss, random_miss, stride
from bench.errors import UsageError


@pytest.mark.parametrize(
    ("n", "k", "m", "expected"),
    [
        (48, 4, 5, 0.634),
        (48, 4, 16, 0.185),
        (120, 6, 5, 0.770),
        (120, 6, 16, 0.415),
        (120, 6, 32, 0.148),
        (240, 12, 5, 0.772),
        (240, 12, 16, 0.428),
        (120, 12, 5, 0.58),
    ],
)
def test_frames_drawn_at_random(n, k, m, expected):
    assert random_miss(n, k, m) == pytest.approx(expected, abs=5e-3 if k == 12 else 5e-4)


def test_random_frames_miss_as_often_when_drawn():
    rng = np.random.default_rng(3)
    missed = [not set(rng.choice(48, 5, replace=False)) & {10, 11, 12, 13} for _ in range(4000)]
    assert np.mean(missed) == pytest.approx(random_miss(48, 4, 5), abs=0.03)


@given(st.integers(1, 60), st.integers(1, 20))
def test_an_event_as_long_as_the_stride_is_never_missed(n_frames, every):
    looked_at = range(0, n_frames, every)
    shortest = stride(looked_at, n_frames)
    if shortest <= n_frames:
        assert planned_miss(n_frames, shortest, looked_at) == 0
    if 1 < shortest <= n_frames:
        assert planned_miss(n_frames, shortest - 1, looked_at) > 0


def test_two_hits_are_harder_than_one():
    looked_at = range(0, 16, 2)
    assert planned_miss(16, 2, looked_at) == 0
    # only an event of three frames can hold two of every other frame, from an even start
    assert planned_miss(16, 3, looked_at, hits=2) == pytest.approx(7 / 14)
    assert planned_miss(16, 16, looked_at, hits=9) == 1


def test_impossible_events_and_plans():
    with pytest.raises(UsageError, match="impossible event"):
        random_miss(4, 5, 1)
    with pytest.raises(UsageError, match="impossible number of frames"):
        random_miss(4, 1, 5)
    with pytest.raises(UsageError, match="impossible event"):
        planned_miss(4, 0, [1])
    with pytest.raises(UsageError, match="no frame is looked at"):
        stride([], 4)
