import numpy as np
import pytest

from generator.world.grammar import HAIRS, Person, Scene, Truth
from generator.world.palette import HAIR_COLOURS, MONK
from generator.world.readers.scan import Scan
from generator.world.render import render


def head(hair, motion="still", size=(48, 80), **person):
    colour = None if hair == "bald" else "red-haired"
    who = Person(role="pilot", tone=6, hair=hair, hair_colour=colour, outfit="green")
    truth = Truth(person=who, motion=motion, background="lilac")
    return Scan(render(Scene(truth=truth), *size), 3.0)


@pytest.mark.parametrize("hair", HAIRS)
def test_a_head_is_unmixed_into_its_colours(hair):
    found = head(hair).head
    assert found.style == hair
    assert np.linalg.norm(found.skin_rgb - MONK[5]) < 8
    assert (found.hair_rgb is None) is (hair == "bald")
    if hair != "bald":
        assert np.linalg.norm(found.hair_rgb - HAIR_COLOURS["red-haired"]) < 12
    assert found.error < found.next_error


@pytest.mark.parametrize(("motion", "facing"), [("left", -1), ("still", 0), ("right", 1)])
def test_the_way_faced_follows_the_walk(motion, facing):
    assert head("short", motion, (24, 40)).aligned.facing == facing
