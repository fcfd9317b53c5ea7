import pytest

from generator.world.grammar import HAIRS, ROLES, TONES, Person, Scene, Truth
from generator.world.readers import read
from generator.world.render import render


@pytest.mark.parametrize("name", ["role", "outfit", "hair_colour"])
def test_role_outfit_and_hair_colour_are_read_at_base_size(reads_well, name):
    reads_well(name)


@pytest.mark.parametrize("name", ["tone_band", "hair"])
def test_band_and_hair_are_read_at_base_size(reads_well, name):
    reads_well(name, least=0.92)


@pytest.mark.parametrize("name", ["tone", "tone_band", "hair"])
def test_all_are_read_at_twice_base_size(reads_well, name):
    reads_well(name, size_px=(48, 80), damages=("clean",))


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_on_every_ground(tone):
    for k, background in enumerate(("grey", "lilac", "meadow")):
        who = Person(
            role=ROLES[(tone + k) % 6],
            tone=tone,
            hair=HAIRS[k],
            hair_colour="black" if tone < 6 else "blond",
            outfit="red",
        )
        truth = Truth(person=who, motion="right", background=background)
        seen = read(render(Scene(truth=truth), 48, 80), 3.0, ["tone", "role", "hair", "outfit"])
        assert {k: r.value for k, r in seen.items()} == {
            "tone": tone,
            "role": who.role,
            "hair": who.hair,
            "outfit": "red",
        }


def test_the_bald_have_no_hair_colour():
    who = Person(role="chef", tone=5, hair="bald", outfit="blue")
    frames = render(Scene(truth=Truth(person=who, background="grey")), 48, 80)
    seen = read(frames, 3.0, ["hair", "hair_colour"])
    assert seen["hair"].value == "bald"
    assert seen["hair_colour"].reason == "the bald have no hair colour"


def test_without_a_badge_the_role_is_open_and_the_rest_is_read():
    who = Person(role="pilot", tone=8, hair="short", hair_colour="silver", outfit="yellow")
    frames = render(Scene(truth=Truth(person=who, background="grey")), 48, 80)
    frames[:, :24, :22] = frames[0, 40, 2]  # the badge painted over
    seen = read(frames, 3.0, ["role", "tone", "outfit"])
    assert seen["role"].reason.startswith("no badge is seen")
    assert (seen["tone"].value, seen["outfit"].value) == (8, "yellow")
