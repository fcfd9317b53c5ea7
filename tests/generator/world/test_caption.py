import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.world.caption import caption, captions
from generator.world.grammar import KINDS, Person, Thing, Truth
from generator.world.parse import parse
from generator.world.sampling import sample_truth


@pytest.mark.parametrize(
    ("truth", "plain"),
    [
        (
            Truth(things=(Thing(shape="cube", colour="red"),), motion="left", background="sky"),
            "a red cube moving to the left in a cloudy sky",
        ),
        (Truth(things=(Thing(shape="star", colour="blue"),), count=3), "three blue stars"),
        (
            Truth(person=Person(role="doctor"), motion="right", background="grey"),
            "a doctor walking to the right on a grey background",
        ),
        (
            Truth(word="SUN", word_colour="red"),
            'the word "SUN" in red letters appears letter by letter',
        ),
        (
            Truth(things=(Thing(shape="disc"), Thing(colour="pink")), relation="above"),
            "a disc above a pink object",
        ),
    ],
)
def test_the_plain_voice(truth, plain):
    assert caption(truth) == plain


@given(seed=st.integers(0, 2**31), kind=st.sampled_from(KINDS), voice=st.integers(0, 2**31))
@settings(max_examples=400, deadline=None)
def test_every_caption_parses_back_to_its_truth(seed, kind, voice):
    truth = sample_truth(np.random.default_rng(seed), kind=kind, held_out=None)
    text = caption(truth, voice)
    assert parse(text) == truth, text
    assert caption(truth, voice) == text


def test_captions_vary_with_the_seed():
    truth = Truth(things=(Thing(shape="teddy", colour="red"),), motion="up", background="sky")
    assert len(set(captions([truth] * 40, range(40)))) > 25


def test_an_illegal_truth_is_refused():
    with pytest.raises(ValueError, match="spin cannot be seen on a disc"):
        caption(Truth(things=(Thing(shape="disc"),), motion="spin"))
