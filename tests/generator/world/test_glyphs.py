from itertools import combinations

import numpy as np

from generator.world.glyphs import ALPHABET, LETTERS, STROKE, letter_distance

AT = np.linspace(-1.3, 1.3, 66)
X, Y = np.meshgrid(AT, AT)
INK = {letter: letter_distance(X, Y, letter) < 0 for letter in ALPHABET}


def test_the_face_has_the_capitals_within_their_box():
    assert "".join(sorted(ALPHABET)) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for paths in LETTERS.values():
        places = np.array([place for path in paths for place in path])
        assert np.abs(places[:, 0]).max() <= 0.6
        assert np.abs(places[:, 1]).max() <= 1.0


def test_every_letter_spans_the_line():
    for ink in INK.values():
        rows = AT[ink.any(axis=1)]
        assert rows.min() < -1 - STROKE / 2
        assert rows.max() > 1 + STROKE / 2


def test_no_two_letters_look_alike():
    for a, b in combinations(ALPHABET, 2):
        apart = (INK[a] ^ INK[b]).sum() / (INK[a] | INK[b]).sum()
        assert apart > 0.07, (a, b)
