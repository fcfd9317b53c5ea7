"""The world's readers as an extractor: the same answers, at a height, and what is not a world."""

import json

import numpy as np
import pytest

from bench.errors import TooFewFrames, UsageError
from bench.features.world_readings import ReadingPass, WorldReadings, decoded, shrunk
from bench.testing import check_extractor, features_of
from generator.world.phantom import Format, generate
from generator.world.readers import read
from support.clips import moving


def shown(height=24, width=40):
    form = Format(height_px=height, width_px=width)
    return generate("two blue stars move to the left in a sandy desert", 5, form=form)


def test_it_gives_what_the_readers_give():
    clip = shown()
    found = decoded(features_of(WorldReadings(), clip.frames, clip.fps))
    direct = read(clip.frames, clip.fps)
    assert {name: value for name, (value, _, _) in found.items()} == {
        name: reading.value for name, reading in direct.items()
    }
    assert (found["colour"][0], found["count"][0], found["motion"][0]) == ("blue", 2, "left")
    check_extractor(WorldReadings(), clip.frames)


def test_tall_frames_are_shrunk_and_read_the_same():
    clip = shown(192, 320)
    assert shrunk(clip.frames[0], 96).shape == (96, 160, 3)
    assert shrunk(clip.frames[0], 400).shape == (192, 320, 3)
    found = decoded(features_of(WorldReadings(), clip.frames, clip.fps))
    assert (found["shape"][0], found["background"][0]) == ("star", "desert")


def test_what_is_not_of_the_world_makes_every_reader_abstain():
    found = decoded(features_of(WorldReadings(), moving(8, 48, 80)))
    assert all(value is None and reason for value, _, reason in found.values())


def test_the_key_names_height_and_code():
    fields = WorldReadings().key_fields()
    assert fields["height_px"] == 96
    assert len(fields["code"]) == 16
    assert WorldReadings(height=48).key() != WorldReadings().key()


def test_impossible_heights_and_no_frames_are_refused():
    with pytest.raises(UsageError, match="24 to 2160"):
        WorldReadings(height="5")
    with pytest.raises(TooFewFrames):
        ReadingPass(96, 3.0).finish()


def test_readings_come_back_from_bytes():
    record = {"colour": ["red", 0.5, ""], "count": [None, 0.0, "unsure"]}
    arrays = {"readings": np.frombuffer(json.dumps(record).encode(), dtype=np.uint8)}
    assert decoded(arrays)["count"] == (None, 0.0, "unsure")
