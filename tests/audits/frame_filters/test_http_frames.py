"""A frame filter behind a web address: frames arrive to the bit; no answer is no pass."""

import base64

import cv2
import numpy as np
import pytest

from audits.frame_filters.base import load_filter
from audits.frame_filters.http_frames import HttpFrames
from bench.testing import check_frame_filter
from generator.filters.base import BLOCK, ERROR, PASS
from support.clips import moving
from support.services import replying, serving


def frame_of(text):
    data = np.frombuffer(base64.b64decode(text), np.uint8)
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def test_it_conforms():
    with serving(replying({"score": 0.2})) as service:
        check_frame_filter(HttpFrames(url=service.url), moving(4, 8, 8))


def test_the_frames_of_the_plan_arrive_to_the_bit():
    frames = moving(10, 8, 12)
    with serving(replying({"score": 0.7, "reason": "seen"})) as service:
        decision = HttpFrames(url=service.url, frames="stride:4")(frames)
    assert (decision.decision, decision.reason) == (BLOCK, "seen")
    (asked,) = service.asked
    assert (asked["indices"], asked["n_frames"]) == ([0, 4, 8], 10)
    for index, text in zip(asked["indices"], asked["frames"], strict=True):
        assert np.array_equal(frame_of(text), frames[index])


@pytest.mark.parametrize("reply", [{"score": None}, {"scores": [0.1]}, {"score": -1}, []])
def test_a_bad_reply_is_an_error_and_never_a_pass(reply):
    with serving(replying(reply)) as service:
        decision = HttpFrames(url=service.url)(moving(2, 8, 8))
    assert (decision.decision, decision.score) == (ERROR, None)


def test_decisions_by_word_and_a_service_that_is_down():
    with serving(replying({"verdict": "pass"})) as service:
        spec = f"http_frames:url={service.url},reads=decision,field=verdict,retries=0"
        look = load_filter(spec)
        assert look(moving(2, 8, 8)).decision == PASS
    assert look(moving(2, 8, 8)).decision == ERROR


def test_which_frames_are_sent_is_part_of_what_it_is():
    made = [HttpFrames(url="http://localhost:1/a", frames=f) for f in ("all", "stride:2")]
    assert made[0].fingerprint != made[1].fingerprint
