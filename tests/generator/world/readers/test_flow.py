import numpy as np
import pytest

from generator.world.background import background, pixel_centres
from generator.world.grammar import CAMERAS, Scene, Thing, Truth
from generator.world.readers.flow import NO_MOVE, camera_move
from generator.world.readers.ground import ground_share
from generator.world.tracks import DURATION_S

U = np.linspace(0, 0.94, 16)


@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("ground", ["meadow", "night"])
def test_each_move_of_an_empty_ground_is_told(name, ground):
    scene = Scene(truth=Truth(things=(Thing(),), camera=name, background=ground))
    frames = background(scene, 24, 40, U * DURATION_S)
    share = ground_share(np.broadcast_to(frames, (16, 24, 40, 3)), ground)
    move = camera_move(share, np.ones(share.shape), pixel_centres(24, 40), U)
    assert move.name == name
    assert move.moves is (name != "still")
    assert move.lead > 0.05


def test_too_few_frames_and_blank_grounds_tell_nothing():
    blank = np.zeros((2, 24, 40))
    assert camera_move(blank, blank, pixel_centres(24, 40), np.array([0.0, 0.01])) is NO_MOVE
    assert (
        camera_move(blank, blank + 1, pixel_centres(24, 40), np.array([0.0, 0.3])).correlation == 0
    )
