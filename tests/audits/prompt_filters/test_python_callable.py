"""A Python function as a prompt filter."""

import pytest

from audits.prompt_filters.python_callable import PythonCallable
from bench import registry
from bench.errors import UsageError
from bench.testing import check_prompt_filter
from generator.filters.base import BLOCK, ERROR, PASS


def made(function, **options):
    return PythonCallable(function=f"support.odd_filters:{function}", **options)


def test_it_conforms():
    check_prompt_filter(made("longer"), ["short", "a longer text"])


def test_true_blocks_and_the_reason_is_kept():
    assert made("longer")("short").decision == PASS
    blocked = made("longer")("a longer text")
    assert (blocked.decision, blocked.reason) == (BLOCK, "by its length")


@pytest.mark.parametrize("function", ["nothing", "not_a_number", "too_much"])
def test_what_is_no_score_is_an_error_and_never_a_pass(function):
    decision = made(function)("x")
    assert (decision.decision, decision.score) == (ERROR, None)
    assert "legal: a score from 0 to 1" in decision.reason


def test_the_spec_names_the_function_and_another_is_another_filter():
    spec = "python_callable:function=support.odd_filters:half,threshold=0.6"
    assert registry.build("prompt_filter", spec)("x").decision == PASS
    assert made("half").model_id != made("longer").model_id


def test_without_a_module_it_is_refused():
    with pytest.raises(
        UsageError, match=r"the function has no module.*legal: package\.module:name"
    ):
        PythonCallable(function="half")
