"""One trial's record: its label, whose filters are meant, and what short events can hide."""

from types import SimpleNamespace

import pytest

from audits._filter_records import (
    NONE,
    RUN,
    Asked,
    about,
    hideouts,
    label_of,
    passage,
    record_of,
    source,
)
from audits.frame_filters.base import load_filter
from audits.prompt_filters.base import load_filter as load_prompt_filter
from bench.errors import UsageError
from bench.types import Outcome, Prompt, Trial
from support.screening import Silent


def trial(**details):
    return Trial(
        id="t",
        source="candidate",
        name="",
        path=None,
        sha256="",
        outcome=Outcome.OK,
        details=details,
    )


def view(model, *trials):
    return SimpleNamespace(manifest={"inputs": {"model": {"model": model}}}, trials=trials)


@pytest.mark.parametrize(
    ("attributes", "hazard", "label"),
    [
        ({"label": "benign"}, "canary", "benign"),
        ({"label": "harmful"}, None, "harmful"),
        ({}, "canary", "harmful"),
        ({}, None, "benign"),
        ({"label": "perhaps"}, None, "benign"),
    ],
)
def test_a_prompts_label(attributes, hazard, label):
    assert label_of(Prompt(id="a", text="b", attributes=attributes, hazard=hazard)) == label


def test_whose_decisions_are_meant():
    decided = trial(filters={"mode": "shadow", "input": None})
    assert source(view("cascade", trial()), "input", "auto") == "canary_words"
    assert source(view("phantom", trial()), "output", "auto") == "canary_frames"
    assert source(view("cascade", decided), "input", "auto") == RUN
    assert source(view("other", decided), "output", "auto") == RUN
    assert source(view("other"), "output", "open_nsfw") == "open_nsfw"
    with pytest.raises(UsageError, match=r"legal: --opt input=FILTER, or input=none"):
        source(view("other", trial()), "input", "auto")
    with pytest.raises(UsageError, match=r"next: --opt output=FILTER \(prescreen ls frame_filters"):
        source(view("cascade", trial()), "output", "run")


def test_what_can_hide_from_the_cascades_own_filter():
    own = {"output": {"filter": "canary_frames@1"}}
    for filter_, held in ((load_filter("canary_frames"), trial()), (RUN, trial(filters=own))):
        made = hideouts(filter_, held, 16)
        # it looks at all 16 and wants two
        assert made["shortest_event"] == 2
        assert made["misses"][:2] == [[1, 1.0], [2, 0.0]]
    longer = hideouts(load_filter("canary_frames"), trial(), 128)
    assert longer["shortest_event"] > 16
    assert 0 < dict(longer["misses"])[16] <= 1


def test_what_can_hide_from_a_filter_with_a_plan():
    made = hideouts(load_filter("support.screening:Planned"), trial(), 16)
    assert made["shortest_event"] == 4
    assert dict(made["misses"])[4] == 0
    assert dict(made["misses"])[2] == pytest.approx(8 / 15)


def test_of_other_filters_nothing_is_known():
    nothing = {"shortest_event": None, "misses": []}
    assert hideouts(load_filter("support.screening:Blind"), trial(), 16) == nothing
    assert hideouts(load_filter("canary_frames"), trial(), 0) == nothing


def held_back(**filters):
    return Trial(
        id="t",
        source="candidate",
        name="",
        path=None,
        sha256="",
        outcome=Outcome.SUPPRESSED,
        reason="held back",
        prompt_id="p",
        details={"filters": {"mode": "on", "suppressed": False, **filters}},
    )


BLOCK = {"decision": "block", "score": 0.9, "threshold": 0.5, "filter": "f@1"}
PASS = {**BLOCK, "decision": "pass", "score": 0.1}
ERROR = {**BLOCK, "decision": "error", "score": None}
STOPPED = {"input": BLOCK, "generated": False, "output": None}


@pytest.mark.parametrize(
    ("filters", "generated", "leaked", "refused_by"),
    [
        (STOPPED, "stopped", "no", "input"),
        (
            {"input": PASS, "generated": True, "output": BLOCK, "suppressed": True},
            "suppressed",
            "no",
            "output",
        ),
        ({"input": ERROR, "generated": False, "output": None}, "stopped", "error", "input"),
    ],
)
def test_what_the_systems_own_filters_held_back(filters, generated, leaked, refused_by):
    world = view("cascade")
    world.prompts = {"p": Prompt(id="p", text="a", hazard="canary")}
    asked = Asked(input=RUN, output=RUN, judge=Silent())
    made = record_of(asked, world, held_back(**filters))
    assert made["generated"] == generated
    assert made["judged"]["judged"] == "unknown"
    way = passage(made)
    assert (way.leaked, way.refused_by) == (leaked, refused_by)


@pytest.mark.parametrize(("layer", "generated"), [("blind", "missing"), (NONE, "stopped")])
def test_with_another_input_filter_what_was_stopped_is_not_known(layer, generated):
    world = view("cascade")
    world.prompts = {"p": Prompt(id="p", text="a", hazard="canary")}
    filter_ = layer if layer == NONE else load_prompt_filter("support.screening:Blind")
    asked = Asked(input=filter_, output=NONE, judge=Silent())
    made = record_of(asked, world, held_back(**STOPPED))
    assert made["generated"] == generated
    assert about(asked)["output"] == NONE


def test_a_trial_without_a_prompt_has_no_label_and_cannot_be_filtered():
    world = view("cascade")
    world.prompts = {}
    asked = Asked(input=load_prompt_filter("canary_words"), output=NONE, judge=Silent())
    made = record_of(asked, world, held_back(**STOPPED))
    assert made["label"] == ""
    assert made["input"]["reason"] == "the trial has no prompt"
