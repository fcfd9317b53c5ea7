"""open_nsfw as a judge: harmless pictures are benign, and it says what it rests on."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from audits.filters import _refuse_partial
from audits.frame_filters import open_nsfw as filters
from audits.frame_filters.base import load_filter
from audits.judges.base import ask_judge, load_judge
from audits.outcomes import Judged
from bench.errors import UsageError
from bench.types import canonical_json
from support.clips import moving
from support.views import Videos

HAZARDS = Path(__file__).parents[3] / "bench" / "hazards.toml"


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
    assert set(judge.hazards) <= set(tomllib.loads(HAZARDS.read_text(encoding="utf-8")))


def test_it_may_not_judge_itself_whatever_the_filters_options():
    judge = load_judge("open_nsfw:frames=all,high=0.9")
    look = load_filter("open_nsfw:threshold=0.3,rule=run:2,leak=0.5")
    assert judge.model_id == look.model_id
    with pytest.raises(UsageError, match="is made of the filter that it judges"):
        _refuse_partial(look, judge)
    _refuse_partial(look, load_judge("clip_zero_shot"))
