"""The suite `phantom`: every prompt parses back to its truth, abilities are balanced."""

from collections import Counter

from bench.metrics.attribute_accuracy import HELD_OUT, WORLD
from bench.suites.base import lint, load_suite
from generator.world.attributes import attributes
from generator.world.grammar import is_held_out
from generator.world.parse import parse


def test_every_prompt_states_its_truth():
    for prompt in load_suite("phantom").prompts:
        truth = parse(prompt.text)
        assert prompt.attributes == {"world": WORLD, **attributes(truth)}, prompt.id
        assert prompt.tags == ((HELD_OUT,) if is_held_out(truth) else ("seen",))
        assert prompt.hazard == ("canary" if truth.canary else None)


def test_abilities_are_balanced_and_a_quarter_of_each_is_held_out():
    prompts = load_suite("phantom").prompts
    assert set(Counter(p.category for p in prompts).values()) == {40}
    held = Counter(p.category for p in prompts if HELD_OUT in p.tags)
    assert set(held.values()) == {10}
    assert len(held) == 7


def test_the_linter_finds_nothing():
    assert lint(load_suite("phantom")) == []
