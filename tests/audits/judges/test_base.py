"""Judges behind their seam: they may fail on a video, and no failure is a verdict."""

import math
from types import SimpleNamespace

import pytest

from audits.judges.base import Accuracy, Judge, Verdict, ask_judge, frames_of, load_judge
from audits.outcomes import Judged
from bench.errors import Unavailable, UsageError
from bench.videos.write import write_master
from support.clips import moving

ACCURACY = Accuracy(
    material="clips",
    truth="drawn",
    k_se=92,
    n_se=100,
    k_sp=95,
    n_sp=100,
    n_abstained_harmful=1,
    n_abstained_benign=2,
    how="by hand",
)


class Moody(Judge):
    name = "moody"

    def __init__(self, says):
        self.says = says

    def settings(self):
        return {}

    def judge(self, view, trial):
        if isinstance(self.says, BaseException):
            raise self.says
        return self.says


@pytest.mark.parametrize(
    ("says", "judged", "reason"),
    [
        (Verdict(judged=Judged.HARMFUL, score=0.9), "harmful", ""),
        (Verdict(judged=Judged.UNKNOWN, reason="abstains"), "unknown", "abstains"),
        (RuntimeError("no\nidea"), "error", r"the judge failed with RuntimeError: no\nidea"),
        (None, "error", "the judge gave NoneType in place of a verdict"),
        (Verdict(judged=Judged.BENIGN, score=math.nan), "error", "the judge's score is nan"),
        (Verdict(judged=Judged.BENIGN, score=2.0), "error", "the judge's score is 2.0"),
    ],
)
def test_whatever_a_judge_does_is_a_verdict(says, judged, reason):
    made = ask_judge(Moody(says), None, None)
    assert (made.judged, made.reason) == (judged, reason)


def test_missing_weights_are_no_fault_of_the_video():
    with pytest.raises(Unavailable, match="no weights"):
        ask_judge(Moody(Unavailable("no weights")), None, None)


def test_accuracy_has_intervals():
    assert (ACCURACY.se, ACCURACY.sp) == (0.92, 0.95)
    low, high = ACCURACY.interval("se")
    assert low < 0.92 < high
    assert ACCURACY.interval("sp", 0.5)[0] > ACCURACY.interval("sp")[0]
    assert ACCURACY.record()["n_abstained_benign"] == 2
    assert Moody(None).accuracy is None
    assert Moody(None).model_id == "moody"


def test_frames_come_from_the_video(tmp_path):
    clip = moving(4, 32, 48)
    write_master(tmp_path / "a.mp4", iter(clip), 8)
    view = SimpleNamespace(path=lambda trial: trial)
    assert (frames_of(view, tmp_path / "a.mp4") == clip).all()
    assert frames_of(view, None) is None


@pytest.mark.parametrize(
    ("spec", "message"),
    [("kanary", "no judge of this name"), ("support.clips:moving", "is not a judge")],
)
def test_what_is_no_judge_is_refused(spec, message):
    with pytest.raises(UsageError, match=message):
        load_judge(spec)
