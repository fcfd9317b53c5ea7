from dataclasses import replace

import numpy as np
import pytest

from generator.world.grammar import (
    KINDS,
    Person,
    Thing,
    Truth,
    faults,
    is_complete,
    is_held_out,
)
from generator.world.sampling import sample_truth

CUBE = Thing(shape="cube", colour="red")
PERSON = Person(role="doctor", tone=1, hair="short", hair_colour="black", outfit="blue")


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        (Truth(), "exactly|shows one of"),
        (Truth(things=(CUBE,), word="SUN"), "shows one of things, word, person; seen: 2"),
        (Truth(things=(Thing(shape="blob"),)), "no such shape; seen: 'blob'; legal: disc"),
        (Truth(things=(Thing(colour="mauve"),)), "no such colour"),
        (Truth(things=(Thing(size="vast"),)), "no such size"),
        (Truth(things=(CUBE,), motion="jump"), "no such motion"),
        (Truth(things=(CUBE,), camera="tilt"), "no such camera"),
        (Truth(things=(CUBE,), style="cubist"), "no such style"),
        (Truth(things=(CUBE,), background="beach"), "no such background"),
        (Truth(things=(CUBE,), count=5), "no such count"),
        (Truth(things=(CUBE, CUBE)), "a relation joins exactly two"),
        (Truth(things=(CUBE, CUBE), relation="above", count=2), "a count above 1 is of one"),
        (Truth(word="sun"), "a word has 2 to 5 letters"),
        (Truth(things=(CUBE,), word_colour="red"), "a word colour needs a word"),
        (Truth(word="SUN", motion="left"), "does not go here; legal: still"),
        (Truth(things=(CUBE,), count=2, motion="up"), "legal: left, right, still"),
        (Truth(things=(Thing(shape="ring"),), motion="spin"), "spin cannot be seen on a ring"),
        (Truth(things=(Thing(shape="star"),), motion="turn"), "only solids turn in depth"),
        (Truth(things=(replace(CUBE, size="large"),), motion="grow"), "have medium size"),
        (Truth(things=(CUBE,), camera="drone", background="white"), "a background with a texture"),
        (Truth(things=(CUBE,), camera="drone", style="oil"), "comes with a still camera"),
        (Truth(things=(CUBE,), count=2, canary=True), "the canary comes with"),
        (Truth(person=PERSON, background="night"), "persons walk before grey, lilac, meadow"),
        (Truth(person=PERSON, style="oil"), "in flat style"),
        (Truth(person=replace(PERSON, hair="bald")), "the bald have no hair colour"),
        (Truth(person=replace(PERSON, outfit="brown")), "too near to skin"),
        (Truth(person=replace(PERSON, tone=11)), "no such Monk tone"),
        (Truth(person=PERSON, motion="up"), "legal: left, right, still"),
    ],
)
def test_an_illegal_truth_says_what_is_wrong(truth, message):
    assert any(np.any([part in fault for part in message.split("|")]) for fault in faults(truth))


@pytest.mark.parametrize("kind", KINDS)
def test_sampled_truths_are_legal_complete_and_of_their_kind(kind):
    rng = np.random.default_rng(4)
    for _ in range(40):
        truth = sample_truth(rng, kind=kind)
        assert faults(truth) == []
        assert is_complete(truth)
        assert truth.kind == kind


@pytest.mark.parametrize(
    ("truth", "held_out"),
    [
        (Truth(things=(Thing(shape="disc", colour="yellow"),)), True),  # 0 + 2 * 2 = 4
        (Truth(things=(Thing(shape="disc", colour="red"),)), False),
        (Truth(things=(Thing(shape="triangle", colour="red"),), motion="down_right"), True),  # 2+5
        (Truth(things=(Thing(shape="triangle", colour="red"),), motion="right"), False),
        (Truth(person=replace(PERSON, role="doctor", tone=6)), True),
        (Truth(person=replace(PERSON, role="officer", tone=6)), False),
        (Truth(word="SUN"), False),
    ],
)
def test_the_held_out_rule(truth, held_out):
    assert is_held_out(truth) is held_out


@pytest.mark.parametrize(
    "truth",
    [
        Truth(things=(CUBE,)),
        Truth(things=(Thing(shape="cube"),), background="sky"),
        Truth(word="SUN", background="white"),
        Truth(person=Person(role="chef"), background="grey"),
    ],
)
def test_an_open_truth_is_not_complete(truth):
    assert not is_complete(truth)
