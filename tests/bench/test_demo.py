"""The demo's parts on made-up data: which clips are cut, which change counts as seen."""

import numpy as np
import pytest

from bench import demo
from bench.demo import CLIP_FRAMES, MARGIN, N_CLIPS, Window, choose_windows, table
from bench.headlines import KEPT, WITH_VETOED
from bench.pipeline import Result
from bench.plan import Plan, ScoreRequest
from bench.types import Interval

LEAST = CLIP_FRAMES + 2 * MARGIN


def shots(*lengths):
    ends = np.cumsum(lengths)
    return [range(int(end - n), int(end)) for n, end in zip(lengths, ends, strict=True)]


def test_shots_are_dealt_in_turn_and_no_shot_is_in_both_sets():
    sets = choose_windows(shots(*[LEAST + 40] * 7))
    held = {name: {window.shot for window in windows} for name, windows in sets.items()}
    assert held == {"reference": {0, 2, 4, 6}, "candidate": {1, 3, 5}}


def test_short_shots_give_no_clip_and_long_ones_two_that_do_not_meet():
    bounds = shots(LEAST - 1, LEAST, LEAST + 31, LEAST + 32)
    sets = choose_windows(bounds)
    windows = sorted((w for held in sets.values() for w in held), key=lambda w: w.start)
    assert [w.shot for w in windows] == [1, 2, 3, 3]
    for window in windows:
        shot = bounds[window.shot]
        assert shot.start + MARGIN <= window.start
        assert window.start + CLIP_FRAMES <= shot.stop - MARGIN
    assert windows[3].start - windows[2].start >= CLIP_FRAMES


def test_many_windows_are_thinned_over_the_whole_film():
    sets = choose_windows(shots(*[LEAST + 40] * 300))
    for windows in sets.values():
        assert len(windows) == N_CLIPS
        assert len({w.name for w in windows}) == N_CLIPS
        assert windows[-1].shot > 290


def test_a_window_is_named_by_its_place():
    assert Window(shot=7, start=123).name == "shot007-00123.mp4"


@pytest.fixture
def results(monkeypatch):
    """Results whose clips' values are given, with no run behind them."""
    values = {}

    def make(name, heads, clips=None):
        plan = Plan(
            request=ScoreRequest(videos="v"), trials=(), prompts=(), suite_sha256="", ledger={}
        )
        values[name] = clips or {}
        summary = {"headlines": heads, "unavailable": {}, "problems": []}
        return Result(path=name, summary=summary, reused=False, plan=plan)

    monkeypatch.setattr(
        demo,
        "read_scores",
        lambda name: [
            {
                "source": "candidate",
                "status": "ok",
                "metric": "sharpness",
                "column": "sharpness",
                "name": f"{name}/{clip}",
                "value": value,
                "prompt_id": clip,
            }
            for clip, value in values[name].items()
        ],
    )
    return make


def head(metric, value, low, high, *, better=True, subset=KEPT, n=3, source="candidate"):
    return {
        "metric": metric,
        "column": metric,
        "source": source,
        "subset": subset,
        "value": value,
        "interval": None if low is None else {"low": low, "high": high},
        "higher_is_better": better,
        "n": n,
        "is_main": True,
    }


def test_a_paired_difference_counts_and_wide_intervals_do_not_hide_it(results):
    before = {f"c{i}": 10.0 + 5 * i for i in range(6)}
    made = table(
        {
            "candidate": results("candidate", [head("sharpness", 22, 10, 34)], before),
            "blur": results(
                "blur", [head("sharpness", 21, 9, 33)], {k: v - 1 for k, v in before.items()}
            ),
            "noise": results(
                "noise",
                [head("sharpness", 22, 10, 34)],
                {k: v + (-1) ** i for i, (k, v) in enumerate(before.items())},
            ),
        },
        {},
    )
    row = made["sharpness.sharpness"]
    assert {name: cell.change for name, cell in row.items()} == {
        "candidate": "",
        "blur": "worse",
        "noise": "",
    }
    assert [cell.expected for cell in row.values()] == [False, True, False]


@pytest.mark.parametrize(
    ("low", "high", "better", "change"),
    [
        (1, 9, False, "worse"),
        (1, 9, True, "better"),
        (-9, -1, False, "better"),
        (1, 9, None, "higher"),
        (-9, -1, None, "lower"),
        (-1, 9, False, ""),
    ],
)
def test_a_set_metric_changes_only_where_the_paired_interval_excludes_none(
    results, low, high, better, change
):
    difference = Interval(low=low, high=high, confidence=0.95, method="made up")
    made = table(
        {
            "candidate": results("candidate", [head("fvd", 15, 10, 20, better=better)]),
            "blur": results("blur", [head("fvd", 16, 11, 21, better=better)]),
        },
        {"blur": {"fvd.fvd": difference}},
    )
    assert made["fvd.fvd"]["blur"].change == change
    assert made["fvd.fvd"]["candidate"].change == ""


def test_only_main_columns_are_shown(results):
    heads = [head("fvd", 15, 10, 20), {**head("sharpness", 1, 0, 2), "is_main": False}]
    assert list(table({"candidate": results("candidate", heads)}, {})) == ["fvd.fvd"]


@pytest.mark.parametrize("n_kept", [0, 1])
def test_where_most_clips_are_vetoed_the_number_with_them_is_shown_and_marked(results, n_kept):
    heads = [
        head("fvd", None, None, None, n=n_kept),
        head("fvd", 50, 40, 60, subset=WITH_VETOED),
        head("fvd", 1, 0, 2, source="reference"),
    ]
    made = table(
        {
            "candidate": results("candidate", [head("fvd", 15, 10, 20, better=False)]),
            "shuffle": results("shuffle", heads),
        },
        {},
    )
    cell = made["fvd.fvd"]["shuffle"]
    assert (cell.value, cell.mostly_vetoed, cell.change, cell.expected) == (50, True, "", False)
