"""A Python function as a frame filter."""

import numpy as np
import pytest

from audits.frame_filters.python_callable import PythonCallable
from bench.testing import check_frame_filter
from generator.filters.base import BLOCK, ERROR
from support.clips import moving


def made(function):
    return PythonCallable(function=f"support.odd_filters:{function}")


def test_it_conforms():
    check_frame_filter(made("half"), moving(4, 8, 8))


def test_it_may_look_at_the_whole_clip_and_cannot_change_it():
    frames = moving(12, 8, 8)
    assert made("longer")(frames).decision == BLOCK
    before = frames.copy()
    made("changes")(frames)
    assert np.array_equal(before, frames)


@pytest.mark.parametrize("function", ["nothing", "not_a_number", "too_much"])
def test_what_is_no_score_is_an_error_and_never_a_pass(function):
    assert made(function)(moving(2, 8, 8)).decision == ERROR
