"""Frames with right and wrong captions."""

from dataclasses import replace

import numpy as np
import pytest

from generator.dual_encoder.pairs import (
    ALTERATIONS,
    TONE_STEP,
    altered,
    altered_anyhow,
    draw_instants,
    draw_pairs,
    opened,
    visible,
)
from generator.world.grammar import Person, Thing, Truth, faults, is_held_out
from generator.world.parse import understand
from generator.world.sampling import sample_truth

BALL = Truth(things=(Thing(shape="ball", colour="red"),), background="white")
PAIR = Truth(
    things=(Thing(shape="ball", colour="red"), Thing(shape="cube", colour="blue")),
    relation="left_of",
    background="grey",
)
DOCTOR = Truth(
    person=Person(role="doctor", tone=5, hair="short", hair_colour="black", outfit="red"),
    background="grey",
)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_frame_shows_no_motion_and_no_camera():
    assert visible(replace(BALL, motion="left")) == visible(BALL)
    assert visible(replace(BALL, background="grey")) != visible(BALL)


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_truth_is_legal_and_looks_different(name):
    found = 0
    for seed in range(60):
        truth = sample_truth(rng(seed))
        other = altered(truth, name, rng(seed))
        if other is not None:
            found += 1
            assert not faults(other)
            assert not is_held_out(other), "training would see what it must not"
            assert visible(other) != visible(truth)
    assert found > 0


def test_things_that_are_not_there_are_not_altered():
    assert altered(BALL, "relation", rng()) is None
    assert altered(BALL, "order", rng()) is None
    assert altered(BALL, "text", rng()) is None
    assert altered(BALL, "tone", rng()) is None
    assert altered(PAIR, "count", rng()) is None
    assert altered(DOCTOR, "shape", rng()) is None


def test_the_things_of_a_pair_change_places():
    assert altered(PAIR, "order", rng(), held_out=None) == replace(PAIR, things=PAIR.things[::-1])


def test_a_wrong_tone_lies_far_off():
    tones = {altered(DOCTOR, "tone", rng(seed), held_out=None).person.tone for seed in range(30)}
    assert min(abs(tone - 5) for tone in tones) == TONE_STEP


def test_every_truth_can_be_told_wrongly():
    for seed in range(40):
        assert altered_anyhow(sample_truth(rng(seed)), rng(seed)) is not None


def test_opened_truths_are_legal_and_keep_the_rest():
    draws = [opened(BALL, rng(seed)) for seed in range(200)]
    assert not any(faults(truth) for truth in draws)
    assert {truth.background for truth in draws} == {"white", None}
    assert {truth.things[0].colour for truth in draws} == {"red", None}
    assert all(truth.things[0].shape or truth.things[0].colour for truth in draws)


def test_words_are_shown_late():
    word = Truth(word="SUN", word_colour="red", background="white")
    instants = draw_instants([word, BALL] * 50, rng())[:, 0]
    assert instants[::2].min() >= 0.7
    assert instants[1::2].min() < 0.2


def test_a_batch_has_frames_of_both_sizes_and_captions_that_parse():
    pairs = draw_pairs(12, rng())
    assert [frames.shape for frames in pairs.frames] == [(8, 24, 40, 3), (4, 48, 80, 3)]
    assert len(pairs.right) == len(pairs.wrong) == 12
    assert all(understand(text).complete for text in pairs.right + pairs.wrong)
    again = draw_pairs(12, rng())
    assert again.right == pairs.right
    assert np.array_equal(again.frames[0], pairs.frames[0])
