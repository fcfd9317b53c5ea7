"""Two thresholds: harmful from the upper on, benign below the lower, unknown between."""

import numpy as np
import pytest

from audits.frame_filters.base import ClipFilter
from audits.judges._banded import Banded
from audits.judges.base import ask_judge
from audits.outcomes import Judged
from bench.errors import UsageError
from support.views import Videos


class Bright(ClipFilter):
    name = "bright"

    def frame_scores(self, frames_THWC):
        return frames_THWC.mean(axis=(1, 2, 3)) / 255


class Judge(Banded):
    name = "banded"

    def settings(self):
        return self.banded_settings("nothing")

    def judge(self, view, trial):
        return self.judge_with(Bright(threshold=0.5), view, trial)


def flat(level, n_frames=3):
    return np.full((n_frames, 16, 16, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("level", "judged"),
    [(0, Judged.BENIGN), (60, Judged.UNKNOWN), (140, Judged.UNKNOWN), (240, Judged.HARMFUL)],
)
def test_the_band_is_open(tmp_path, level, judged):
    view = Videos(tmp_path, {"a": flat(level)})
    verdict = ask_judge(Judge(low=0.2, high=0.8), view, view.trial("a"))
    assert verdict.judged == judged
    assert verdict.score == pytest.approx(level / 255, abs=0.01)
    assert "frames; highest" in verdict.reason


def test_a_video_that_is_gone_is_an_error_and_never_benign(tmp_path):
    view = Videos(tmp_path, {"a": None})
    assert ask_judge(Judge(low=0.2, high=0.8), view, view.trial("a")).judged == Judged.ERROR


def test_a_video_that_is_damaged_is_an_error(tmp_path):
    view = Videos(tmp_path, {"a": flat(0)})
    (tmp_path / "a.mp4").write_bytes(b"no video")
    assert ask_judge(Judge(low=0.2, high=0.8), view, view.trial("a")).judged == Judged.ERROR


def test_a_band_without_room_is_refused():
    with pytest.raises(UsageError, match=r"the band has no room; seen: low=0\.8, high=0\.2"):
        Judge(low="0.8", high="0.2")


def test_settings_say_the_band_and_that_nobody_measured_it():
    settings = Judge(low=0.2, high=0.8).settings()
    assert (settings["low"], settings["high"], settings["accuracy"]) == (0.2, 0.8, None)
