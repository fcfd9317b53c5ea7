import pytest

from generator.world.grammar import Scene, Thing, Truth
from generator.world.palette import BACKGROUNDS
from generator.world.readers import read
from generator.world.render import render


def test_backgrounds_are_read_well(reads_well):
    reads_well("background", least=0.99)


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_every_background_behind_a_large_thing(name):
    truth = Truth(things=(Thing(shape="square", colour="cyan", size="large"),), background=name)
    assert read(render(Scene(truth=truth)), 3.0, ["background"])["background"].value == name
