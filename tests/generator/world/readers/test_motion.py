import numpy as np
import pytest

from generator.world.grammar import MOTIONS, Jitter, Scene, Thing, Truth
from generator.world.readers import read
from generator.world.readers.motion import Course, course, name_course
from generator.world.render import render

U = np.linspace(0, 0.94, 16)


def moving(motion, **more):
    shape = "cylinder" if motion == "turn" else "triangle"
    thing = Thing(shape=shape, colour="green")
    truth = Truth(things=(thing,), motion=motion, background="grey")
    return render(Scene(truth=truth, jitter=Jitter(phase=0.3)), **more)


def test_motions_are_read_well(reads_well):
    reads_well("motion", least=0.98)


@pytest.mark.parametrize("motion", MOTIONS)
def test_every_motion_at_two_frame_rates(motion):
    assert read(moving(motion), 3.0, ["motion"])["motion"].value == motion
    fast = moving(motion, fps=12.0, n_frames=64)
    assert read(fast, 12.0, ["motion"])["motion"].value == motion


@pytest.mark.parametrize("motion", ["left", "bounce", "spin", "grow"])
def test_a_frozen_clip_does_not_move(motion):
    frozen = np.repeat(moving(motion)[:1], 16, axis=0)
    assert read(frozen, 3.0, ["motion"])["motion"].value == "still"


def test_a_reversed_clip_goes_the_other_way():
    assert read(moving("left")[::-1], 3.0, ["motion"])["motion"].value == "right"
    assert read(moving("grow")[::-1], 3.0, ["motion"])["motion"].value == "shrink"


def test_one_frame_shows_no_motion():
    reading = read(moving("left")[:1], 3.0, ["motion"])["motion"]
    assert reading.value is None
    assert "too short to see a motion: 0.00 of a clip passes" in reading.reason


def test_courses_sum_tracks_up():
    ones = np.ones(16)
    way = course(3 + 8 * U, 0 * U, 4 * np.exp(0.7 * U), ones, U)
    assert (way.dx, way.dy) == (pytest.approx(8), pytest.approx(0))
    assert way.growth == pytest.approx(0.7)
    assert way.off_x == pytest.approx(0, abs=1e-9)
    assert way.range_x == pytest.approx(7.52)


def test_a_course_between_two_motions_makes_it_abstain():
    halfway = Course(dx=5.1, dy=0, growth=0, off_x=0, off_y=0, range_x=5, range_y=0)
    assert name_course(halfway).value is None
