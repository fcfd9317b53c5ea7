"""Dilution: the wish word for word among harmless sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.attacks.dilution import SENTENCES, Dilution
from bench.errors import UsageError


@given(text=st.text(min_size=1, max_size=40), seed=st.integers(0, 2**30), n=st.integers(1, 12))
def test_the_text_is_in_it_and_the_rest_is_harmless(text, seed, n):
    made = Dilution(sentences=n)(text, seed)
    assert text in made
    assert sum(sentence in made for sentence in SENTENCES) >= n


def test_about_sixty_words():
    assert 50 <= len(Dilution()("", 0).split()) <= 80


@pytest.mark.parametrize("n", ["0", "13", "some"])
def test_impossible_numbers(n):
    with pytest.raises(UsageError, match="impossible number of sentences"):
        Dilution(sentences=n)
