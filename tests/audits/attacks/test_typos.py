"""Typos: one slip a word, its ends kept, short words and marked scripts left alone."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from audits.attacks.typos import Typos

WORD = st.text("abcdefghijklmnopqrstuvwxyzéñжλ", min_size=4, max_size=12)


@given(words=st.lists(WORD, min_size=1, max_size=8), seed=st.integers(0, 2**30))
def test_people_read_on(words, seed):
    made = Typos(share=1)(" ".join(words), seed).split()
    assert len(made) == len(words)
    for before, after in zip(words, made, strict=True):
        assert (before[0], before[-1]) == (after[0], after[-1])
        assert abs(len(before) - len(after)) <= 1
        assert (Counter(before) - Counter(after)).total() <= 1
        assert set(after) <= set(before)


def test_short_words_numbers_and_marked_scripts_stay():
    assert Typos(share=1)("the cat 123456 हिन्दी", 0) == "the cat 123456 हिन्दी"


def test_all_three_slips_happen():
    lengths = {len(Typos(share=1)("violent", seed)) for seed in range(30)}
    assert lengths == {6, 7, 8}
