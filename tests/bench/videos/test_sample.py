import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import TooFewFrames, UsageError
from bench.videos.sample import Sampling, parse_sampling

SHA = "ab" * 32
RULES = st.one_of(
    st.just("all"),
    st.integers(1, 60).map("uniform:{}".format),
    st.integers(1, 60).map("window:{}@3".format),
    st.sampled_from(["fps:1", "fps:8", "fps:23.976", "fps:60"]),
)


def pick(text, n_frames, fps=24.0, sha256=SHA):
    return list(parse_sampling(text).indices(n_frames, fps, sha256))


@pytest.mark.parametrize(
    ("text", "n_frames", "expected"),
    [
        ("all", 4, [0, 1, 2, 3]),
        ("uniform:1", 9, [4]),
        ("uniform:4", 8, [1, 3, 5, 7]),
        ("uniform:3", 10, [1, 5, 8]),
        ("uniform:8", 3, [0, 1, 2]),
        ("fps:8", 9, [0, 3, 6]),
        ("fps:12", 5, [0, 2, 4]),
        ("fps:48", 4, [0, 1, 2, 3]),
        ("fps:10", 10, [0, 2, 4, 7, 9]),
        ("window:3", 3, [0, 1, 2]),
    ],
)
def test_picks_worked_out_by_hand(text, n_frames, expected):
    assert pick(text, n_frames) == expected


def test_no_frames_no_picks():
    assert pick("all", 0) == pick("uniform:4", 0) == pick("fps:8", 0) == []


@given(rule=RULES, n_frames=st.integers(60, 400), fps=st.sampled_from([1.0, 23.976, 30.0, 60.0]))
def test_picks_are_ascending_frames_of_the_video_without_repeats(rule, n_frames, fps):
    picks = pick(rule, n_frames, fps)
    assert picks == sorted(set(picks))
    assert picks
    assert picks[0] >= 0
    assert picks[-1] < n_frames


@given(n_frames=st.integers(1, 500), n=st.integers(1, 40))
def test_uniform_picks_as_many_as_it_can_and_spreads_them(n_frames, n):
    picks = pick(f"uniform:{n}", n_frames)
    assert len(picks) == min(n, n_frames)
    gaps = [b - a for a, b in itertools.pairwise(picks)]
    assert not gaps or max(gaps) - min(gaps) <= 1


@given(rule=RULES)
def test_a_rule_reads_back_what_it_writes(rule):
    sampling = parse_sampling(rule)
    assert parse_sampling(str(sampling)) == sampling


def test_a_window_is_the_same_for_the_same_bytes_and_seed_only():
    base = pick("window:16@0", 1000)
    assert pick("window:16@0", 1000) == base
    assert pick("window:16", 1000) == base
    assert pick("window:16@1", 1000) != base
    assert pick("window:16@0", 1000, sha256="cd" * 32) != base
    assert base == list(range(base[0], base[0] + 16))


def test_windows_of_many_videos_start_everywhere():
    starts = {pick("window:4", 12, sha256=f"{i:064x}")[0] for i in range(200)}
    assert starts == set(range(9))


def test_a_window_that_does_not_fit_says_what_it_needs():
    with pytest.raises(TooFewFrames, match="16 consecutive frames are needed; seen: 15 frames"):
        pick("window:16", 15)


def test_sampling_by_rate_needs_a_rate():
    with pytest.raises(TooFewFrames, match="states its frame rate; seen: 0"):
        pick("fps:8", 10, fps=0.0)


@pytest.mark.parametrize(
    "text",
    ["", "every", "all:3", "uniform", "uniform:0", "uniform:-1", "uniform:2@1", "uniform:x",
     "window:", "window:0", "window:4@x", "fps:0", "fps:-1", "fps:nan", "fps:inf", "fps:fast"],
)  # fmt: skip
def test_what_is_no_rule_is_an_error_that_shows_the_rules(text):
    with pytest.raises(
        UsageError, match="uniform:N, window:N, window:N@SEED or fps:RATE"
    ) as caught:
        parse_sampling(text)
    assert f"seen: {text};" in str(caught.value)


def test_the_default_is_every_frame():
    assert Sampling() == parse_sampling("all")
    assert str(Sampling()) == "all"
