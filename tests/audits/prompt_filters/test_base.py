"""Prompt filters by their spec, behind a limit of time."""

import pytest

from audits.prompt_filters.base import load_filter, readable
from bench import registry
from bench.errors import UsageError
from generator.filters.base import BLOCK, ERROR, PASS
from generator.filters.guard import Guarded, Video
from support.clips import moving


def test_a_filter_is_found_by_its_spec():
    screen = load_filter("wordlist:threshold=0.9", limit_s=5)
    assert (screen("a gun").decision, screen("a ball").decision) == (BLOCK, PASS)
    assert screen.name == "wordlist"


def test_a_filter_that_fails_never_raises():
    screen = load_filter("python_callable:function=support.odd_filters:raises")
    assert screen("a ball").decision == ERROR
    assert screen("a ball").reason == "RuntimeError: no such model"


def test_an_unknown_name_or_option_is_refused():
    with pytest.raises(UsageError, match=r"did you mean wordlist\?"):
        load_filter("wordlst")
    with pytest.raises(UsageError, match="wordlist refuses its options"):
        load_filter("wordlist:colour=red")


def test_a_filter_stands_in_the_generators_guard():
    made = []

    def model(prompt, seed):
        made.append(prompt)
        return Video(frames_THWC=moving(4, 24, 40), fps=8)

    guard = Guarded(model, input_filter=load_filter("wordlist"), mode="on")
    assert not guard.one("a knife", 0).generated
    assert guard.one("a ball", 0).generated
    assert made == ["a ball"]


def test_lone_surrogates_become_readable():
    assert readable("a\ud800b ☃") == "a?b ☃"


def test_every_prompt_filter_is_listed():
    names = {"alt_profanity", "canary_words", "detoxify", "hf_text", "http_prompt", "minilm"}
    assert names | {"python_callable", "wordlist"} <= set(registry.names("prompt_filter"))
