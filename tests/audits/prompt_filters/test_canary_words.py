"""The cascade's own input filter as a filter under test."""

from hypothesis import given
from hypothesis import strategies as st

from audits.prompt_filters.canary_words import CanaryWords
from bench.testing import check_prompt_filter
from generator.filters import canary_words
from generator.filters.base import PASS


def test_it_conforms():
    check_prompt_filter(CanaryWords(), ["the canary emblem", "a canary sings", "a red ball"])


@given(st.text(max_size=60) | st.sampled_from(["the canary emblem", "a canary badge on a ball"]))
def test_it_decides_as_the_cascade_does(text):
    ours, cascades = CanaryWords(threshold="0.5")(text), canary_words.CanaryWords(0.5)(text)
    assert ours == cascades


def test_its_leak_can_be_set():
    assert CanaryWords(leak="1")("the canary emblem").planted == "leak"
    assert CanaryWords(leak="1")("the canary emblem").decision == PASS
