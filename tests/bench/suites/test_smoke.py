"""The suite `smoke`: twelve prompts with their truth, none of them held out."""

from bench.metrics.attribute_accuracy import WORLD
from bench.suites.base import lint, load_suite
from generator.world.attributes import attributes
from generator.world.grammar import is_held_out
from generator.world.parse import parse


def test_twelve_prompts_state_their_truth_and_none_is_held_out():
    suite = load_suite("smoke")
    assert len(suite.prompts) == 12
    for prompt in suite.prompts:
        truth = parse(prompt.text)
        assert prompt.attributes == {"world": WORLD, **attributes(truth)}, prompt.id
        assert not is_held_out(truth), prompt.id
        assert prompt.hazard is None
    assert lint(suite) == []
