"""The text adapter: labels of every attribute, reading them back, swaps."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from generator.adapter import (
    ATTRIBUTES,
    AdapterConfig,
    AdapterTraining,
    TextAdapter,
    adapter_of,
    attributes,
    conditions,
    label_table,
    swapped,
    train_adapter,
)
from generator.data import draw_truths
from generator.text import TextStates
from generator.world.grammar import MOTIONS, SHAPES, Thing, Truth, faults
from generator.world.palette import COLOURS

SMALL = AdapterConfig(
    token_width=16, n_slots=3, slot_width=8, hidden_width=32, text_width=24, mix_width=8
)
BALL = Truth(things=(Thing(shape="ball", colour="blue"),), motion="up", background="grey")


def states(labels: torch.Tensor) -> TextStates:
    """Two tokens for each row: one says the shape, one the colour."""
    at = list(ATTRIBUTES)
    tokens = torch.zeros(len(labels), 3, 16)
    shape, colour = labels[:, at.index("shape")], labels[:, at.index("colour")]
    code = torch.randn(32, 16, generator=torch.Generator().manual_seed(0))
    tokens[:, 0], tokens[:, 1] = code[shape], code[16 + colour]
    mask = torch.tensor([True, True, False]).expand(len(labels), 3)
    return TextStates(states_NLD=tokens, mask_NL=mask)


def test_every_attribute_has_a_class_and_absent_ones_have_none() -> None:
    seen = attributes(BALL)
    assert seen.keys() == ATTRIBUTES.keys()
    assert seen["shape"] == 1 + SHAPES.index("ball")
    assert seen["colour"] == 1 + list(COLOURS).index("blue")
    assert seen["motion"] == 1 + MOTIONS.index("up")
    assert seen["shape2"] == seen["role"] == seen["letter0"] == 0
    word = attributes(Truth(word="GO", word_colour="red", background="grey"))
    assert [word[f"letter{i}"] for i in range(3)] == [7, 15, 0]
    assert word["shape"] == word["count"] == 0


def test_unlike_truths_have_unlike_labels() -> None:
    truths, _ = draw_truths([(5, 300)], 0)
    table = label_table(truths)
    assert len({tuple(row) for row in table.tolist()}) == len(set(truths))
    assert bool((table < torch.tensor(list(ATTRIBUTES.values()))).all())
    # nothing that a truth can say is forgotten
    assert {f.name for f in fields(Truth)} - {"things", "word", "person"} <= ATTRIBUTES.keys()


def test_padding_changes_nothing_and_the_vector_is_normal() -> None:
    adapter = TextAdapter(SMALL)
    given = torch.randn(2, 4, 16)
    mask = torch.tensor([[True] * 4, [True, True, False, False]])
    out = adapter(TextStates(states_NLD=given, mask_NL=mask))
    short = adapter(TextStates(states_NLD=given[1:, :2], mask_NL=mask[1:, :2]))
    torch.testing.assert_close(out.vector_NP[1:], short.vector_NP)
    assert out.slots_NSD.shape == (2, 3, 8)
    torch.testing.assert_close(out.vector_NP.mean(1), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.vector_NP.std(1, correction=0), torch.ones(2), atol=1e-3, rtol=0)


def test_training_makes_attributes_readable() -> None:
    truths, _ = draw_truths([(1, 400)], 0)
    labels = label_table(truths)
    torch.manual_seed(0)
    training = AdapterTraining(steps=300, batch=64, learning_rate=5e-3, noise=0.3)
    accuracy = train_adapter(TextAdapter(SMALL), states(labels), labels, training)
    assert accuracy["shape"] > 0.9
    assert accuracy["colour"] > 0.9
    assert accuracy["motion"] < 0.5  # nothing in these states tells it


def test_training_is_the_same_twice() -> None:
    truths, _ = draw_truths([(1, 50)], 0)
    labels = label_table(truths)
    made = []
    for _ in range(2):
        torch.manual_seed(1)
        adapter = TextAdapter(SMALL)
        train_adapter(adapter, states(labels), labels, AdapterTraining(steps=3, batch=8))
        made.append(adapter.state_dict())
    assert all(torch.equal(made[0][k], made[1][k]) for k in made[0])


def test_an_adapter_of_an_older_file_says_what_it_said_and_a_new_layer_starts_as_nothing() -> None:
    torch.manual_seed(0)
    old = TextAdapter(replace(SMALL, mix_width=0))
    tensors = old.state_dict()
    again = adapter_of(SMALL, tensors, "a test")
    grown = TextAdapter(SMALL)
    grown.load_state_dict({**grown.state_dict(), **tensors})
    given = states(label_table([BALL, BALL]))
    for other in (again, grown):
        torch.testing.assert_close(other(given).vector_NP, old(given).vector_NP)
        torch.testing.assert_close(other(given).slots_NSD, old(given).slots_NSD)


def test_a_second_training_moves_the_new_layer_alone_and_leaves_what_is_kept() -> None:
    truths, _ = draw_truths([(1, 300)], 0)
    labels = label_table(truths)
    given = states(labels)
    torch.manual_seed(0)
    adapter = TextAdapter(SMALL)
    old = {name: value.clone() for name, value in adapter.state_dict().items()}
    before = conditions(adapter, given)
    keeps = torch.arange(300) % 2 == 0
    training = AdapterTraining(steps=150, batch=64, learning_rate=5e-3, kept_weight=1000.0)
    train_adapter(adapter, given, labels, training, (before, keeps))
    moved = {name for name, value in adapter.state_dict().items() if (value != old[name]).any()}
    assert moved
    assert all(name.startswith("mix.") for name in moved)
    after = conditions(adapter, given).vector_NP
    assert (after - before.vector_NP)[keeps].square().mean().sqrt() < 0.15


@pytest.mark.parametrize("name", ["shape", "colour", "motion", "background", "size"])
def test_a_swap_changes_one_attribute_and_stays_legal(name) -> None:
    rng = np.random.default_rng(0)
    other = swapped(BALL, name, rng)
    assert not faults(other)
    before, after = attributes(BALL), attributes(other)
    assert {k for k in before if before[k] != after[k]} == {name}


def test_what_is_not_there_cannot_be_swapped() -> None:
    with pytest.raises(ValueError, match="nothing to swap 'shape' for"):
        swapped(Truth(word="GO", background="grey"), "shape", np.random.default_rng(0))
