"""A filter behind a web address: what is read, what is tried again, what is an error."""

import json

import pytest

from audits._filter_parts import FilterFailed
from audits._http import endpoint, read_score
from bench.errors import UsageError
from support.services import replying, serving, slow


def ask(answer, payload=None, **options):
    with serving(answer) as service:
        made = endpoint(url=service.url, **{"wait_s": 0, **options})
        return made.ask(payload or {"prompt": "a red ball"}), service


def fail(answer, **options):
    with serving(answer) as service:
        made = endpoint(url=service.url, **{"wait_s": 0, **options})
        with pytest.raises(FilterFailed) as caught:
            made.ask({"prompt": "a red ball"})
    return str(caught.value), service


def test_a_score_is_read_and_the_prompt_arrives_as_it_was():
    text = "un carré rouge ☃"
    (score, reason), service = ask(replying({"score": 0.25, "reason": "mild"}), {"prompt": text})
    assert (score, reason, service.asked) == (0.25, "mild", [{"prompt": text}])


def test_a_field_inside_another_and_a_decision():
    (score, _), _ = ask(replying({"result": {"harm": 1}}), field="result.harm")
    assert score == 1.0
    for word, expected in (("block", 1.0), ("pass", 0.0)):
        (score, _), _ = ask(replying({"decision": word}), reads="decision")
        assert score == expected


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(status):
    def answer(asked, n):
        return (200, b'{"score": 0.5}') if n == 2 else (status, b"busy")

    (score, _), service = ask(answer, retries=2)
    assert (score, len(service.asked)) == (0.5, 3)


def test_in_the_end_it_is_an_error():
    message, service = fail(replying({}, 503), retries=1)
    assert message == "the service answered with status 503; tried 2 times"
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (replying({"score": 0.1}, 400), "status 400"),
        (replying({"score": 0.1}, 302), "status 302"),
        (lambda asked, n: (200, b"<html>"), "is no JSON: b'<html>'"),
        (replying({"score": "high"}), "score is 'high'; legal: a score from 0 to 1"),
        (replying({"score": True}), "score is True"),
        (replying({"score": 2}), "score is 2"),
        (replying({}), "score is None"),
        (replying([0.5]), "score is None; legal"),
        (lambda asked, n: (200, b'{"score": NaN}'), "score is nan"),
        (lambda asked, n: (200, json.dumps({"x": "y" * (1 << 20)}).encode()), "longer than 1 MiB"),
    ],
)
def test_what_is_no_answer_fails_at_once(answer, message):
    said, service = fail(answer, retries=3)
    assert message in said
    assert len(service.asked) == 1


def test_an_answer_that_does_not_come_is_an_error():
    message, _ = fail(slow(1.0), timeout_s=0.1, retries=0)
    assert "cannot be reached" in message
    with serving(replying({})) as service:
        url = service.url
    with pytest.raises(FilterFailed, match="cannot be reached"):
        endpoint(url=url, retries=0).ask({})


def test_a_token_goes_with_the_question_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("A_FILTER_TOKEN", "opensesame")
    with serving(replying({"score": 0})) as service:
        made = endpoint(url=service.url, token_env="A_FILTER_TOKEN")
        made.ask({})
    assert service.headers[0]["Authorization"] == "Bearer opensesame"
    assert "opensesame" not in repr(made) + made.parts()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "ftp://host/x"}, "no address of a service; seen: ftp://host/x"),
        ({"url": "http://user:pw@host/x"}, "an address with a password in it"),
        ({"url": "http://host", "reads": "mood"}, "legal: score, decision"),
        ({"url": "http://host", "timeout_s": "0"}, "the option timeout_s"),
        ({"url": "http://host", "token_env": "NOT_SET_ANYWHERE"}, "next: export NOT_SET_ANYWHERE"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, message):
    with pytest.raises(UsageError) as caught:
        endpoint(**options)
    assert message in str(caught.value)
    assert "pw@" not in str(caught.value)


def test_a_decision_is_one_of_two_words():
    with pytest.raises(FilterFailed, match="decision is 'maybe'; legal: block, pass"):
        read_score({"decision": "maybe"}, "decision", "decision")
