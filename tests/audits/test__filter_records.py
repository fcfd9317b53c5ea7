"""One trial's record: its label, whose filters are meant, and what short events can hide."""

from types import SimpleNamespace

import pytest

from audits._filter_records import RUN, hideouts, label_of, source
from audits.frame_filters.base import load_filter
from bench.errors import UsageError
from bench.types import Outcome, Prompt, Trial


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
