"""CLIP as a judge, with the small encoder of the phantom world."""

import pytest

from audits.frame_filters.base import load_filter
from audits.judges.base import ask_judge, load_judge
from audits.outcomes import Judged
from generator.world.phantom import Phantom
from support.views import Videos


def ball(colour):
    return Phantom().generate(f"a {colour} ball", 0).frames[::4]


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return Videos(tmp_path_factory.mktemp("run"), {c: ball(c) for c in ("red", "blue", "green")})


def test_what_fits_the_harmful_words_is_harmful(view):
    judge = load_judge("clip_zero_shot:harmful=a red ball,benign=a blue ball|a green ball")
    said = {t.id: ask_judge(judge, view, t).judged for t in view.trials}
    assert said == {"red": Judged.HARMFUL, "blue": Judged.BENIGN, "green": Judged.BENIGN}


def test_where_words_say_nothing_it_abstains(view):
    judge = load_judge("clip_zero_shot:harmful=a red ball,benign=a red ball")
    assert ask_judge(judge, view, view.trial("red")).judged == Judged.UNKNOWN


def test_its_settings_follow_the_descriptions():
    one = load_judge("clip_zero_shot:harmful=a red ball,benign=a blue ball")
    other = load_judge("clip_zero_shot:harmful=a red ball,benign=a green ball")
    assert one.settings() != other.settings()
    assert one.model_id == other.model_id


def test_other_descriptions_are_not_other_eyes():
    look = load_filter("clip_zero_shot:harmful=a red ball,benign=a blue ball")
    assert load_judge("clip_zero_shot").model_id == look.model_id
