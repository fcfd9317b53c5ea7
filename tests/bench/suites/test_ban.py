"""The banned list: hashes alone, found in any spelling that folds to the word."""

import io
import re

import pytest

from bench.suites import _ban
from bench.suites._ban import add, banned_places, folded_words, read_list


@pytest.fixture
def mine(tmp_path, monkeypatch):
    path = tmp_path / "banned.txt"
    path.write_text("5a17\n")
    add(path, ["Grumpf", "zip zap  zop"])
    monkeypatch.setattr(_ban, "FILE", path)
    yield path
    read_list.cache_clear()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a grumpf here", [2]),
        ("GRÚMPF, ｇｒｕｍｐｆ!", [1, 2]),
        ("zip-zap zop", [1]),
        ("zip zap", []),
        ("grumpfs ungrumpf", []),
        ("", []),
    ],
)
def test_words_and_phrases_are_found_whole_and_folded(mine, text, places):
    assert banned_places(text) == places


def test_the_file_holds_no_word_and_adding_again_adds_nothing(mine):
    assert "grumpf" not in mine.read_text()
    assert add(mine, ["grumpf\n", "", "new"]) == 1
    assert len(mine.read_text().split()) == 4


def test_the_script_reads_the_standard_input(mine, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("brumm\nbrumm\n"))
    _ban.main()
    assert capsys.readouterr().out == "1 new\n"
    assert banned_places("a brumm") == [2]


def test_a_long_phrase_is_refused_and_not_repeated(mine):
    with pytest.raises(ValueError, match=r"^a phrase has more than 3 words$"):
        add(mine, ["one two three four"])


def test_the_shipped_list_is_hashes_alone():
    lines = _ban.FILE.read_text().splitlines()
    assert len(lines) > 800
    assert all(re.fullmatch("[0-9a-f]{16}", line) for line in lines[1:])
    assert lines[1:] == sorted(set(lines[1:]))


def test_words_are_cut_in_any_script():
    assert folded_words("É à l'œuvre, мир 日本語!") == ["e", "a", "l", "œuvre", "мир", "日本語"]
