from itertools import combinations

import pytest

from generator.world import lexicon
from generator.world.grammar import (
    CAMERAS,
    DIRECTIONS,
    HAIRS,
    MOTIONS,
    RELATIONS,
    ROLES,
    SHAPES,
    STYLES,
)
from generator.world.palette import BACKGROUNDS, COLOURS, HAIR_COLOURS


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (lexicon.COLOUR_WORDS, COLOURS),
        (lexicon.SHAPE_WORDS, SHAPES),
        (lexicon.WAY_WORDS, DIRECTIONS),
        (lexicon.DEED_WORDS, set(MOTIONS) - set(DIRECTIONS) - {"still"}),
        (lexicon.RELATION_WORDS, RELATIONS),
        (lexicon.PLACE_WORDS, BACKGROUNDS),
        (lexicon.CAMERA_WORDS, set(CAMERAS) - {"still"}),
        (lexicon.STYLE_WORDS, set(STYLES) - {"flat"}),
        (lexicon.ROLE_WORDS, ROLES),
        (lexicon.HAIR_WORDS, HAIRS),
        (lexicon.HAIR_COLOUR_WORDS, HAIR_COLOURS),
    ],
)
def test_every_value_can_be_said(words, values):
    assert set(words) == set(values)


def test_no_phrase_says_two_values_of_one_place():
    for words in (
        lexicon.COLOUR_WORDS,
        lexicon.WAY_WORDS,
        lexicon.PLACE_WORDS,
        lexicon.CAMERA_WORDS,
    ):
        for a, b in combinations(words, 2):
            assert not set(words[a]) & set(words[b])


def test_fillers_say_nothing():
    said = {word for phrases in lexicon.COLOUR_WORDS.values() for word in phrases}
    assert not said & lexicon.FILLERS
