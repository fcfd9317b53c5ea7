"""A word list: whole words, folded, from a user's file."""

import pytest

from audits.prompt_filters.wordlist import EXAMPLE, Wordlist, read_list
from bench.errors import UsageError
from bench.testing import check_prompt_filter
from generator.filters.base import BLOCK, PASS


@pytest.fixture
def screen(tmp_path):
    file = tmp_path / "words.txt"
    file.write_text("# mine\nass\nGrüße   aus\nkill  # a verb\nkill time\n\n", encoding="utf-8")
    return Wordlist(file=str(file))


def test_it_conforms():
    check_prompt_filter(Wordlist(), ["a man with a gun", "a red ball"])


@pytest.mark.parametrize("text", ["ass", "An ASS.", "ass-clown", "Ａｓｓ", "GRÜSSE\taus", "(kill)"])
def test_whole_words_are_found_whatever_their_case(screen, text):
    assert screen(text).decision == BLOCK


@pytest.mark.parametrize(
    "text", ["class", "assassin", "skill", "Grüße", "as s", "äss", "a_ass", ""]
)
def test_parts_of_words_are_not(screen, text):
    assert screen(text).decision == PASS


def test_the_words_found_are_the_reason_and_a_phrase_wins(screen):
    assert screen("Kill time, ass").reason == "listed: ass, kill time"


def test_other_words_are_another_filter(screen, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("knife")
    assert Wordlist(file=str(other)).model_id != screen.model_id
    assert Wordlist(file=str(other)).fingerprint != screen.fingerprint


def test_the_example_is_plain_and_short():
    assert len(read_list(EXAMPLE)) == 20
    assert Wordlist()("blood orange juice").decision == BLOCK  # deaf to context, as it says


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"# nothing\n\n", "the word list is empty"), (b"\xff\xfe", "cannot be read")],
)
def test_a_list_that_is_none_is_refused(tmp_path, content, message):
    file = tmp_path / "bad.txt"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        Wordlist(file=str(file))


def test_a_list_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match=r"cannot be read.*seen: gone\.txt"):
        Wordlist(file="gone.txt")
