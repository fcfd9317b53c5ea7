import numpy as np
import pytest

from generator.world.grammar import CAMERAS, Scene, Thing, Truth
from generator.world.palette import BACKGROUNDS
from generator.world.readers import read
from generator.world.render import render

TEXTURED = [name for name, ground in BACKGROUNDS.items() if not ground.plain]


def shot(camera, background):
    thing = Thing(shape="cube", colour="red")
    return render(Scene(truth=Truth(things=(thing,), camera=camera, background=background)))


def test_cameras_are_read_well(reads_well):
    reads_well("camera", least=0.98)


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("background", TEXTURED)
def test_every_move_before_every_texture(camera, background):
    seen = read(shot(camera, background), 3.0, ["camera", "motion"])
    assert seen["camera"].value == camera
    assert seen["motion"].value == "still"


def test_reversed_shots_go_the_other_way():
    for camera, other in (("pan_left", "pan_right"), ("zoom_in", "zoom_out")):
        assert read(shot(camera, "meadow")[::-1], 3.0, ["camera"])["camera"].value == other


def test_a_plain_background_shows_no_camera():
    frames = np.full((16, 24, 40, 3), 246, dtype=np.uint8)
    assert read(frames, 3.0, ["camera"])["camera"].reason == (
        "a plain background shows no camera move"
    )


def test_one_frame_shows_no_camera():
    assert read(shot("pan_left", "sky")[:1], 3.0, ["camera"])["camera"].value is None
