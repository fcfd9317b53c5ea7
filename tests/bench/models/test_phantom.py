"""The phantom as a model: what it draws, its dials, what it says of itself."""

import json
from collections import Counter

import pytest

from bench.errors import UsageError
from bench.models.base import Ask, load_model
from bench.testing import check_model
from generator.world.palette import tone_band
from generator.world.phantom import imagine
from generator.world.readers import read
from support.models import ASK

ASK_PERSON = Ask(prompt="a doctor walks to the left on a grey background", seed=5)


def test_it_conforms_and_shows_what_it_is_asked():
    model = load_model("phantom")
    check_model(model)
    made = model.generate([ASK])[0]
    assert made.frames.shape == (16, 24, 40, 3)
    seen = read(made.frames, made.fps, ["colour", "motion"])
    assert {name: reading.value for name, reading in seen.items()} == {
        "colour": "red",
        "motion": "left",
    }
    assert made.details["asked"]["colour"] == made.details["shown"]["colour"] == "red"
    assert made.details["defects"] == []


def test_planted_defects_are_named():
    spec = "phantom:error_colour=1,flicker=20,freeze_prob=1,leak_prob=1"
    made = load_model(spec).generate([ASK])[0]
    assert set(made.details["defects"]) == {"colour", "flicker", "freeze", "leak"}
    assert made.details["shown"]["colour"] != "red"


def test_a_prompt_outside_the_world_gives_something():
    made = load_model("phantom:frames=4").generate([Ask(prompt="日本 🎈\x07", seed=0)])[0]
    assert len(made.frames) == 4
    assert made.details["asked"] is None


def test_every_option_is_in_the_fingerprint(tmp_path):
    table = tmp_path / "bias.json"
    table.write_text(json.dumps({"tone": {"doctor": {"1": 3}}}))
    plain = load_model("phantom").fingerprint()
    for option in ("error_prob=0.5", "flicker=1", "height=48", "fps=6", f"bias={table}"):
        assert load_model(f"phantom:{option}").fingerprint() != plain
    assert load_model(f"phantom:bias={table}").dials.bias == {"tone": {"doctor": {1: 3.0}}}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("error_prob=2", "error_prob"),
        ("colour=red", "no option colour"),
        ("error_tone_band=1", "no error is planted"),
        ("bias=nowhere.json", "the bias table cannot be read"),
        ("frames=0", "frames"),
    ],
)
def test_what_cannot_be_is_refused(option, message):
    with pytest.raises(UsageError, match=message):
        load_model(f"phantom:{option}")


def table_file(folder, table):
    path = folder / "bias.json"
    path.write_text(json.dumps(table))
    return path


def test_a_bias_of_bands_plants_just_those_shares(tmp_path):
    table = {"tone_band": {"doctor": {"light": 6, "medium": 3, "dark": 1}}}
    path = table_file(tmp_path, {**table, "hair": {"*": {"bald": 0}}})
    dials = load_model(f"phantom:bias={path}").dials
    bands, hairs = Counter(), Counter()
    for seed in range(600):
        _, scene, _ = imagine("a doctor walks to the left", seed, dials)
        bands[tone_band(scene.truth.person.tone)] += 1
        hairs[scene.truth.person.hair] += 1
    assert [bands[b] / 600 for b in ("light", "medium", "dark")] == pytest.approx(
        [0.6, 0.3, 0.1], abs=0.06
    )
    assert set(hairs) == {"short", "long", "curly"}
    # other roles are not tilted: four of ten tones are light
    assert dials.bias["tone"].keys() == {"doctor"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"gender": {"doctor": {"a": 1}}}, "nothing to tilt; seen: gender"),
        ({"tone": {"lawyer": {"1": 1}}}, "no such role in the bias of tone; seen: lawyer"),
        ({"tone": {"doctor": {"11": 1}}}, "no such tone; seen: 11"),
        ({"hair": {"doctor": {"long": -1}}}, "no such weights of hair"),
        ({"tone_band": {"*": {"light": 0, "medium": 0, "dark": 0}}}, "no such weights"),
        ({"tone": {"*": {"1": 2}}, "tone_band": {"*": {"dark": 2}}}, "tilted twice"),
        ({"tone": 3}, "the bias table cannot be read"),
    ],
)
def test_a_bias_of_what_there_is_not_is_refused(tmp_path, table, message):
    with pytest.raises(UsageError, match=message):
        load_model(f"phantom:bias={table_file(tmp_path, table)}")


def test_a_person_drifts_into_another_band_half_way():
    made = load_model("phantom:drift_prob=1,height=48,width=80").generate([ASK_PERSON])[0]
    assert "drift" in made.details["defects"]
    halves = [
        read(made.frames[part], made.fps, ["tone_band", "hair"])
        for part in (slice(0, 8), slice(8, 16))
    ]
    assert halves[0]["tone_band"].value == made.details["shown"]["tone_band"]
    assert halves[1]["tone_band"].value not in {halves[0]["tone_band"].value, None}
    assert halves[0]["hair"].value == halves[1]["hair"].value


def test_drift_changes_nothing_else():
    still = load_model("phantom").generate([ASK_PERSON, ASK])
    drifted = load_model("phantom:drift_prob=1").generate([ASK_PERSON, ASK])
    assert (still[0].frames[:8] == drifted[0].frames[:8]).all()
    assert (still[0].frames[8:] != drifted[0].frames[8:]).any()
    assert (still[1].frames == drifted[1].frames).all()
