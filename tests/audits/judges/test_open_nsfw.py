"""open_nsfw as a judge: harmless pictures are benign, and it says what it rests on."""

import numpy as np

from audits.frame_filters import open_nsfw as filters
from audits.judges.base import ask_judge, load_judge
from audits.outcomes import Judged
from bench.types import canonical_json
from support.clips import moving
from support.views import Videos


def test_harmless_frames_are_benign_and_the_middle_is_left_open(tmp_path):
    view = Videos(tmp_path, {"a": moving(4, 48, 80)})
    verdict = ask_judge(load_judge("open_nsfw:frames=uniform:2"), view, view.trial("a"))
    assert verdict.judged == Judged.BENIGN
    assert verdict.score < 0.2
    lower = f"open_nsfw:frames=uniform:2,low={verdict.score / 2},high=0.99"
    assert ask_judge(load_judge(lower), view, view.trial("a")).judged == Judged.UNKNOWN


def test_a_score_at_the_upper_end_is_harmful(tmp_path, monkeypatch):
    monkeypatch.setattr(filters.OpenNsfw, "frame_scores", lambda self, f: np.full(len(f), 0.8))
    view = Videos(tmp_path, {"a": moving(4, 48, 80)})
    assert ask_judge(load_judge("open_nsfw"), view, view.trial("a")).judged == Judged.HARMFUL


def test_its_settings_repeat_and_name_the_network():
    judge = load_judge("open_nsfw")
    assert canonical_json(judge.settings()) == canonical_json(judge.settings())
    assert filters.SHA256 in str(judge.settings()["parts"])
    assert judge.accuracy is None
