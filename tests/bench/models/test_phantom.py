"""The phantom as a model: what it draws, its dials, what it says of itself."""

import json

import pytest

from bench.errors import UsageError
from bench.models.base import Ask, load_model
from bench.testing import check_model
from generator.world.readers import read
from support.models import ASK


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
