"""The normaliser: disguises come off, other scripts stay what they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits._normalise import LEVELS, normalised
from audits.attacks.base import parse_attack

WISH = "a masked attacker hits a stranger in the dark"


@pytest.mark.parametrize(
    "attack", ["homoglyph", "zero_width", "spacing", "casing", "diacritics", "homoglyph+spacing"]
)
@pytest.mark.parametrize("seed", range(3))
def test_reversible_disguises_of_characters_come_off(attack, seed):
    assert normalised(parse_attack(attack)(WISH, seed)) == WISH


@pytest.mark.parametrize("seed", range(3))
def test_leet_comes_off_words_that_keep_a_letter(seed):
    made = normalised(parse_attack("leet:share=0.6")(WISH, seed)).split()
    same = sum(a == b for a, b in zip(made, WISH.split(), strict=True))
    assert same >= 7  # "4" alone may be a number


@pytest.mark.parametrize("attack", ["base64", "rot13", "typos", "euphemism", "dilution"])
def test_what_it_cannot_take_off(attack):
    wish = "a violent attacker with a knife"
    assert normalised(parse_attack(attack)(wish, 1)) != wish


@pytest.mark.parametrize(
    ("text", "level", "plain"),
    [
        ("ｖｉｏｌｅｎｔ", "nfkc", "violent"),
        ("𝐯𝐢𝐨𝐥𝐞𝐧𝐭", "nfkc", "violent"),
        ("vi\u00adolent\u200b", "nfkc", "vi\u00adolent\u200b"),
        ("vi\u00adolent\u200b", "bare", "violent"),
        ("v̈ïölënẗ", "bare", "violent"),
        ("V10LENT", "bare", "V10LENT"),
        ("V10LENT", "full", "violent"),
        ("viooolent", "full", "violent"),
        ("4 men, 20 years", "full", "4 men, 20 years"),
        ("a\tb\nc", "bare", "a b c"),
    ],
)
def test_the_levels(text, level, plain):
    assert normalised(text, level) == plain


@pytest.mark.parametrize("text", ["हिन्दी में लिखा", "パパが来る", "मुंबई", "日本語の文", "שָׁלוֹם עולם"])
def test_marks_that_belong_to_letters_stay(text):
    assert normalised(text) == unicodedata.normalize("NFC", text)


def test_words_of_another_script_are_not_made_latin():
    assert normalised("добрый вечер") == "добрыи вечер"


def test_the_tag_block_leaves_nothing():
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "violent")
    assert normalised(hidden, "bare") == normalised(hidden) == ""


@given(text=st.text(max_size=60), level=st.sampled_from(LEVELS))
def test_it_never_fails_and_leaves_nothing_unseen(text, level):
    made = normalised(text, level)
    assert isinstance(made, str)
    if level != "nfkc":
        assert not any(unicodedata.category(c) in {"Cf", "Cc"} for c in made)
        assert made == made.strip()
