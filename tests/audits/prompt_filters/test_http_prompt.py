"""A prompt filter behind a web address, asked on a real server."""

import pytest

from audits.prompt_filters.base import load_filter
from audits.prompt_filters.http_prompt import HttpPrompt
from bench.testing import check_prompt_filter
from generator.filters.base import BLOCK, ERROR, PASS
from support.services import replying, serving


def by_length(asked, n):
    return 200, b'{"score": 0.9}' if len(asked["prompt"]) > 10 else b'{"score": 0.1}'


def test_it_conforms_and_decides_by_the_score():
    with serving(by_length) as service:
        screen = HttpPrompt(url=service.url)
        check_prompt_filter(screen, ["short", "a longer text"])
        assert screen("short").decision == PASS
        assert screen("a longer text").decision == BLOCK


@pytest.mark.parametrize("reply", [{"decision": "maybe"}, {"score": 0.1}, "block", None])
def test_a_bad_reply_is_an_error_and_never_a_pass(reply):
    with serving(replying(reply)) as service:
        decision = HttpPrompt(url=service.url, reads="decision")("a ball")
    assert (decision.decision, decision.score, decision.filter) == (ERROR, None, "http_prompt@1")
    assert "legal: block, pass" in decision.reason


def test_a_service_that_is_down_is_an_error():
    with serving(replying({})) as service:
        url = service.url
    decision = load_filter(f"http_prompt:url={url},retries=1,wait_s=0")("a ball")
    assert decision.decision == ERROR
    assert "cannot be reached" in decision.reason
    assert decision.reason.endswith("tried 2 times")


def test_the_address_is_part_of_what_it_is_and_patience_is_not():
    one = HttpPrompt(url="http://localhost:1/a")
    assert one.fingerprint == HttpPrompt(url="http://localhost:1/a", retries=5).fingerprint
    assert one.fingerprint != HttpPrompt(url="http://localhost:1/b").fingerprint
