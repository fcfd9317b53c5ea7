"""Frame filters: which frames are looked at, how scores are put together, which events can hide."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.frame_filters.base import (
    ClipFilter,
    Rule,
    check_frames,
    load_filter,
    parse_plan,
    parse_rule,
    shortest_event,
)
from bench import registry
from bench.errors import UsageError
from bench.testing import check_frame_filter
from generator.filters.base import BLOCK, ERROR, PASS
from support.clips import moving


class Brightness(ClipFilter):
    """The mean of a frame: a clip of one value a frame has known scores."""

    name = "brightness"

    def frame_scores(self, frames_THWC):
        return frames_THWC.mean(axis=(1, 2, 3)) / 255


def lit(n_frames, bright):
    clip = np.zeros((n_frames, 8, 8, 3), np.uint8)
    clip[list(bright)] = 255
    return clip


def test_it_conforms():
    check_frame_filter(Brightness(threshold=0.5), moving(10, 24, 40))


@pytest.mark.parametrize(
    ("plan", "indices"),
    [
        ("all", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("stride:4", [0, 4, 8]),
        ("uniform:2", [2, 7]),
        ("uniform:50", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("stride:50", [0]),
    ],
)
def test_plans(plan, indices):
    assert list(parse_plan(plan).indices(10)) == indices
    assert str(parse_plan(plan)) == plan


@pytest.mark.parametrize(
    ("rule", "score"),
    [("max", 0.9), ("top:2", 0.8), ("top:9", 0.46), ("run:1", 0.9), ("run:2", 0.3), ("run:5", 0.1)],
)
def test_rules(rule, score):
    scores_T = np.array([0.1, 0.9, 0.3, 0.7, 0.3])
    assert parse_rule(rule).score(scores_T) == pytest.approx(score)
    assert str(parse_rule(rule)) == rule


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 12))
def test_no_rule_is_above_the_highest_frame_and_a_longer_run_is_never_higher(scores, k):
    scores_T = np.array(scores)
    runs = [Rule(kind="run", k=length).score(scores_T) for length in range(1, k + 1)]
    assert runs == sorted(runs, reverse=True)
    assert scores_T.min() <= runs[-1] <= Rule(kind="max").score(scores_T) == scores_T.max()
    assert runs[-1] <= Rule(kind="top", k=k).score(scores_T) + 1e-12 <= scores_T.max() + 2e-12


@given(st.integers(1, 14), st.sets(st.integers(0, 13), min_size=1), st.integers(1, 4))
def test_the_shortest_event_is_the_shortest_that_no_place_hides(n_frames, looked_at, hits):
    looked_at = sorted(i for i in looked_at if i < n_frames)

    def always_seen(length):
        starts = range(n_frames - length + 1)
        return all(sum(a <= i < a + length for i in looked_at) >= hits for a in starts)

    lengths = [length for length in range(1, n_frames + 1) if always_seen(length)]
    assert shortest_event(looked_at, n_frames, hits) == (lengths[0] if lengths else None)


@pytest.mark.parametrize(
    ("plan", "rule", "threshold"),
    [
        ("stride:4", "max", 0.5),
        ("uniform:5", "run:2", 0.8),
        ("stride:3", "top:3", 0.6),
        ("all", "run:3", 0.5),
        ("stride:2", "top:2", 0.5),
    ],
)
def test_an_event_of_that_length_is_blocked_wherever_it_is_and_a_shorter_one_can_hide(
    plan, rule, threshold
):
    screen = Brightness(threshold=threshold, frames=plan, rule=rule)
    length = screen.shortest_event(20)
    places = [range(at, at + length) for at in range(20 - length + 1)]
    assert all(screen(lit(20, place)).decision == BLOCK for place in places)
    shorter = [range(at, at + length - 1) for at in range(20 - length + 2)]
    assert any(screen(lit(20, place)).decision == PASS for place in shorter)


def test_the_reason_says_what_was_seen_and_what_cannot_be_missed():
    reason = Brightness(threshold=0.5, frames="stride:4")(lit(20, [8])).reason
    assert reason == (
        "1 of 5 frames; highest 1.000 at frame 8; events of 4 frames cannot be missed"
    )


def test_a_short_clip_is_judged_by_the_frames_it_has():
    screen = Brightness(threshold=0.5, rule="run:3")
    assert screen(lit(1, [0])).decision == BLOCK
    assert screen(lit(2, [0])).decision == PASS


@pytest.mark.parametrize("scores", [[0.1], [0.1, float("nan")], [0.1, 0.2, 0.3]])
def test_scores_that_are_none_are_an_error(scores):
    class Odd(Brightness):
        def frame_scores(self, frames_THWC):
            return np.array(scores)

    decision = Odd(threshold=0.5)(lit(2, []))
    assert decision.decision == ERROR
    assert decision.reason.startswith("2 frames gave scores of shape ")


@pytest.mark.parametrize("shape", [(0, 4, 4, 3), (4, 4, 3), (2, 4, 4, 4), (2, 0, 4, 3)])
def test_what_is_no_clip_is_an_error(shape):
    assert Brightness(threshold=0.5)(np.zeros(shape, np.uint8)).decision == ERROR


def test_what_is_no_clip_is_named():
    with pytest.raises(Exception, match=r"not a clip: \(1, 2, 2, 3\) float64; legal: "):
        check_frames(np.zeros((1, 2, 2, 3)))


def test_plan_and_rule_are_part_of_the_filter_but_not_of_its_model():
    made = [
        Brightness(threshold=0.5, frames=frames, rule=rule)
        for frames, rule in itertools.product(("all", "stride:2"), ("max", "run:2"))
    ]
    assert len({screen.fingerprint for screen in made}) == 4
    assert len({screen.model_id for screen in made}) == 1


@pytest.mark.parametrize("text", ["", "every", "uniform:0", "stride:x", "all:3", "window:4"])
def test_a_plan_that_cannot_be_is_refused(text):
    with pytest.raises(UsageError, match="frames"):
        parse_plan(text)


@pytest.mark.parametrize("text", ["", "mean", "top:0", "run:x", "max:2"])
def test_a_rule_that_cannot_be_is_refused(text):
    with pytest.raises(UsageError, match="rule"):
        parse_rule(text)


def test_a_filter_is_found_by_its_spec_and_never_raises():
    look = load_filter("python_callable:function=support.odd_filters:raises", limit_s=60)
    assert look(moving(2, 8, 8)).reason == "RuntimeError: no such model"
    names = {"canary_frames", "clip_zero_shot", "hf_image", "http_frames", "nudenet", "open_nsfw"}
    assert names <= set(registry.names("frame_filter"))
