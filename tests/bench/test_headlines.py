"""From scores to headlines: means, set metrics, their counts, and what bad plug-ins cost."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bench import registry
from bench.extraction import READING, Store
from bench.features.cache import save_arrays
from bench.headlines import (
    KEPT,
    WITH_VETOED,
    Scored,
    Setting,
    _within,
    cluster_labels,
    headlines,
)
from bench.metrics.base import Column
from bench.runs import write_json
from bench.scoring import Plugins
from bench.types import Interval, Outcome, Trial
from support import bad_metrics
from support.bad_extractors import COUNTING

BAD = "support.bad_metrics"
SETTING = Setting(
    confidence=0.95,
    n_resamples=200,
    seed=0,
    key={"suite": "s", "reference": "r"},
    extractor_fields={COUNTING: {"extractor": "counting", "version": "1"}},
)


def trial(name, n=0, source="candidate", outcome=Outcome.OK, prompt_id=None):
    return Trial(
        id=f"{source}-{name}",
        source=source,
        name=name,
        path=None,
        sha256=f"sha-{n}",
        outcome=outcome,
        reason="" if outcome is Outcome.OK else "why",
        prompt_id=prompt_id,
    )


def row(trial, value, status="ok", metric="nan", column="x", reason=""):
    return {
        "trial_id": trial.id,
        "source": trial.source,
        "name": trial.name,
        "prompt_id": trial.prompt_id,
        "reason": reason,
        "metric": metric,
        "column": column,
        "value": value,
        "status": status,
    }


def of_video(trials, rows):
    plugins = Plugins(video={"nan": registry.build("metric", f"{BAD}:Nan")}, set={}, keys={})
    scored = Scored(root=None, trials=trials, prompts={}, plugins=plugins, setting=SETTING)
    return headlines(scored, rows)


def of_set(root, trials, name, rows=()):
    store = Store(root=root)
    for held in trials:
        n = int(held.sha256.removeprefix("sha-"))
        facts = {"n_decoded": n, "fps": 24.0, "height_px": 8, "width_px": 8}
        record = {"facts": facts, "problems": {}, "error": ""}
        write_json(store.folder(held.sha256) / READING, record)
        save_arrays(store.folder(held.sha256) / "key.safetensors", {"n": np.array(n)})
    metric = registry.build("metric", f"{BAD}:{name}")
    plugins = Plugins(video={}, set={"m": metric}, keys={COUNTING: "key"})
    scored = Scored(root=root, trials=trials, prompts={}, plugins=plugins, setting=SETTING)
    return headlines(scored, list(rows))


def test_a_mean_is_over_the_videos_that_have_the_number_and_counts_the_others():
    trials = [trial(f"{i}") for i in range(7)]
    statuses = ["ok", "ok", "ok", "vetoed", "error", "missing", "unavailable"]
    values = [1.0, 2.0, 6.0, 100.0, math.nan, math.nan, math.nan]
    rows = [row(t, v, s) for t, v, s in zip(trials, values, statuses, strict=True)]
    kept, marked = of_video(trials, rows)
    assert (kept.subset, kept.value, kept.n) == (KEPT, 3.0, 3)
    counts = (kept.n_missing, kept.n_error, kept.n_vetoed, kept.n_unavailable)
    assert counts == (1, 1, 1, 1)
    assert kept.interval is not None
    assert (marked.subset, marked.value, marked.n) == (WITH_VETOED, 27.25, 4)
    assert kept.key["suite"] == "s"
    assert kept.key["features"] == [{"extractor": "counting", "version": "1"}]


def test_nothing_to_average_is_no_number_and_not_zero():
    held = trial("a")
    (head,) = of_video([held], [row(held, math.nan, "error")])
    assert math.isnan(head.value)
    assert (head.n, head.n_error, head.interval) == (0, 1, None)


def test_one_video_has_a_value_and_no_interval():
    held = trial("a")
    (head,) = of_video([held], [row(held, 4.0)])
    assert (head.value, head.interval, head.n_clusters) == (4.0, None, 1)


def column(low, high):
    return Column(name="x", unit="", low=low, high=high, higher_is_better=True, summary="x")


def test_an_interval_does_not_leave_the_range_of_the_number():
    made = Interval(low=-1.0, high=0.5, confidence=0.95, method="t interval, 1 df")
    cut = _within(made, column(0, 1))
    assert (cut.low, cut.high) == (0, 0.5)
    assert cut.method == "t interval, 1 df, cut to the range of the number"
    assert _within(made, column(-2, 1)) == made
    assert _within(replace(made, high=3.0), column(-2, 1)).high == 1


def test_an_interval_of_no_width_says_what_it_cannot_show():
    trials = [trial(f"{i}") for i in range(4)]
    (head,) = of_video(trials, [row(t, 2.0) for t in trials])
    assert (head.interval.low, head.interval.high) == (2.0, 2.0)
    assert head.interval.notes == (
        "no two videos differ, so it cannot show how rare another value is",
    )


def test_only_a_flag_is_a_share_whatever_the_values():
    trials = [trial(f"{i}") for i in range(3)]
    (head,) = of_video(trials, [row(t, 0.0) for t in trials])
    assert "Wilson" not in head.interval.method


def test_a_remark_on_a_number_is_passed_on():
    trials = [trial(f"{i}") for i in range(3)]
    reasons = ["", "CLIP read 77 of the prompt's 90 tokens", "the same"]
    (head,) = of_video(
        trials, [row(t, 1.0, reason=why) for t, why in zip(trials, reasons, strict=True)]
    )
    (note,) = head.notes
    assert note.startswith("2 of 3 numbers come with a remark, for instance ")
    assert note.endswith("CLIP read 77 of the prompt's 90 tokens")


def test_sources_are_kept_apart():
    a, b = trial("a"), trial("b", source="reference")
    heads = of_video([a, b], [row(a, 1.0), row(b, 5.0)])
    assert [(h.source, h.value) for h in heads] == [("candidate", 1.0), ("reference", 5.0)]


def test_prompts_are_clusters_and_videos_without_one_are_their_own():
    rows = [
        {"prompt_id": "p", "trial_id": "1"},
        {"prompt_id": "p", "trial_id": "2"},
        {"prompt_id": None, "trial_id": "3"},
        {"prompt_id": "", "trial_id": "p"},
    ]
    labels, cluster = cluster_labels(rows)
    assert labels == ["prompt p", "prompt p", "video 3", "video p"]
    assert cluster == "prompt, or video without one"
    assert cluster_labels(rows[:2])[1] == "prompt"
    assert cluster_labels(rows[2:]) == (["video 3", "video p"], "video")


def both(*sizes, reference=(5, 7, 9)):
    return [
        *(trial(f"{i}.mp4", n) for i, n in enumerate(sizes)),
        *(trial(f"{i}.mp4", n, "reference") for i, n in enumerate(reference)),
    ]


def test_a_set_metric_leaves_out_vetoed_clips_and_shows_what_they_would_do(tmp_path):
    trials = both(3, 5, 7, reference=(5, 5))
    vetoes = [
        row(t, float(t.sha256 == "sha-7"), metric="degenerate", column="vetoed") for t in trials
    ]
    kept, marked = of_set(tmp_path, trials, "NanRows", vetoes)
    assert (kept.subset, kept.value, kept.n, kept.n_vetoed) == (KEPT, -1.0, 2, 1)
    assert (marked.subset, marked.value, marked.n, marked.n_vetoed) == (WITH_VETOED, 0.0, 3, 1)
    assert kept.key["n_reference"] == 2


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("NanRows", "its features are not finite"),
        ("RaisingRows", "the metric failed with ZeroDivisionError"),
    ],
)
def test_a_video_that_gives_no_row_is_an_error_with_its_name(tmp_path, name, why):
    (head,) = of_set(tmp_path, both(3, 4, 5, reference=(5, 6, 7, 8)), name)
    assert (head.n, head.n_error) == (2, 1)
    assert head.value == (1.0 - 1.0 if name == "RaisingRows" else 4.0 - 6.0)
    ours, theirs = head.notes
    assert ours.startswith(f"1 candidate video gave no features, for instance 1.mp4: {why}")
    assert theirs.startswith(f"2 reference videos gave no features, for instance 1.mp4: {why}")
    assert head.key["n_reference"] == 2


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("InfiniteDistance", "x came out as inf"),
        ("RaisingDistance", "the metric failed with ArithmeticError: singular"),
    ],
)
def test_a_set_metric_that_fails_has_no_number_and_says_why(tmp_path, name, note):
    (head,) = of_set(tmp_path, both(3, 5), name)
    assert math.isnan(head.value)
    assert head.interval is None
    assert head.notes == (note,)


def test_too_few_videos_are_refused_with_both_numbers(tmp_path):
    (head,) = of_set(tmp_path, both(3), "NanRows")
    assert math.isnan(head.value)
    assert head.notes == ("needs 2 videos on each side, has 1 and 3",)


def test_a_refusal_gives_the_metrics_own_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(bad_metrics.NanRows, "min_videos", 16)
    monkeypatch.setattr(bad_metrics.NanRows, "why_min", "with fewer it is bias")
    (head,) = of_set(tmp_path, both(3), "NanRows")
    assert head.notes == ("needs 16 videos on each side, has 1 and 3: with fewer it is bias",)


def test_missing_trials_are_counted_and_are_no_error(tmp_path):
    gone = trial("", outcome=Outcome.MISSING)
    shut = trial("shut.mp4", outcome=Outcome.ERROR)
    (head,) = of_set(tmp_path, [*both(3, 5), gone, shut], "NanRows")
    assert (head.n, head.n_missing, head.n_error) == (2, 1, 1)
    assert head.notes == ("1 candidate video gave no features, for instance shut.mp4: why",)
