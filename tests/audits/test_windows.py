"""Long texts in windows: every word is in one, none is longer than it may be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits._windows import MAX_CHARACTERS, windows
from support.classifiers import WORDS, save_vocabulary


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    from transformers import BertTokenizer

    return BertTokenizer.from_pretrained(save_vocabulary(tmp_path_factory.mktemp("words")))


def test_a_text_that_fits_stays_whole(tokenizer):
    assert windows(tokenizer, "", 8) == [""]
    assert windows(tokenizer, "a red ball", 8) == ["a red ball"]


def test_windows_overlap_by_an_eighth(tokenizer):
    text = " ".join(["red", "blue"] * 10)
    made = windows(tokenizer, text, 8)
    assert [len(piece.split()) for piece in made] == [8, 8, 6]
    assert made[0].split()[-1:] == made[1].split()[:1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([w for w in WORDS if w.isalpha()]), min_size=1, max_size=120))
def test_every_word_is_read_in_order(tokenizer, words):
    made = [piece.split() for piece in windows(tokenizer, " ".join(words), 16)]
    assert all(len(piece) <= 16 for piece in made)
    seen = list(made[0])
    for piece in made[1:]:
        seen += piece[2:]
    assert seen == words


def test_a_text_without_end_is_refused(tokenizer):
    with pytest.raises(ValueError, match="characters; legal: 200000"):
        windows(tokenizer, "a" * (MAX_CHARACTERS + 1), 8)
