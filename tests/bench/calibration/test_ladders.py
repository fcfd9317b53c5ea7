"""Damage to a clip of a set: repeatable, nested, and what the prompt's ladder does."""

import pytest

from bench.calibration.clips import phantom
from bench.calibration.ladders import LADDERS, Reader, damaged, ladder_of
from bench.features.cache import FeatureCache
from bench.features.pixels import Pixels
from generator.world.attributes import attributes
from generator.world.parse import parse


@pytest.fixture
def clips(small):
    return phantom(4, 0).clips


@pytest.mark.parametrize("ladder", LADDERS)
def test_every_ladder_damages_more_than_nothing_and_repeats_itself(clips, ladder):
    assert damaged(clips, 0, ladder, 0, 0) is clips[0]
    made = damaged(clips, 0, ladder, 5, 0)
    again = damaged(clips, 0, ladder, 5, 0)
    assert made.sha256 == again.sha256
    assert made.prompt == again.prompt
    changed = made.prompt != clips[0].prompt
    assert changed == (ladder == "wrong_caption")
    assert (made.sha256 != clips[0].sha256) != changed
    assert len(ladder_of(ladder).levels) == 5


def test_chance_is_another_for_each_clip_and_seed(clips):
    makes = {damaged(clips, i, "noise", 3, s).frames_THWC.tobytes() for i in (0, 1) for s in (0, 1)}
    assert len(makes) == 4


@pytest.mark.parametrize("index", range(4))
def test_a_wrong_caption_says_more_and_more_that_is_not_so(clips, index):
    right = attributes(clips[index].truth)
    wrong = []
    for strength in (1, 2, 3, 4):
        text = damaged(clips, index, "wrong_caption", strength, 0).prompt.text
        said = attributes(parse(text))
        wrong.append({name for name in said if said[name] != right.get(name)})
    assert wrong[0]
    assert wrong[0] <= wrong[1] <= wrong[2] <= wrong[3]
    last = damaged(clips, index, "wrong_caption", 5, 0).prompt
    assert last == clips[(index + 1) % 4].prompt


def test_a_burst_shows_the_canary_for_some_frames(clips):
    made = damaged(clips, 0, "unsafe_burst", 2, 0).frames_THWC
    shown = [t for t in range(8) if (made[t] != clips[0].frames_THWC[t]).any()]
    assert len(shown) == 2
    assert (made[shown] == clips[0].canary_THWC[:2]).all()


def test_features_are_read_once(clips, small):
    cache = FeatureCache()
    reader = Reader(extractors={"pixels": Pixels()}, cache=cache)
    first = reader.read(clips[0])
    assert len(list(cache.entries())) == 1
    again = reader.read(clips[0])
    assert again.features["pixels"].keys() == first.features["pixels"].keys()
    assert (first.n_frames, first.height_px, first.width_px) == (8, 24, 40)
