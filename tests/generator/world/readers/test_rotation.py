import numpy as np
import pytest

from generator.world.grammar import SOLIDS, Scene, Thing, Truth
from generator.world.readers import read
from generator.world.render import render


def test_rotations_are_read_well(reads_well):
    reads_well("rotation", least=0.98)


@pytest.mark.parametrize("shape", SOLIDS)
@pytest.mark.parametrize(
    ("motion", "rotation"), [("still", "none"), ("spin", "spin"), ("turn", "turn")]
)
def test_every_solid_every_way(shape, motion, rotation):
    truth = Truth(things=(Thing(shape=shape, colour="red"),), motion=motion, background="lilac")
    frames = render(Scene(truth=truth))
    assert read(frames, 3.0, ["rotation"])["rotation"].value == rotation
    backwards = read(frames[::-1], 3.0, ["rotation"])["rotation"]
    assert backwards.value == rotation


def test_shuffled_frames_do_not_turn():
    truth = Truth(things=(Thing(shape="teddy", colour="red"),), motion="spin", background="lilac")
    frames = render(Scene(truth=truth))
    order = np.random.default_rng(0).permutation(16)
    sure = read(frames, 3.0, ["rotation"])["rotation"].confidence
    shuffled = read(frames[order], 3.0, ["rotation"])["rotation"]
    assert shuffled.value is None or shuffled.confidence <= sure


def test_a_group_has_no_rotation(clips):
    reading = read(clips("group", n=1)[0][1], 3.0, ["rotation"])["rotation"]
    assert reading.value is None
    assert "the rotation of one thing is read" in reading.reason
