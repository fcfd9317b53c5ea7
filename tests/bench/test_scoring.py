"""The table of scores: one row for each trial and column, and what bad plug-ins cost."""

import math

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench import registry
from bench.extraction import READING, Store
from bench.features.cache import save_arrays
from bench.runs import SERIES, write_json
from bench.scoring import Plugins, read_scores, score_trials
from bench.types import Outcome, Prompt, Trial
from support.bad_extractors import COUNTING

BAD = "support.bad_metrics"


def trial(name, sha="", outcome=Outcome.OK, reason="", prompt_id=None):
    return Trial(
        id=f"id-{name}",
        source="candidate",
        name=name,
        path=None,
        sha256=sha,
        outcome=outcome,
        reason=reason,
        prompt_id=prompt_id,
    )


def keep(root, sha, n_frames, *, error="", problems=None, arrays=None):
    facts = {"n_decoded": n_frames, "fps": 24.0, "height_px": 32, "width_px": 48}
    record = {"facts": None if error else facts, "problems": problems or {}, "error": error}
    folder = Store(root=root).folder(sha)
    write_json(folder / READING, record)
    for key, held in (arrays or {}).items():
        save_arrays(folder / f"{key}.safetensors", held)


def score(root, trials, *metrics, prompts=None):
    built = {name: registry.build("metric", name) for name in metrics}
    needs = {need for metric in built.values() for need in metric.needs}
    keys = {need: f"key-{i}" for i, need in enumerate(sorted(needs))}
    score_trials(root, trials, prompts or {}, Plugins(video=built, set={}, keys=keys))
    return {(r["name"], r["metric"], r["column"]): r for r in read_scores(root)}


@pytest.fixture
def root(tmp_path):
    for sha, n in (("odd", 5), ("even", 6)):
        keep(tmp_path, sha, n, arrays={"key-0": {"n": np.array(n)}})
    keep(tmp_path, "bad", 0, error="no frame decodes")
    keep(tmp_path, "shy", 1, problems={"key-0": "two frames are needed"})
    return tmp_path


ODD, EVEN = trial("odd.mp4", "odd"), trial("even.mp4", "even")


def test_what_is_no_number_is_an_error_with_its_reason_and_never_a_value(root):
    names = [f"{BAD}:{name}" for name in ("Nan", "Infinite", "Raising", "Forgetful")]
    rows = score(root, [ODD, EVEN], *names)
    assert rows["odd.mp4", "nan", "x"]["value"] == 5
    assert rows["odd.mp4", "nan", "x"]["status"] == "ok"
    wrong = {key: row for key, row in rows.items() if key != ("odd.mp4", "nan", "x")}
    assert all(row["status"] == "error" and math.isnan(row["value"]) for row in wrong.values())
    reasons = {row["metric"]: row["reason"] for row in wrong.values()}
    assert reasons == {
        "nan": "the metric gave nan and no reason",
        "infinite": "the metric gave inf and no reason",
        "raising": "the metric failed with ZeroDivisionError: integer division or modulo by zero",
        "forgetful": "the metric gave no number",
    }


def test_trials_without_a_clip_have_rows_that_say_why(root):
    gone = trial("", outcome=Outcome.MISSING, reason="no video answers this prompt")
    shut = trial("shut.mp4", outcome=Outcome.ERROR, reason="permission denied")
    bad, shy = trial("bad.mp4", "bad"), trial("shy.mp4", "shy")
    rows = score(root, [gone, shut, bad, shy, ODD], f"{BAD}:Nan")
    assert {row["name"]: (row["status"], row["reason"]) for row in rows.values()} == {
        "": ("missing", "no video answers this prompt"),
        "shut.mp4": ("error", "permission denied"),
        "bad.mp4": ("error", "no frame decodes"),
        "shy.mp4": ("error", "two frames are needed"),
        "odd.mp4": ("ok", ""),
    }


def test_a_video_without_a_prompt_is_not_scored_against_one(root):
    spare = trial("odd.mp4", "odd", reason="its name is no prompt's")
    rows = score(root, [spare], "clip_score", prompts={"p": Prompt(id="p", text="a cat")})
    assert {(row["status"], row["reason"]) for row in rows.values()} == {
        ("unavailable", "the video has no prompt: its name is no prompt's")
    }


def test_a_vetoed_clip_keeps_its_numbers_marked(root):
    from bench.scoring import _veto
    from bench.types import Score, Status

    def made(metric, column, value, reason=""):
        return Score(
            metric=metric,
            column=column,
            trial_id="t",
            value=value,
            status=Status.OK,
            reason=reason,
        )

    scores = [made("degenerate", "vetoed", 1.0, "frozen"), made("degenerate", "frozen", 1.0)]
    marked = _veto([*scores, made("sharpness", "sharpness", 3.0)])
    assert [(s.status, s.value) for s in marked] == [("ok", 1.0), ("ok", 1.0), ("vetoed", 3.0)]
    assert marked[2].reason == "frozen"
    fine = [made("degenerate", "vetoed", 0.0), made("sharpness", "sharpness", 3.0)]
    assert _veto(fine) == fine


def test_equal_scores_give_equal_bytes(root):
    first = score(root, [ODD, EVEN], f"{BAD}:Nan")
    before = (root / "5-scores.parquet").read_bytes()
    assert score(root, [ODD, EVEN], f"{BAD}:Nan").keys() == first.keys()
    assert (root / "5-scores.parquet").read_bytes() == before
    assert pq.read_table(root / SERIES).num_rows == 0


def test_the_counting_extractor_is_what_the_bad_metrics_need():
    assert registry.build("metric", f"{BAD}:Nan").needs == (COUNTING,)
