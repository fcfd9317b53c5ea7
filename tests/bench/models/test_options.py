"""Options of adapters: text becomes numbers and words, or one line that says what is legal."""

import pytest

from bench.errors import UsageError
from bench.models._options import choice, number, whole


def test_text_and_numbers_are_both_taken():
    assert number("x", "0.5", 0, 1) == number("x", 0.5, 0, 1) == 0.5
    assert whole("x", "4", 1, 9) == whole("x", 4, 1, 9) == 4
    assert choice("x", "a", ("a", "b")) == "a"


@pytest.mark.parametrize("value", ["2", "-0.1", "nan", "inf", "", "one", None])
def test_what_lies_outside_is_refused(value):
    with pytest.raises(UsageError, match=r"the option dose cannot be.*legal: 0 to 1"):
        number("dose", value, 0, 1)


def test_a_part_of_a_whole_and_an_unknown_word_are_refused():
    with pytest.raises(UsageError, match="not a whole number"):
        whole("steps", "2.5", 1, 9)
    with pytest.raises(UsageError, match="seen: c; legal: a, b"):
        choice("x", "c", ("a", "b"))
