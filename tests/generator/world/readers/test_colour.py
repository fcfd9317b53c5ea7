import numpy as np
import pytest

from generator.world.palette import COLOURS
from generator.world.readers import read
from generator.world.readers.colour import name_colour
from generator.world.readers.hues import NAMES


@pytest.mark.parametrize("name", ["colour", "second_colour", "text_colour"])
def test_colours_are_read_well(reads_well, name):
    reads_well(name)


def test_one_thing_has_no_second_colour(clips):
    reading = read(clips("thing", n=1)[0][1], 3.0, ["second_colour"])["second_colour"]
    assert reading.value is None
    assert reading.reason == "two things make a pair; seen: 1"


def test_a_tint_of_the_whole_picture_does_not_change_colours(clips):
    # what a learned model gets slightly wrong must not change the name
    for scene, frames in clips("thing", n=12, seed=9):
        tinted = np.clip(frames * np.array([0.95, 0.98, 1.0]) + 4, 0, 255).astype(np.uint8)
        seen = read(tinted, 3.0, ["colour"])["colour"]
        assert seen.value == scene.truth.things[0].colour


def test_two_colours_as_likely_make_it_abstain():
    votes = np.zeros(len(COLOURS))
    votes[:2] = 0.5, 0.49
    assert name_colour(votes).value is None
    votes[1] = 0.1
    assert name_colour(votes).value == NAMES[0]
    assert name_colour(votes / 1000).reason == "no colour of the world is seen"
