"""A user's function as a filter: what counts as a score, and what is an error."""

import math

import numpy as np
import pytest

from audits._callables import as_score, load_function, parts_of
from audits._filter_parts import FilterFailed
from bench.errors import UsageError


@pytest.mark.parametrize(
    ("given", "score"),
    [
        (0.25, (0.25, "")),
        (1, (1.0, "")),
        (True, (1.0, "")),
        (False, (0.0, "")),
        (np.float32(0.5), (0.5, "")),
        ((0.75, "why"), (0.75, "why")),
    ],
)
def test_numbers_truths_and_pairs_are_scores(given, score):
    assert as_score(given) == score


@pytest.mark.parametrize("given", [None, math.nan, 1.5, -0.1, "0.5", [], (0.5,), (None, "why")])
def test_everything_else_is_no_decision(given):
    with pytest.raises(FilterFailed, match="legal: a score from 0 to 1"):
        as_score(given)


def test_a_function_is_found_by_its_name_and_known_by_its_source():
    name = "support.odd_filters:half"
    assert load_function("prompt_filter", name)("x") == 0.5
    assert len(parts_of("prompt_filter", name)) == 16


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("half", "the function has no module"),
        ("support.odd_filters:NO_FUNCTION", "cannot be called; seen: int"),
        ("support.odd_filters:absent", "cannot load"),
    ],
)
def test_what_is_no_function_is_refused(name, message):
    with pytest.raises(UsageError, match=message):
        load_function("prompt_filter", name)
