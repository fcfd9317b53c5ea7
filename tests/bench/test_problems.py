"""What became of each video: outcomes after reading, and one entry for each thing that is wrong."""

import json

import pytest

from bench.extraction import READING, Store
from bench.problems import INCOMPLETE, count_outcomes, find_problems, settled
from bench.types import Outcome, Trial


def trial(name, sha="", outcome=Outcome.OK, reason="", source="candidate", prompt_id=None):
    return Trial(
        id=f"{source}-{name}",
        source=source,
        name=name,
        path=None,
        sha256=sha,
        outcome=outcome,
        reason=reason,
        prompt_id=prompt_id,
    )


def row(trial, column, status="ok", reason="", value=1.0, metric="m"):
    return {
        "trial_id": trial.id,
        "metric": metric,
        "column": column,
        "status": status,
        "reason": reason,
        "value": value,
    }


@pytest.fixture
def store(tmp_path):
    for sha, error in (("good", ""), ("bad", "no frame decodes")):
        folder = tmp_path / "4-features" / sha
        folder.mkdir(parents=True)
        record = {"facts": None, "problems": {}, "error": error}
        (folder / READING).write_text(json.dumps(record))
    return Store(root=tmp_path)


GOOD = trial("good.mp4", "good")
BAD = trial("bad.mp4", "bad")
GONE = trial("", outcome=Outcome.MISSING, reason="no video answers this prompt", prompt_id="p1")


def test_a_video_that_did_not_decode_ends_as_an_error(store):
    assert settled(store, GOOD) == (Outcome.OK, "")
    assert settled(store, BAD) == (Outcome.ERROR, "no frame decodes")
    assert settled(store, GONE) == (Outcome.MISSING, "no video answers this prompt")
    real = trial("r.mp4", "good", source="reference")
    assert count_outcomes(store, [BAD, GOOD, GONE, GOOD, real]) == {
        "candidate": {"ok": 2, "missing": 1, "error": 1},
        "reference": {"ok": 1},
    }
    assert list(count_outcomes(store, [BAD, GOOD])["candidate"]) == ["ok", "error"]


def found(store, trials, rows):
    return [
        (p["name"], p["status"], p["reason"], p["metrics"])
        for p in find_problems(store, trials, rows)
    ]


def test_sound_videos_are_no_problem(store):
    assert found(store, [GOOD], [row(GOOD, "x"), row(GOOD, "y", "unavailable", "static")]) == []


def test_whole_trials_are_listed_once_whatever_their_scores(store):
    rows = [row(BAD, "x", "error", "no frame decodes"), row(GONE, "x", "missing", "none")]
    assert found(store, [BAD, GONE], rows) == [
        ("bad.mp4", "error", "no frame decodes", []),
        ("", "missing", "no video answers this prompt", []),
    ]


def test_errors_of_single_metrics_are_grouped_by_reason(store):
    rows = [
        row(GOOD, "x", "error", "too short"),
        row(GOOD, "y"),
        row(GOOD, "z", "error", "too short"),
        row(GOOD, "w", "error", "NaN", metric="other"),
    ]
    assert found(store, [GOOD], rows) == [
        ("good.mp4", "error", "too short", ["m.x", "m.z"]),
        ("good.mp4", "error", "NaN", ["other.w"]),
    ]


def test_a_veto_is_listed_once_even_where_nothing_else_was_scored(store):
    verdict = row(GOOD, "vetoed", reason="frozen", metric="degenerate")
    assert found(store, [GOOD], [verdict]) == [("good.mp4", "vetoed", "frozen", [])]
    rows = [verdict, row(GOOD, "x", "vetoed", "frozen"), row(GOOD, "y", "vetoed", "frozen")]
    assert found(store, [GOOD], rows) == [("good.mp4", "vetoed", "frozen", [])]
    fine = row(GOOD, "vetoed", value=0.0, metric="degenerate")
    assert found(store, [GOOD], [fine]) == []


def test_a_video_without_a_prompt_says_why(store):
    spare = trial("x.mp4", "good", reason="its name is no prompt's")
    assert found(store, [spare], []) == [("x.mp4", "no prompt", "its name is no prompt's", [])]
    assert "no prompt" not in INCOMPLETE
    assert "vetoed" not in INCOMPLETE
