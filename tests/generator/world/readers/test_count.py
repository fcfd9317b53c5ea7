import numpy as np

from generator.world.grammar import Scene, Thing, Truth
from generator.world.readers import read
from generator.world.render import render


def test_counts_are_read_well(reads_well):
    reads_well("count")


def test_counts_of_walking_and_standing_groups():
    for count in (2, 3, 4):
        for motion in ("left", "still"):
            truth = Truth(
                things=(Thing(shape="ball", colour="orange"),),
                count=count,
                motion=motion,
                background="white",
            )
            seen = read(render(Scene(truth=truth)), 3.0, ["count"])["count"]
            assert (seen.value, seen.confidence) == (count, 1.0)


def test_too_many_things_make_it_abstain():
    frames = np.full((3, 24, 40, 3), 246, dtype=np.uint8)
    for x in (3, 11, 19, 27, 35):
        frames[:, 9:14, x - 2 : x + 3] = (214, 32, 40)
    assert read(frames, 3.0, ["count"])["count"].reason == "5 things are seen; legal: 1 to 4"
