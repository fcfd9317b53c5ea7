"""Splitting: pieces that make the text again, quotes and all."""

import pytest

from audits.attacks.splitting import Splitting
from bench.errors import UsageError


def test_as_many_pieces_as_told():
    made = Splitting(pieces=4)("a violent fight", 2)
    assert made.count(" = ") == 4
    assert "a + b + c + d" in made


def test_quotes_in_the_text_are_no_end_of_a_piece():
    text = 'say "a = \\"b\\"" twice'
    assert Splitting().undo(Splitting()(text, 1)) == text


@pytest.mark.parametrize("n", ["1", "10", "few"])
def test_impossible_numbers(n):
    with pytest.raises(UsageError, match="impossible number of pieces"):
        Splitting(pieces=n)
