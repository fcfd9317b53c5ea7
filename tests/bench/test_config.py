"""`run.toml`: every setting by its name and type, options joined to the model's spec."""

import pytest

from bench.config import read_config, with_options
from bench.errors import UsageError

WHOLE = """
suite = "smoke"
model = "cascade:stage=base"
seeds = 2
metrics = ["degenerate"]
confidence = 0.9

[options]
steps = 8
stage = "ssr1"
shadow = true
"""


def written(tmp_path, text):
    (tmp_path / "run.toml").write_text(text)
    return tmp_path / "run.toml"


def test_a_file_says_what_the_command_line_says(tmp_path):
    assert read_config(written(tmp_path, WHOLE)) == {
        "suite": "smoke",
        "model": "cascade:shadow=true,stage=ssr1,steps=8",
        "seeds": 2,
        "metrics": ["degenerate"],
        "confidence": 0.9,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed_s = 2", "run.toml: no such setting; did you mean seed"),
        ("seeds = '2'", "seeds has the wrong type; seen: 2; legal: int"),
        ("seeds = true", "seeds has the wrong type"),
        ("metrics = [1]", "metrics has the wrong type"),
        ("metrics = 'fvd'", "metrics has the wrong type"),
        ("suite = ", "cannot be read as TOML"),
        ("[options]\nwords = 'a,b'", "cannot hold a comma"),
    ],
)
def test_mistakes_are_named(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        read_config(written(tmp_path, text))


def test_no_file_and_no_text_are_one_line(tmp_path):
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        read_config(tmp_path / "absent.toml")
    (tmp_path / "run.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        read_config(tmp_path / "run.toml")


def test_later_options_win():
    assert with_options("cascade:steps=4", {"steps": 8}) == "cascade:steps=8"
    assert with_options("a.b:F:x=1", {"y": 2}) == "a.b:F:x=1,y=2"
