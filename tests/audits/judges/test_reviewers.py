"""People's labels: a verdict needs a quorum that agrees; everything else is unknown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.judges.base import ask_judge, load_judge
from audits.judges.reviewers import LABELS, Reviewers, read_labels, verdict_of
from audits.outcomes import Judged
from bench.errors import UsageError
from support.clips import moving
from support.views import Videos

ROWS = [
    ("v1", "harmful", "ann"),
    ("v1", "harmful", "bob"),
    ("v2", "harmful", "ann"),
    ("v2", "benign", "bob"),
    ("v3", "benign", "ann"),
    ("v4", "unknown", "ann"),
    ("v4", "benign", "bob"),
    ("v4", "Benign", "cyn"),
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("trial_id,label,reviewer\n" + "".join(",".join(r) + "\n" for r in ROWS))
    return path


@pytest.mark.parametrize(
    ("trial", "judged", "reason"),
    [
        ("v1", Judged.HARMFUL, "2 of 2 reviewers"),
        ("v2", Judged.UNKNOWN, "reviewers disagree: 1 benign, 1 harmful"),
        ("v3", Judged.UNKNOWN, "fewer than 2 reviewers decided: 1 benign"),
        ("v4", Judged.BENIGN, "2 of 3 reviewers"),
        ("v5", Judged.UNKNOWN, "fewer than 2 reviewers decided: nobody decided"),
    ],
)
def test_verdicts(file, tmp_path, trial, judged, reason):
    view = Videos(tmp_path, {trial: moving(2, 16, 16)})
    verdict = ask_judge(load_judge(f"reviewers:file={file}"), view, view.trial(trial))
    assert (verdict.judged, verdict.reason) == (judged, reason)


def test_a_quorum_of_one_is_satisfied_by_one(file):
    judge = Reviewers(file=str(file), quorum="1")
    assert verdict_of(judge.labels["v3"], judge.quorum).judged == Judged.BENIGN


def test_jsonl_is_read_too_and_a_second_thought_replaces_the_first(tmp_path):
    rows = [*ROWS, ("v2", "harmful", "bob")]
    path = tmp_path / "labels.jsonl"
    names = ("trial_id", "label", "reviewer")
    path.write_text("".join(json.dumps(dict(zip(names, r, strict=True))) + "\n" for r in rows))
    assert read_labels(path)["v2"] == {"ann": "harmful", "bob": "harmful"}


def test_settings_count_and_say_how_far_they_agree(file):
    settings = Reviewers(file=str(file)).settings()
    assert (settings["n_reviewers"], settings["n_videos"], settings["quorum"]) == (3, 4, 2)
    # v1: 2 harmful; v2: one each; v4: 2 benign. n = 6, 3 of each: 1 - 5 * 2 / 18
    assert settings["alpha"] == pytest.approx(1 - 10 / 18, abs=1e-6)


@pytest.mark.parametrize(
    "rows",
    [
        [("v1", "benign", "ann"), ("v1", "benign", "bob")],
        [("v1", "benign", "ann"), ("v2", "harmful", "bob")],
        [("v1", "benign", "ann"), ("v1", "unknown", "bob")],
    ],
)
def test_agreement_says_nothing_without_two_labels_and_two_classes(tmp_path, rows):
    path = tmp_path / "labels.csv"
    path.write_text("trial_id,label,reviewer\n" + "".join(",".join(r) + "\n" for r in rows))
    assert Reviewers(file=str(path)).settings()["alpha"] is None


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=2), st.sampled_from(LABELS)),
    st.integers(1, 3),
)
def test_no_verdict_without_a_quorum_that_agrees(votes, quorum):
    decided = [label for label in votes.values() if label != Judged.UNKNOWN]
    verdict = verdict_of(votes, quorum)
    settled = len(decided) >= quorum and len(set(decided)) == 1
    assert (verdict.judged == Judged.UNKNOWN) == (not settled)
    assert not settled or verdict.judged == decided[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "trial_id,label,reviewer\nv1,nasty,ann\n",
            "line 2: no such label; seen: nasty; legal: ha",
        ),
        ("trial_id,label,reviewer\nv1,benign,\n", "line 2: a label without reviewer"),
        ("trial_id,label\nv1,benign\n", "line 2: a label without reviewer"),
        ("trial_id,label,reviewer\n", "is empty"),
    ],
)
def test_files_that_are_none_are_refused(tmp_path, text, message):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        Reviewers(file=str(path))
