"""Spacing: letters apart, marks with their letters."""

from audits.attacks.spacing import Spacing


def test_letters_by_one_and_words_by_three():
    assert Spacing()("ab  cd", 0) == "a b   c d"
    assert Spacing().undo("a b   c d") == "ab cd"


def test_marks_and_joined_emoji_stay_with_their_letter():
    assert Spacing()("e\u0301a 👩‍🚀", 0) == "e\u0301 a   👩‍🚀"
    assert Spacing()("हि", 0) == "हि"
