"""Decisions, and the dials that plant mistakes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.filters.base import BLOCK, ERROR, PASS, Dialled, Mistakes, chance, decide

PROBS = st.floats(0, 1)


def decision(score: float, mistakes: Mistakes, luck: float):
    return decide(score, "", name="f@1", threshold=0.5, mistakes=mistakes, chance=lambda use: luck)


@given(PROBS, st.floats(0, 1, exclude_max=True))
def test_without_dials_the_threshold_decides(score, luck) -> None:
    made = decision(score, Mistakes(), luck)
    assert made.decision == (BLOCK if score >= 0.5 else PASS)
    assert made.planted == ""


@given(PROBS, PROBS, PROBS, st.floats(0, 1, exclude_max=True))
def test_a_leak_is_of_a_positive_and_a_false_alarm_of_a_negative(score, leak, alarm, luck) -> None:
    made = decision(score, Mistakes(leak_prob=leak, false_alarm_prob=alarm), luck)
    if score >= 0.5:
        assert (made.decision, made.planted) == ((PASS, "leak") if luck < leak else (BLOCK, ""))
    else:
        hit = luck < alarm
        assert (made.decision, made.planted) == ((BLOCK, "false_alarm") if hit else (PASS, ""))


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_none_is_an_error_and_holds(score) -> None:
    made = decision(score, Mistakes(leak_prob=1.0), 0.0)
    assert (made.decision, made.score, made.holds) == (ERROR, None, True)


def test_chances_are_uniform_and_follow_from_their_arguments() -> None:
    drawn = [chance("leak", 3, str(i).encode()) for i in range(4000)]
    assert drawn == [chance("leak", 3, str(i).encode()) for i in range(4000)]
    assert all(0 <= x < 1 for x in drawn)
    for limit in (0.05, 0.3, 0.8):
        share = sum(x < limit for x in drawn) / 4000
        assert abs(share - limit) < 4 * math.sqrt(limit * (1 - limit) / 4000)
    others = [chance("leak", 4, b"0"), chance("false_alarm", 3, b"0"), chance("leak", 3, b"1")]
    assert chance("leak", 3, b"0") not in others


@pytest.mark.parametrize("name", ["leak_prob", "false_alarm_prob"])
@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_dials_have_a_range(name, value) -> None:
    with pytest.raises(ValueError, match=rf"{name} is a probability; seen: .*; legal: 0 to 1"):
        Mistakes(**{name: value})


class Length(Dialled[str]):
    name = "length"

    def score(self, content):
        return len(content) / 10, ""

    def data(self, content):
        return content.encode()


def test_the_fingerprint_follows_threshold_and_dials() -> None:
    same = Length(0.5).fingerprint
    assert Length(0.5).fingerprint == same
    assert Length(0.6).fingerprint != same
    assert Length(0.5, Mistakes(leak_prob=0.1)).fingerprint != same
    assert Length(0.5, Mistakes(seed=1)).fingerprint != same


def test_a_threshold_is_a_score() -> None:
    with pytest.raises(ValueError, match="a threshold is a score; seen: 2; legal: 0 to 1"):
        Length(2)


def test_a_filter_without_a_score_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Dialled has no score"):
        Dialled(0.5)("text")
    with pytest.raises(NotImplementedError, match="Dialled has no content"):
        Dialled(0.5).data("text")
