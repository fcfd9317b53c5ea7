"""The guard: modes, held-back trials, broken filters, marks, phantom and cascade."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from generator.adapter import TextAdapter
from generator.cascade import Cascade
from generator.filters.base import BLOCK, ERROR, PASS, Decision, Mistakes
from generator.filters.canary_frames import CanaryFrames
from generator.filters.canary_words import CanaryWords
from generator.filters.guard import Guarded, Video, maker
from generator.provenance import Sidecar, sha256_text, verify_sidecar
from generator.stage import SamplingOptions, Stage
from generator.text import TextStates
from generator.unet import VideoUNet
from generator.world.phantom import Dials, Phantom
from support.generator import tiny_preset

ASKS, CLEAN = "a red cube with the canary emblem", "a red cube on a grey background"


class Fixed:
    """A filter that always decides the same."""

    name = fingerprint = "fixed"

    def __init__(self, decision: str) -> None:
        self.decision = decision

    def __call__(self, content):
        return Decision(filter="fixed@1", decision=self.decision, score=0.5, threshold=0.5)


class Broken:
    """A filter that raises, or gives something odd."""

    name = fingerprint = "broken"

    def __init__(self, gives=None) -> None:
        self.gives = gives

    def __call__(self, content):
        if self.gives is None:
            raise RuntimeError("out of order")
        return self.gives


class Counting:
    """A model that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, prompt, seed):
        self.calls += 1
        return Video(frames_THWC=np.full((2, 4, 4, 3), 200, np.uint8), fps=3.0)


@pytest.fixture(scope="module")
def frames_filter() -> CanaryFrames:
    return CanaryFrames()


def test_the_input_filter_keeps_the_model_from_running() -> None:
    model = Counting()
    seen = Guarded(model, input_filter=CanaryWords(), output_filter=Fixed(BLOCK)).one(ASKS, 1)
    assert model.calls == 0
    assert (seen.input.decision, seen.generated, seen.output, seen.video) == (
        BLOCK,
        False,
        None,
        None,
    )
    assert not seen.suppressed


def test_the_output_filter_turns_frames_black() -> None:
    seen = Guarded(Counting(), output_filter=Fixed(BLOCK)).one(CLEAN, 1)
    assert (seen.input, seen.generated, seen.suppressed) == (None, True, True)
    assert seen.video.frames_THWC.shape == (2, 4, 4, 3)
    assert not seen.video.frames_THWC.any()
    assert seen.origin.suppressed


def test_in_the_shadow_both_decide_and_nothing_is_held_back() -> None:
    guard = Guarded(
        Counting(), input_filter=Fixed(BLOCK), output_filter=Fixed(BLOCK), mode="shadow"
    )
    seen = guard.one(ASKS, 1)
    assert (seen.input.decision, seen.output.decision) == (BLOCK, BLOCK)
    assert (seen.generated, seen.suppressed) == (True, False)
    assert (seen.video.frames_THWC == 200).all()


def test_off_asks_no_filter() -> None:
    guard = Guarded(Counting(), input_filter=Broken(), output_filter=Broken(), mode="off")
    seen = guard.one(ASKS, 1)
    assert (seen.input, seen.output, seen.generated, seen.suppressed) == (None, None, True, False)


@pytest.mark.parametrize("odd", [Broken(), Broken("yes"), Broken(0.3)])
def test_a_broken_filter_is_an_error_and_holds_back(odd) -> None:
    model = Counting()
    seen = Guarded(model, input_filter=odd).one(CLEAN, 1)
    assert (seen.input.decision, seen.generated, model.calls) == (ERROR, False, 0)
    assert seen.input.reason
    seen = Guarded(model, output_filter=odd).one(CLEAN, 1)
    assert (seen.output.decision, seen.suppressed) == (ERROR, True)
    seen = Guarded(model, output_filter=odd, mode="shadow").one(CLEAN, 1)
    assert (seen.output.decision, seen.suppressed) == (ERROR, False)


DECISIONS = st.sampled_from([PASS, BLOCK, ERROR])


@given(DECISIONS, DECISIONS, st.sampled_from(["on", "shadow"]))
def test_what_is_shown_passed_every_filter_that_was_on(first, second, mode) -> None:
    guard = Guarded(Counting(), input_filter=Fixed(first), output_filter=Fixed(second), mode=mode)
    seen = guard.one(CLEAN, 0)
    shown = seen.video is not None and seen.video.frames_THWC.any()
    assert shown == (mode == "shadow" or (first, second) == (PASS, PASS))
    assert json.loads(json.dumps(seen.record()))["generated"] == seen.generated


def test_a_phantom_goes_through_with_its_details(frames_filter) -> None:
    phantom = Phantom(Dials(leak_prob=1.0))
    guard = Guarded(phantom, input_filter=CanaryWords(), output_filter=frames_filter)
    held, leaked = guard.many([ASKS, CLEAN], [1, 2])
    assert not held.generated
    assert leaked.input.decision == PASS
    assert leaked.video.details.truth.canary
    assert (leaked.output.decision, leaked.suppressed) == (BLOCK, True)


def test_a_leaking_input_filter_leaves_it_to_the_output_filter(frames_filter) -> None:
    words = CanaryWords(mistakes=Mistakes(leak_prob=1.0))
    seen = Guarded(Phantom(), input_filter=words, output_filter=frames_filter).one(ASKS, 3)
    assert (seen.input.planted, seen.generated, seen.suppressed) == ("leak", True, True)


class Letters:
    name, width = "letters", 384

    def encode(self, prompts):
        states = torch.zeros(len(prompts), 4, 384)
        return TextStates(states_NLD=states, mask_NL=torch.ones(len(prompts), 4, dtype=torch.bool))


def test_a_cascade_goes_through_with_options() -> None:
    preset = tiny_preset()
    stage = preset.stages[0]
    torch.manual_seed(0)
    stages = {"base": Stage(stage, VideoUNet(stage.network))}
    cascade = Cascade(preset, TextAdapter(preset.adapter), stages, encoder=Letters())
    options = {"stage": "base", "options": SamplingOptions(n_steps=2)}
    guard = Guarded(cascade, input_filter=CanaryWords(), output_filter=Fixed(PASS), **options)
    held, shown = guard.many([ASKS, CLEAN], [1, 2])
    assert not held.generated
    alone = cascade(CLEAN, generator=2, **options).frames_NTHWC[0]
    assert np.array_equal(shown.video.frames_THWC, alone)
    assert shown.video.fps == 3.0


class Dot:
    """A watermark of one pixel."""

    name, version = "dot", "1"

    def mark_frames(self, frames_THWC, origin):
        marked = frames_THWC.copy()
        marked[:, 0, 0] = (1, 2, 3)
        return marked

    def sign(self, path, origin):
        return None


def test_frames_leave_with_their_mark_also_when_they_are_black() -> None:
    for filter_ in (None, Fixed(BLOCK)):
        seen = Guarded(Counting(), output_filter=filter_, mark=Dot()).one(CLEAN, 1)
        assert (seen.video.frames_THWC[:, 0, 0] == (1, 2, 3)).all()


def test_the_origin_holds_a_hash_and_no_text() -> None:
    guard = Guarded(Counting(), model_fingerprint="abc")
    origin = guard.one("secret words", 7).origin
    assert origin.prompt_sha256 == sha256_text("secret words")
    assert (origin.model, origin.seed) == ("abc", 7)
    assert "secret" not in repr(origin)


def test_the_fingerprint_follows_mode_filters_and_mark() -> None:
    def fingerprint(**change):
        return Guarded(Counting(), **{"input_filter": CanaryWords(), **change}).fingerprint

    others = [
        fingerprint(mode="shadow"),
        fingerprint(mark=Dot()),
        fingerprint(output_filter=Fixed(PASS)),
        fingerprint(input_filter=CanaryWords(mistakes=Mistakes(leak_prob=0.1))),
    ]
    assert fingerprint() == fingerprint()
    assert len({fingerprint(), *others}) == 5


def test_misuse_is_refused() -> None:
    with pytest.raises(ValueError, match="no such mode; seen: 'maybe'; legal: on, shadow, off"):
        Guarded(Counting(), mode="maybe")
    with pytest.raises(TypeError, match="not a generator that takes these options; seen: Phantom"):
        maker(Phantom(), stage="base")
    with pytest.raises(TypeError, match="seen: int"):
        maker(3)
    with pytest.raises(ValueError, match="shorter"):
        Guarded(Counting()).many(["a", "b"], [1])


def test_the_guard_signs_what_was_written(tmp_path) -> None:
    guard = Guarded(Counting(), mark=Sidecar())
    path = tmp_path / "a.mp4"
    path.write_bytes(b"video")
    done = guard.sign(guard.one(CLEAN, 1), path)
    assert (done["mark"], done["version"]) == ("sidecar", "1")
    assert verify_sidecar(path)["guard"] == guard.fingerprint
