import numpy as np
import pytest

from generator.world.grammar import SHAPES, Scene, Thing, Truth
from generator.world.readers import read
from generator.world.readers.shape import name_shape
from generator.world.render import render


@pytest.mark.parametrize("name", ["shape", "second_shape"])
def test_shapes_are_read_well(reads_well, name):
    reads_well(name)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", ["small", "large"])
def test_every_shape_before_a_texture(shape, size):
    thing = Thing(shape=shape, colour="purple", size=size)
    frames = render(Scene(truth=Truth(things=(thing,), background="night")))
    assert read(frames, 3.0, ["shape"])["shape"].value == shape


def test_shapes_as_alike_make_it_abstain():
    alike = np.full(len(SHAPES), 0.8)
    assert name_shape(alike).value is None
    alike[3] = 0.9
    assert name_shape(alike).value == SHAPES[3]
    assert "no shape of the world is alike" in name_shape(alike / 2).reason
