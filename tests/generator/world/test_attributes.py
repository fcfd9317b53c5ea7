import numpy as np
import pytest

from generator.world.attributes import ATTRIBUTES, LEGAL, attributes, check_names
from generator.world.grammar import KINDS, Person, Thing, Truth
from generator.world.sampling import sample_truth

CUBE, STAR = Thing(shape="cube", colour="red"), Thing(shape="star", colour="blue")


def test_a_thing():
    assert attributes(Truth(things=(CUBE,), motion="turn", background="sky")) == {
        "motion": "turn",
        "colour": "red",
        "shape": "cube",
        "size": "medium",
        "count": 1,
        "rotation": "turn",
        "background": "sky",
        "camera": "still",
        "style": "flat",
        "canary": False,
    }


def test_a_pair_names_both_things():
    stated = attributes(Truth(things=(CUBE, STAR), relation="above"))
    assert stated["relation"] == "above"
    assert (stated["colour"], stated["second_colour"]) == ("red", "blue")
    assert (stated["shape"], stated["second_shape"]) == ("cube", "star")
    assert "count" not in stated


def test_what_is_open_or_cannot_be_seen_is_missing():
    assert "camera" not in attributes(Truth(things=(CUBE,), background="white"))
    assert "motion" not in attributes(Truth(word="SUN"))
    assert "size" not in attributes(Truth(things=(CUBE,), motion="grow"))
    stated = attributes(Truth(person=Person(role="chef", tone=9)))
    assert stated["tone_band"] == "dark"
    assert "outfit" not in stated
    assert "shape" not in stated


@pytest.mark.parametrize("kind", KINDS)
def test_all_stated_values_are_legal(kind):
    rng = np.random.default_rng(1)
    for _ in range(30):
        for name, value in attributes(sample_truth(rng, kind=kind)).items():
            assert name == "text" or value in LEGAL[name]


def test_unknown_names_are_refused():
    assert check_names(["colour"]) == ("colour",)
    with pytest.raises(ValueError, match="no such attribute; seen: 'smell'; legal: colour, shape"):
        check_names(["smell"])
    assert len(set(ATTRIBUTES)) == len(ATTRIBUTES)
