"""From names to metrics and extractors: what is needed, what cannot be had, and why."""

from pathlib import Path

import pytest

from bench.errors import Unavailable, UsageError
from bench.plan import Plan, ScoreRequest
from bench.resolution import feature_fields, plugins_of, resolve
from bench.types import Outcome, Prompt, Trial
from support.bad_extractors import COUNTING

NAN, LOST, ROWS = (f"support.bad_metrics:{name}" for name in ("Nan", "Lost", "NanRows"))
ABSENT = "support.bad_extractors:Absent"


def plan(*metrics, reference=False, prompts=()):
    trial = Trial(
        id="r", source="reference", name="r", path=Path("r"), sha256="r", outcome=Outcome.OK
    )
    return Plan(
        request=ScoreRequest(videos="v", metrics=metrics),
        trials=(trial,) if reference else (),
        prompts=prompts,
        suite_sha256="",
        ledger={},
    )


def test_what_metrics_need_is_found_and_the_thumbnails_always():
    resolved = resolve(plan(NAN, "warping_error"))
    assert list(resolved.extractors) == sorted([COUNTING, "flow", "pixels", "thumbnails"])
    assert list(resolved.plugins.video) == [NAN, "warping_error", "degenerate"]
    assert resolved.unavailable == {}
    assert resolved.plugins.keys[COUNTING].startswith("counting-1-")
    assert resolved.text_extractors() == {}


def test_a_set_metric_without_a_reference_and_a_prompt_metric_without_prompts_say_so():
    resolved = resolve(plan(NAN, ROWS, "clip_score"))
    assert resolved.unavailable == {
        ROWS: "needs a reference set; next: --reference REAL",
        "clip_score": "needs prompts; next: --prompts FILE",
    }
    assert resolve(plan(NAN, ROWS, reference=True)).unavailable == {}


def test_what_is_not_on_this_machine_is_unavailable_with_the_next_command():
    resolved = resolve(plan(NAN, LOST))
    reason = "its weights are not here; next: prescreen weights fetch it"
    assert resolved.unavailable == {LOST: reason}
    assert resolved.features[ABSENT] == {"unavailable": reason}
    assert ABSENT not in resolved.extractors
    assert ABSENT not in resolved.plugins.keys
    assert feature_fields([ABSENT]) == {ABSENT: {"unavailable": reason}}


def test_when_nothing_can_be_computed_the_run_does_not_start():
    with pytest.raises(Unavailable, match=r"none of the metrics can be computed; .*Lost: its"):
        resolve(plan(LOST))


def test_what_is_not_a_metric_is_refused():
    with pytest.raises(UsageError, match="json:JSONDecoder is not a metric; seen: JSONDecoder"):
        resolve(plan("json:JSONDecoder"))


def test_the_plug_ins_of_a_run_come_back_from_its_manifest():
    resolved = resolve(plan(NAN, LOST, ROWS, reference=True, prompts=(Prompt(id="p", text="t"),)))
    manifest = {
        "request": {"metrics": [NAN, LOST, ROWS]},
        "unavailable": dict(resolved.unavailable),
        "features": dict(resolved.features),
    }
    again = plugins_of(manifest)
    assert list(again.video) == [NAN]
    assert list(again.set) == [ROWS]
    assert again.keys == resolved.plugins.keys


def test_the_veto_is_scored_once_whatever_is_asked():
    asked = plan("sharpness", "degenerate:frames=all").request.metrics
    assert asked == ("sharpness", "degenerate:frames=all")
    assert plan("sharpness").request.metrics == ("sharpness", "degenerate")


def test_one_metric_twice_in_a_run_is_refused():
    with pytest.raises(UsageError, match="can hold the metric sharpness only once"):
        resolve(plan("sharpness", "sharpness:frames=uniform:4"))
