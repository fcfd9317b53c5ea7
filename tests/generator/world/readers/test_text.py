import cv2
import numpy as np
import pytest

from generator.world.glyphs import ALPHABET
from generator.world.grammar import Jitter, Scene, Truth
from generator.world.readers import Scan, read
from generator.world.readers.text import find_line
from generator.world.render import render


def written(word, **jitter):
    truth = Truth(word=word, word_colour="blue", background="cream")
    return render(Scene(truth=truth, jitter=Jitter(**jitter)))


def test_words_are_read_well(reads_well):
    reads_well("text")


@pytest.mark.parametrize("k", range(0, 26, 2))
def test_every_letter_first_and_last(k):
    word = f"{ALPHABET[k]}O{ALPHABET[k + 1]}"
    assert read(written(word), 3.0, ["text"])["text"].value == word


@pytest.mark.parametrize("word", ["II", "WOWOW", "LAMP", "MOON"])
@pytest.mark.parametrize("jitter", [{"dx": 1.0, "dy": -1.0}, {"dx": -1.0, "dy": 1.0, "size": 1.0}])
def test_words_of_any_length_and_place(word, jitter):
    assert read(written(word, **jitter), 3.0, ["text"])["text"].value == word


def test_the_first_frames_do_not_show_the_word_yet():
    assert read(written("HELLO")[:7], 3.0, ["text"])["text"].value != "HELLO"


def test_no_letters_make_it_abstain(black):
    assert read(black, 3.0, ["text"])["text"].reason == "no letters stand before the background"


def test_the_line_counts_its_letters():
    for word in ("II", "SUN", "HELLO"):
        scan = Scan(written(word), 3.0)
        line = find_line(np.clip(scan.firm[-1], 0, 1), scan)
        assert line.letters == len(word)
        assert line.y == pytest.approx(0, abs=0.4)


def present(frames, fps=3.0):
    return read(frames, fps, ["text_present"])["text_present"].value


def test_words_are_seen_well(reads_well):
    reads_well("text_present")


@pytest.mark.parametrize("kind", ["thing", "group", "pair", "camera", "style", "person", "canary"])
def test_no_word_is_seen_where_there_is_none(kind, clips):
    assert not any(present(frames) for _, frames in clips(kind, n=12, seed=3))


def test_a_word_need_not_be_made_out():
    smeared = np.stack([cv2.GaussianBlur(f, (0, 0), 1.5) for f in written("HELLO")])
    assert read(smeared, 3.0, ["text"])["text"].value is None
    assert present(smeared)


def test_a_bar_that_grows_is_no_word():
    frames = np.repeat(written("HELLO")[:1], 16, axis=0)
    for t in range(16):
        frames[t, 7:18, 3 : 4 + 2 * t] = (40, 80, 220)
    assert not present(frames)


def test_a_word_that_is_there_at_once_or_vanishes_is_not_written():
    frames = written("HELLO")
    assert present(frames)
    assert not present(np.repeat(frames[-1:], 16, axis=0))
    assert not present(frames[::-1])


def test_a_still_picture_shows_a_word_when_its_letters_are_clear():
    assert present(written("HELLO")[-1:])
    assert not present(written("HELLO")[:1])


def test_black_has_no_word(black):
    assert present(black) is False
