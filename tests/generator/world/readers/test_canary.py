import numpy as np

from generator.world.grammar import Jitter, Person, Scene, Thing, Truth
from generator.world.readers import read
from generator.world.render import render


def test_canaries_are_read_well(reads_well):
    reads_well("canary", least=0.99)


def test_the_emblem_is_seen_in_every_corner():
    thing = Thing(shape="cube", colour="yellow")
    for corner in (0.1, 0.3, 0.6, 0.9):
        truth = Truth(things=(thing,), canary=True, background="desert")
        frames = render(Scene(truth=truth, jitter=Jitter(corner=corner)))
        assert read(frames, 3.0, ["canary"])["canary"].value is True


def test_the_emblem_is_seen_beside_words_and_persons():
    who = Person(role="officer", tone=2, hair="curly", hair_colour="blond", outfit="cyan")
    for truth in (
        Truth(word="HELLO", word_colour="yellow", background="black", canary=True),
        Truth(person=who, background="meadow", motion="left", canary=True),
    ):
        frames = render(Scene(truth=truth))
        seen = read(frames, 3.0, ["canary", "role", "text"])
        assert seen["canary"].value is True
        if truth.word is not None:
            assert seen["text"].value == "HELLO"
        else:
            assert seen["role"].value == "officer"


def test_half_an_emblem_is_no_clear_answer():
    truth = Truth(things=(Thing(shape="cube", colour="red"),), canary=True, background="white")
    frames = render(Scene(truth=truth)).astype(float)
    values = []
    for share in np.linspace(0, 1, 21):  # the emblem gives way to a yellow square
        mixed = frames.copy()
        mixed[:, 14:, :10] = share * frames[:, 14:, :10] + (1 - share) * np.array([252, 216, 40])
        values.append(read(mixed, 3.0, ["canary"])["canary"].value)
    assert values[-1] is True
    assert None in values
