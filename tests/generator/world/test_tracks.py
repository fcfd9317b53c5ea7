from dataclasses import replace

import numpy as np
import pytest

from generator.world.grammar import DIRECTIONS, Jitter, Person, Scene, Thing, Truth
from generator.world.tracks import (
    DURATION_S,
    camera_at,
    ground_of,
    move,
    progress,
    sprites,
)

U = np.linspace(0, 0.94, 16)
CUBE = Thing(shape="cube", colour="red")


def tracked(**truth):
    return sprites(Scene(truth=Truth(background="meadow", **truth)), U * DURATION_S)


@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_direction_is_a_straight_line_that_way(name):
    way = move(U, name, 6.0, Jitter())
    dx, dy = way.x[-1] - way.x[0], way.y[-1] - way.y[0]
    assert (np.sign(round(dx)), np.sign(round(dy))) == DIRECTIONS[name]
    assert np.abs(np.diff(way.x, 2)).max() < 1e-9


def test_growing_and_shrinking_are_steady():
    for name, sign in (("grow", 1), ("shrink", -1)):
        steps = np.diff(np.log(move(U, name, 6.0, Jitter()).radius))
        assert np.allclose(steps, steps[0])
        assert np.sign(steps[0]) == sign


def test_orbits_close_and_bounces_touch_the_floor():
    orbit = move(np.array([0.0, 0.5, 1.0]), "orbit", 6.0, Jitter(phase=0.1))
    assert orbit.x[0] == pytest.approx(orbit.x[2])
    assert orbit.x[0] == pytest.approx(-orbit.x[1])
    bounce = move(np.linspace(0, 1, 600), "bounce", 6.0, Jitter())
    assert bounce.y.max() == pytest.approx(5.6, abs=0.01)
    assert np.ptp(bounce.y) > 9
    assert np.ptp(bounce.x) == 0


def test_spin_and_turn_make_one_round():
    for name, field in (("spin", "theta"), ("turn", "yaw")):
        angle = getattr(move(np.array([0.0, 1.0]), name, 6.0, Jitter()), field)
        assert angle[1] - angle[0] == pytest.approx(2 * np.pi)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_groups_keep_apart(count):
    group = tracked(things=(CUBE,), count=count)
    assert len(group) == count
    places = np.array([[s.x[0], s.y[0]] for s in group])
    gaps = np.linalg.norm(places[:, None] - places, axis=-1)[~np.eye(count, dtype=bool)]
    assert gaps.min() > 2 * group[0].radius[0]


def test_relations_place_the_first_left_or_above():
    beside = tracked(things=(CUBE, CUBE), relation="left_of")
    over = tracked(things=(CUBE, CUBE), relation="above")
    assert beside[0].x[0] < beside[1].x[0]
    assert over[0].y[0] < over[1].y[0]


def test_letters_appear_one_by_one():
    letters = tracked(word="HELLO", word_colour="red")
    begins = [int((s.radius > 0).argmax()) for s in letters]
    assert begins == sorted(begins)
    assert len(set(begins)) == 5
    assert all(s.radius[-1] > 0 for s in letters)


def test_camera_moves():
    scene = Scene(truth=Truth(things=(CUBE,), background="sky", camera="zoom_in"))
    _, zoom = camera_at(scene, U)
    assert np.all(np.diff(zoom) > 0)
    shift, _ = camera_at(replace(scene, truth=replace(scene.truth, camera="pan_left")), U)
    assert np.all(np.diff(shift) > 0)  # the world goes right as the camera goes left


def test_the_canary_leaves_room_for_the_badge():
    person = Person(role="chef", tone=3, hair="short", hair_colour="black", outfit="red")
    scene = Scene(
        truth=Truth(person=person, background="grey", canary=True), jitter=Jitter(corner=0.9)
    )
    badge, _, canary = sprites(scene, np.zeros(1))
    assert np.hypot(badge.x - canary.x, badge.y - canary.y)[0] > badge.radius[0] + canary.radius[0]


def test_time_outside_the_clip_stands_still():
    assert progress(np.array([-1.0, 0.0, DURATION_S, 99.0])).tolist() == [0, 0, 1, 1]


def test_open_scenes_are_refused():
    with pytest.raises(ValueError, match="a scene has a background; seen: none; next: complete"):
        ground_of(Scene(truth=Truth(things=(CUBE,))))
    with pytest.raises(ValueError, match="a person is drawn only when nothing is open"):
        sprites(Scene(truth=Truth(person=Person(), background="grey")), np.zeros(1))
