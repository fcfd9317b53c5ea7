"""Which trials should have a number and have none, and what they count as."""

import math

import pytest

from bench.gates.policy import parse_policy
from bench.gates.undecided import (
    counted_as,
    decided_rows,
    remarks,
    stand_in,
    too_many_errors,
    undecided_rows,
)
from bench.metrics.base import Column
from bench.types import Status


def row(trial, status, prompt="p", value=math.nan):
    return {"trial_id": trial, "status": status, "prompt_id": prompt, "value": value}


def line(text="max = 0.5"):
    return parse_policy(f'[[line]]\nmetric = "m"\n{text}').lines[0]


def column(low, high):
    return Column(name="c", unit="1", low=low, high=high, higher_is_better=True, summary="c")


def test_a_missing_video_of_a_prompt_that_does_not_state_it_is_not_undecided():
    rows = [
        row("a", Status.MISSING, "states"),
        row("b", Status.OK, "states"),
        row("c", Status.MISSING, "does not"),
        row("d", Status.UNAVAILABLE, "does not"),
        row("e", Status.ERROR, "nobody knows"),
        row("f", Status.VETOED, None),
        row("g", Status.SUPPRESSED, "states"),
    ]
    assert [r["trial_id"] for r in undecided_rows(rows)] == ["a", "e", "f"]


def test_with_vetoed_they_have_their_number():
    (kept,) = decided_rows([row("a", Status.VETOED)], "kept")
    (counted,) = decided_rows([row("a", Status.VETOED)], "with vetoed")
    assert (kept["status"], counted["status"]) == (Status.VETOED, Status.OK)


def test_they_count_as_one_number():
    rows = [row("a", Status.MISSING), row("b", Status.OK, value=1.0)]
    made = counted_as(rows, rows[:1], 0.0)
    assert [(r["status"], r["value"]) for r in made] == [(Status.OK, 0.0), (Status.OK, 1.0)]


@pytest.mark.parametrize(
    ("text", "low", "high", "expected"),
    [
        ("max = 0.5", 0, 1, 1.0),
        ("min = 0.5", 0, math.inf, 0.0),
        ("max = 0.5\nundecided = 7", 0, math.inf, 7.0),
        ('max = 0.5\nundecided = "left_out"', 0, 1, None),
    ],
)
def test_what_they_count_as(text, low, high, expected):
    assert stand_in(line(text), column(low, high), 2) == (expected, "")


def test_without_an_end_on_the_bad_side_nothing_stands_for_them():
    value, why = stand_in(line(), column(0, math.inf), 2)
    assert value is None
    assert "2 videos have no number, and it has no worst: say undecided = NUMBER" in why
    assert stand_in(line(), column(0, math.inf), 0) == (None, "")


def test_the_cap_is_on_errors_among_all_trials():
    assert too_many_errors(line(), {"ok": 95, "error": 5}) == ""
    assert "6 of 100 trials" in too_many_errors(line(), {"ok": 90, "error": 6, "missing": 4})


def test_what_was_done_is_said():
    rows = [row("a", Status.MISSING)]
    assert list(remarks(line(), rows, 1.0, None)) == [
        "1 without a number count as 1 towards a PASS"
    ]
    left_out = line('max = 1\nundecided = "left_out"')
    assert "left out, as the policy says" in next(remarks(left_out, rows, None, "paired"))
