from collections import Counter

import numpy as np
import pytest

from generator.world.grammar import (
    KINDS,
    ROLES,
    TONES,
    Person,
    Thing,
    Truth,
    faults,
    is_complete,
    is_held_out,
)
from generator.world.sampling import LEVELS, complete, sample_jitter, sample_scene, sample_truth


def test_the_same_seed_gives_the_same_scenes():
    first, second = (
        [sample_scene(rng) for _ in range(30)]
        for rng in (np.random.default_rng(8), np.random.default_rng(8))
    )
    assert first == second
    assert first != [sample_scene(np.random.default_rng(9)) for _ in range(30)]


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_draws_only_its_own(level):
    rng, rules = np.random.default_rng(level), LEVELS[level]
    for _ in range(60):
        truth = sample_truth(rng, level=level)
        assert faults(truth) == []
        assert truth.kind in rules.kinds
        assert truth.background in rules.backgrounds
        assert {thing.shape for thing in truth.things} <= set(rules.shapes)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "word"])
def test_held_out_combinations_are_drawn_when_asked_and_never_otherwise(kind):
    rng = np.random.default_rng(2)
    assert all(is_held_out(sample_truth(rng, kind=kind, held_out=True)) for _ in range(10))
    assert not any(is_held_out(sample_truth(rng, kind=kind)) for _ in range(60))


def test_words_have_no_held_out_combinations():
    with pytest.raises(ValueError, match="kind 'word' has no held-out combinations"):
        sample_truth(np.random.default_rng(0), kind="word", held_out=True)


def test_jitter_stays_in_range():
    rng = np.random.default_rng(3)
    for _ in range(50):
        jitter = sample_jitter(rng)
        assert -1 <= min(jitter.dx, jitter.dy, jitter.size, jitter.speed) <= 1
        assert 0 <= jitter.phase < 1
        assert 0 <= jitter.corner < 1


@pytest.mark.parametrize(
    "truth",
    [
        Truth(things=(Thing(),)),
        Truth(things=(Thing(),), motion="turn"),
        Truth(things=(Thing(colour="red"),), motion="spin", canary=True),
        Truth(things=(Thing(),), camera="zoom_in"),
        Truth(things=(Thing(), Thing(shape="cube")), relation="above"),
        Truth(word="SUN"),
        Truth(person=Person(hair_colour="silver")),
    ],
)
def test_completing_keeps_what_is_said_and_leaves_nothing_open(truth):
    rng = np.random.default_rng(5)
    for _ in range(25):
        full = complete(rng, truth)
        assert faults(full) == []
        assert is_complete(full)
        assert full.motion == truth.motion
        assert all(
            said.colour in (None, drawn.colour) and said.shape in (None, drawn.shape)
            for said, drawn in zip(truth.things, full.things, strict=True)
        )


def test_a_bias_table_tilts_what_is_open_by_role():
    rng = np.random.default_rng(6)
    bias = {"tone": {"doctor": {1: 40.0}, "*": {10: 40.0}}}
    tones = {
        role: Counter(
            complete(rng, Truth(person=Person(role=role)), bias=bias).person.tone for _ in range(80)
        )
        for role in ("doctor", "chef")
    }
    assert tones["doctor"].most_common(1)[0][0] == 1
    assert tones["chef"].most_common(1)[0][0] == 10


def test_without_a_bias_table_all_values_are_as_likely():
    rng = np.random.default_rng(7)
    people = [complete(rng, Truth(person=Person())).person for _ in range(600)]
    for values, options in (
        (Counter(p.tone for p in people), TONES),
        (Counter(p.role for p in people), ROLES),
    ):
        expected = 600 / len(options)
        chi2 = sum((values[o] - expected) ** 2 / expected for o in options)
        assert chi2 < 30  # 9 degrees of freedom: p < 0.0005


def test_an_illegal_truth_is_refused():
    with pytest.raises(ValueError, match="only solids turn"):
        complete(np.random.default_rng(0), Truth(things=(Thing(shape="star"),), motion="turn"))
