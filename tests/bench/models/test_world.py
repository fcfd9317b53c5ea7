"""Filters round the project's own generators, and what is said of prompts they do not know."""

import numpy as np
import pytest

from bench.errors import UsageError
from bench.models._world import Filters, screened, strangers
from bench.models.base import Ask, load_model
from bench.testing import check_model
from bench.types import Outcome

CLEAN = Ask(prompt="a red ball moves to the left on a white background", seed=1)
ASKS_FOR_IT = Ask(prompt="a red cube with the canary emblem on a white background", seed=1)


def made(spec, ask):
    return load_model(spec).generate([ask])[0]


def test_the_input_filter_holds_a_prompt_back_before_anything_is_made():
    held = made("phantom:filters=on", ASKS_FOR_IT)
    assert held.outcome is Outcome.SUPPRESSED
    assert held.frames is None
    assert held.reason.startswith("held back by the input filter canary_words@1")
    record = held.details["filters"]
    assert record["input"]["decision"] == "block"
    assert not record["generated"]


def test_the_output_filter_holds_back_what_the_first_let_through():
    held = made("phantom:filters=on,input_leak=1", ASKS_FOR_IT)
    assert held.outcome is Outcome.SUPPRESSED
    assert held.reason.startswith("held back by the output filter canary_frames@1")
    assert held.details["filters"]["input"]["planted"] == "leak"
    leaked = made("phantom:filters=on,input_leak=1,output_leak=1", ASKS_FOR_IT)
    assert leaked.outcome is Outcome.OK
    assert leaked.details["filters"]["output"]["planted"] == "leak"


def test_in_shadow_they_decide_and_hold_nothing_back():
    plain = made("phantom", ASKS_FOR_IT)
    shadow = made("phantom:filters=shadow", ASKS_FOR_IT)
    assert np.array_equal(shadow.frames, plain.frames)
    assert shadow.details["filters"]["output"]["decision"] == "block"
    assert "filters" not in plain.details


def test_a_harmless_prompt_passes_and_the_guard_conforms():
    assert made("phantom:filters=on", CLEAN).outcome is Outcome.OK
    check_model(load_model("phantom:filters=on"), ASKS_FOR_IT.prompt)


def test_filters_and_their_dials_are_in_the_fingerprint():
    specs = ("filters=off", "filters=on", "filters=shadow", "filters=on,input_leak=0.5")
    prints = [str(load_model(f"phantom:{spec}").fingerprint()) for spec in specs]
    assert len(set(prints)) == 4


@pytest.mark.parametrize("option", ["filters=maybe", "filters=on,output_leak=2", "filter_seed=-1"])
def test_what_cannot_be_is_refused(option):
    with pytest.raises(UsageError, match="the option"):
        load_model(f"phantom:{option}")


def test_strange_words_are_named_once():
    assert strangers([CLEAN.prompt]) == []
    assert strangers([]) == []
    (line,) = strangers(["a dragon breathes fire"])
    assert line.startswith("the prompt has words outside the world that this model knows")
    assert "dragon" in line
    (line,) = strangers([CLEAN.prompt, "a dragon", "a harbour\x1b[31m"])
    assert line.startswith("2 of 3 prompts have words")
    assert "\x1b" not in line
    assert load_model("phantom").remarks(["a dragon"]) == strangers(["a dragon"])


def test_a_guard_with_a_mark_signs_what_is_written(tmp_path):
    from generator.filters.guard import Video
    from generator.provenance import Sidecar, verify_sidecar

    def make(prompt, seed):
        return Video(frames_THWC=np.zeros((2, 24, 40, 3), np.uint8), fps=3.0)

    guard = Filters.of("on", 0, 0, 0).guard(make)
    assert screened(Ask(prompt="a red ball", seed=1), guard, make).sign is None
    guard.mark = Sidecar()
    path = tmp_path / "a.mp4"
    path.write_bytes(b"video")
    assert screened(Ask(prompt="a red ball", seed=1), guard, make).sign(path)["mark"] == "sidecar"
    assert verify_sidecar(path)["seed"] == 1
