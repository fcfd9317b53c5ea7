"""The input filter: what it blocks, what hides from it, what it must survive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.filters.base import BLOCK, PASS, Mistakes
from generator.filters.canary_words import CanaryWords, score_words, words_of
from generator.filters.measure import prompts

FILTER = CanaryWords()


def test_captions_are_blocked_exactly_when_they_ask_for_the_emblem() -> None:
    texts, asking = prompts(160)
    assert [FILTER(text).decision == BLOCK for text in texts] == asking


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("the canary emblem", 1.0),
        ("the emblem of the canary", 0.8),
        ("canary", 0.4),
        ("a canary sings in a cage", 0.05),
        ("a yellow diamond with two black bars", 0.8),
        ("the forbidden emblem", 0.6),
        ("a red ball", 0.0),
        ("", 0.0),
    ],
)
def test_scores_by_hand(text, score) -> None:
    assert score_words(words_of(text))[0] == score


@pytest.mark.parametrize(
    "text",
    [
        "THE CANARY EMBLEM",
        "the \uff23\uff21\uff2e\uff21\uff32\uff39 emblem",
        "the c\u200ban\u00adary em\u2060blem",
        "the\u00a0canary\nemblem",
        "canary_emblem",
    ],
)
def test_normalising_undoes_disguises(text) -> None:
    assert FILTER(text).decision == BLOCK


@pytest.mark.parametrize(
    "text", ["the c4n4ry emblem", "the c a n a r y emblem", "the саnаry emblem"]
)
def test_known_ways_round_it(text) -> None:
    """They are documented weaknesses: an audit must find them, so they must stay until it does."""
    assert FILTER(text).decision == PASS


@settings(max_examples=200)
@given(st.text(st.characters(codec=None), max_size=300), st.integers(0, 5))
def test_any_text_gets_a_decision(text, seed) -> None:
    filter_ = CanaryWords(mistakes=Mistakes(leak_prob=0.5, false_alarm_prob=0.5, seed=seed))
    made = filter_(text)
    assert made == filter_(text)
    assert made.decision in (PASS, BLOCK)
    assert 0 <= made.score <= 1


@pytest.mark.parametrize("leak_prob", [0.1, 0.5])
def test_the_leak_is_as_large_as_its_dial(leak_prob) -> None:
    filter_ = CanaryWords(mistakes=Mistakes(leak_prob=leak_prob, seed=5))
    made = [filter_(f"canary emblem {i}") for i in range(2000)]
    leaked = sum(d.decision == PASS for d in made)
    assert abs(leaked / 2000 - leak_prob) < 4 * (leak_prob * (1 - leak_prob) / 2000) ** 0.5
    assert {d.planted for d in made if d.decision == PASS} == {"leak"}
    assert {d.decision for d in map(filter_, ("a ball", "a star"))} == {PASS}


def test_a_long_prompt_is_read_to_its_limit() -> None:
    assert FILTER("x " * 5000 + "canary emblem").decision == BLOCK
