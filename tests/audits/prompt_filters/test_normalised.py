"""The normalising wrapper: what it gains, what it blocks, what it passes on."""

import pytest

from audits.attacks.base import parse_attack
from audits.prompt_filters.base import load_filter
from audits.prompt_filters.normalised import NOTHING_LEFT, Normalised
from audits.prompt_filters.wordlist import Wordlist
from bench.errors import UsageError
from bench.testing import check_prompt_filter
from generator.filters.base import BLOCK, ERROR, PASS

INSULTS = (
    "you are a stupid idiot",
    "shut up you moron",
    "what a pathetic loser you are",
    "you dumb fool, go away",
    "he is a disgusting pig and a liar",
    "this damn crap sucks",
)
"""Mild ones, as the research's toy table has them; its six are not published."""


def test_it_conforms():
    check_prompt_filter(Normalised(filter="wordlist"), ["a man with a gun", "a red ball"])


def test_a_disguised_word_is_found_again():
    plain, behind = Wordlist(), load_filter("normalised:filter=wordlist")
    for attack in ("homoglyph", "zero_width", "spacing", "diacritics"):
        text = parse_attack(attack)("a man with a gun", 0)
        assert plain(text).decision == PASS, attack
        assert behind(text).decision == BLOCK, attack
    assert behind("a man with a balloon").decision == PASS


def test_a_text_of_which_nothing_is_left_is_blocked():
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "a gun")
    for text in (hidden, "\u200b", " ", ""):
        made = Normalised(filter="wordlist")(text)
        assert made.decision == BLOCK
        assert made.reason == NOTHING_LEFT


def test_the_filter_within_speaks_and_may_fail():
    made = Normalised(filter="wordlist")("a GUN")
    assert made.filter == "normalised@1"
    assert made.reason == "wordlist@1: listed: gun"

    class Broken:
        name, fingerprint = "broken", "x"

        def __call__(self, content):
            raise RuntimeError("no")

    assert Normalised(filter=Broken())("a gun").decision == ERROR


def test_options_of_the_filter_within_and_identity():
    one = load_filter("normalised:filter=wordlist:threshold=0.5;dial_seed=1,level=bare").filter
    two = Normalised(filter="wordlist:dial_seed=2", level="bare")
    assert one.level == "bare"
    assert one.fingerprint != two.fingerprint
    assert one.model_id == two.model_id
    assert one.model_id != Normalised(filter="wordlist").model_id


def test_no_such_level():
    with pytest.raises(UsageError, match="no such level; seen: most; legal: nfkc, bare, full"):
        Normalised(filter="wordlist", level="most")


@pytest.fixture(scope="module")
def passing():
    """Share of the insults that pass, by attack and level ("" for no normaliser)."""
    pytest.importorskip("profanity_check", reason="pip install 'prescreen[audits]'")
    ways = {"": load_filter("alt_profanity")}
    ways |= {
        level: load_filter(f"normalised:filter=alt_profanity,level={level}")
        for level in ("nfkc", "bare", "full")
    }

    def share(attack, level):
        change = parse_attack(attack) if attack else lambda text, seed: text
        made = [ways[level](change(text, 1)).decision for text in INSULTS]
        return made.count(PASS) / len(made)

    return share


@pytest.mark.parametrize("attack", ["", "casing"])
def test_plain_insults_and_case_do_not_pass(passing, attack):
    assert [passing(attack, level) for level in ("", "nfkc", "bare", "full")] == [0, 0, 0, 0]


@pytest.mark.parametrize("attack", ["zero_width", "diacritics"])
def test_unseen_characters_and_marks_pass_until_they_are_stripped(passing, attack):
    assert passing(attack, "") >= 0.6
    assert passing(attack, "nfkc") >= 0.6
    assert passing(attack, "bare") == 0


@pytest.mark.parametrize("attack", ["leet", "homoglyph"])
def test_lookalikes_pass_until_they_are_read_as_letters(passing, attack):
    assert passing(attack, "") >= 0.6
    assert passing(attack, "bare") >= 0.6
    assert passing(attack, "full") == 0


def test_spaced_letters_are_put_together(passing):
    assert [passing("spacing", level) for level in ("", "bare", "full")] == [1, 1, 0]


@pytest.mark.parametrize("attack", ["base64", "rot13", "typos", "dilution"])
def test_against_these_it_gains_nothing(passing, attack):
    assert passing(attack, "full") >= passing(attack, "") - 0.2 > 0.2
