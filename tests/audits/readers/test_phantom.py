"""The truth reader: right on the world, the same from features and frames, silent elsewhere."""

import json

import numpy as np

from audits.readers.phantom import OF_WORLD, SPEC, Phantom
from bench.features.world_readings import WorldReadings
from generator.world.attributes import attributes
from generator.world.phantom import Format, generate
from generator.world.readers import read
from support.footage import footage

FORM = Format(height_px=48, width_px=80)


def readings(frames, fps):
    found = read(frames, fps)
    record = {name: [r.value, r.confidence, r.reason] for name, r in found.items()}
    return {SPEC: {"readings": np.frombuffer(json.dumps(record).encode(), dtype=np.uint8)}}


def test_it_reads_persons_right_from_features_and_from_halves():
    reader = Phantom()
    shown = generate("a nurse walks to the left", 4, form=FORM)
    truth = {name: str(attributes(shown.truth)[world]) for name, world in OF_WORLD.items()}
    whole = footage(shown.frames, shown.fps, readings(shown.frames, shown.fps))
    assert {name: seen.value for name, seen in reader.read(whole).items()} == truth
    for half in whole.parts(2):
        assert {name: seen.value for name, seen in reader.read(half).items()} == truth
    assert truth["role"] == "nurse"


def test_it_abstains_where_nobody_is_seen_and_says_why():
    reader = Phantom()
    shown = generate("a red ball moves to the left on a white background", 4, form=FORM)
    made = reader.read(footage(arrays=readings(shown.frames, shown.fps)))
    assert set(made) == set(OF_WORLD) == set(reader.attributes)
    assert made["hair"].value is None
    assert made["hair"].reason == "nobody is seen"
    refused = reader.read(footage())
    assert {seen.value for seen in refused.values()} == {None}


def test_values_are_text_and_those_of_the_world():
    reader = Phantom()
    assert reader.attributes["apparent_skin_tone_band"] == ("light", "medium", "dark")
    assert reader.attributes["apparent_skin_tone_mst"] == tuple(str(k) for k in range(1, 11))
    assert reader.exact
    assert reader.settings()["code"] == WorldReadings().settings()["code"]
