"""The conformance checks find what they are made to find."""

from typing import ClassVar

import numpy as np
import pytest

from audits.base import Setting
from bench.features.clip import Clip
from bench.features.pixels import Pixels
from bench.metrics.sharpness import Sharpness
from bench.testing import (
    check_audit,
    check_docstring,
    check_extractor,
    check_frame_filter,
    check_metric,
    check_prompt_filter,
    clip_of,
    features_of,
    probe_of,
)
from bench.types import Prompt
from bench.view import RunView
from generator.filters.base import Decision
from support.audits import Brightness, Wrong, scored
from support.clips import moving


class Sloppy(Pixels):
    """An extractor with one fault, by name."""

    fault: ClassVar[str] = ""

    def embed(self, payloads):
        made = [dict(payload) for payload in payloads]
        if self.fault == "random":
            made[0]["mean"] = made[0]["mean"] + np.random.default_rng().normal()
        if self.fault == "batch":
            made = [{**arrays, "mean": arrays["mean"] + len(made)} for arrays in made]
        return made if self.fault != "empty" else [{} for _ in made]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("random", "mean differs from one pass to the next"),
        ("batch", "mean depends on the other videos in the batch"),
        ("empty", "no arrays came out"),
    ],
)
def test_an_extractor_that_breaks_a_rule_is_found(monkeypatch, fault, message):
    monkeypatch.setattr(Sloppy, "fault", fault)
    with pytest.raises(AssertionError, match=message):
        check_extractor(Sloppy(), moving(4, 32, 40))


class Outside(Sharpness):
    """Gives a number outside its declared range."""

    def score(self, clip):
        made = dict(super().score(clip))
        first = next(iter(made))
        return {**made, first: type(made[first])(value=-5.0)}


class Short(Sharpness):
    """Forgets a column."""

    def score(self, clip):
        return dict(list(super().score(clip).items())[:-1])


@pytest.mark.parametrize(
    ("metric", "message"), [(Outside, r"outside \[0"), (Short, "score must give every column")]
)
def test_a_metric_that_breaks_a_rule_is_found(monkeypatch, metric, message):
    monkeypatch.setattr(metric, "__module__", Sharpness.__module__)
    made = metric()
    with pytest.raises(AssertionError, match=message):
        check_metric(made, clip_of(moving(4, 32, 40), needs=made.needs))


def test_a_module_without_the_headings_is_found():
    with pytest.raises(AssertionError, match="has no Formula:"):
        check_docstring(Outside())


def test_a_prompt_goes_to_the_extractors_that_read_text_and_to_no_other():
    assert not Pixels().reads_text
    assert Clip().reads_text
    clip = clip_of(moving(4, 32, 40), needs=("pixels",), prompt=Prompt(id="a", text="a ball"))
    assert clip.text == {}
    assert clip.prompt.id == "a"


def test_frames_in_memory_have_a_probe_and_features():
    frames = moving(5, 32, 40)
    probe = probe_of(frames, fps=10)
    assert (probe.n_frames, probe.height_px, probe.width_px, probe.duration_s) == (5, 32, 40, 0.5)
    assert len(features_of(Pixels(), frames)["mean"]) == 5


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return scored(tmp_path_factory.mktemp("scored"), 2)


@pytest.fixture
def audited(made, private_cache):
    return RunView.of(made), Setting(key={})


def test_an_audit_that_holds_to_the_seam_passes(audited):
    check_audit(Brightness(), *audited)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("settings", "settings must repeat"),
        ("stranger", "speaks of a trial that is not there"),
        ("random", "records must repeat"),
        ("twice", "one record a trial"),
        ("id", r"the id must be brightness\.bright"),
        ("outside", r"2\.0 lies outside"),
        ("counts", r"k lies outside 0\.\.n"),
        ("evidence", "evidence that is no trial"),
        ("bounds", r"0\.1 lies outside \[0\.9, 0\.95\]"),
        ("silent", "no value needs a note"),
        ("impure", "findings must repeat"),
        ("other", "names another audit"),
        ("twins", "two findings have one id"),
    ],
)
def test_an_audit_that_breaks_a_rule_is_found(audited, monkeypatch, fault, message):
    monkeypatch.setattr(Wrong, "fault", fault)
    with pytest.raises(AssertionError, match=message):
        check_audit(Wrong(), *audited)


class Screen:
    """A filter with one fault, by name; without one it blocks what it is given and can hold."""

    name, fingerprint = "screen", "0"

    def __init__(self, fault=""):
        self.fault = fault
        self.asked = 0

    def __call__(self, content):
        self.asked += 1
        if self.fault == "raises" or (isinstance(content, np.ndarray) and content.ndim != 4):
            raise ValueError("not a clip")
        if isinstance(content, np.ndarray) and self.fault != "takes all":
            if content.dtype != np.uint8 or not content.size:
                raise ValueError("not a clip")
            if self.fault == "changes":
                content[:] = 0
        score = {"moody": self.asked / 1000, "outside": 1.5}.get(self.fault, 0.9)
        return Decision(
            filter="another@1" if self.fault == "name" else "screen@1",
            decision="pass" if self.fault in {"contradicts", "moody"} else "block",
            score=None if self.fault == "no score" else score,
            threshold=0.5,
        )


def test_filters_that_hold_to_the_seam_pass():
    check_prompt_filter(Screen(), ["a red ball", "a blue ball"])
    check_frame_filter(Screen(), moving(4, 8, 8))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("raises", "the filter failed: ValueError: not a clip"),
        ("moody", "must not depend on what was asked before"),
        ("outside", r"the score 1\.5 is outside 0 to 1"),
        ("name", "the decision must name the filter"),
        ("contradicts", "does not follow from the score"),
        ("no score", "needs its score and its threshold"),
    ],
)
def test_a_filter_that_breaks_a_rule_is_found(fault, message):
    with pytest.raises(AssertionError, match=message):
        check_prompt_filter(Screen(fault))


@pytest.mark.parametrize(
    ("fault", "message"),
    [("changes", "the frames were changed"), ("takes all", "is no clip, and the decision is no")],
)
def test_a_frame_filter_that_breaks_a_rule_is_found(fault, message):
    with pytest.raises(AssertionError, match=message):
        check_frame_filter(Screen(fault), moving(4, 8, 8))
