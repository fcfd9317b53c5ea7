"""`prescreen generate`: one video, its options, and prompts that nobody foresaw."""

import json

import pytest
from PIL import Image

from bench import single
from bench.cli.main import run
from bench.registry import parse_spec
from bench.videos.read import decode_all
from support.models import MOODY


def generate(tmp_path, prompt, *arguments):
    return run(["generate", prompt, "-o", str(tmp_path / "out.mp4"), *arguments])


def test_a_video_is_written_and_the_same_command_gives_the_same_bytes(tmp_path, capsys):
    assert generate(tmp_path, "a red ball moves up", "--model", "phantom", "--seed", "4") == 0
    line = capsys.readouterr().out.strip()
    assert line == f"{tmp_path}/out.mp4: 16 frames of 40x24 at 3 a second, seed 4"
    first = (tmp_path / "out.mp4").read_bytes()
    assert generate(tmp_path, "a red ball moves up", "--model", "phantom", "--seed", "4") == 0
    assert (tmp_path / "out.mp4").read_bytes() == first
    assert generate(tmp_path, "a red ball moves up", "--model", "phantom", "--seed", "5") == 0
    assert (tmp_path / "out.mp4").read_bytes() != first


def test_json_is_one_object(tmp_path, capsys):
    assert generate(tmp_path, "x", "--model", "constant", "--json") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["outcome"] == "ok"


@pytest.mark.parametrize("prompt", ["日本の赤い玉", "🎈🎈", "a\x07b\x1b[31m", "word " * 1999, "--"])
def test_any_text_gives_a_video(tmp_path, prompt):
    arguments = ["generate", "--model", "phantom:frames=3", "-o", str(tmp_path / "o.mp4")]
    assert run([*arguments, "--", prompt]) == 0
    assert len(decode_all(tmp_path / "o.mp4")) == 3


def test_a_suppressed_video_exits_4_and_writes_nothing(tmp_path, capsys):
    assert generate(tmp_path, "forbidden fruit", "--model", MOODY) == 4
    assert capsys.readouterr().err == "prescreen: suppressed: the input filter\n"
    assert not (tmp_path / "out.mp4").exists()


def test_a_failing_model_exits_3(tmp_path, capsys):
    assert generate(tmp_path, "raise", "--model", MOODY) == 3
    assert "the model failed with RuntimeError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("prompt", "arguments", "line"),
    [
        ("", (), "the prompt is empty or too long"),
        ("x" * 10_001, (), "seen: 10001 characters"),
        ("x", ("--stage", "huge"), "the option stage cannot be"),
        ("x", ("--model", "phantom", "--steps", "3"), "no option steps"),
        ("x", ("--seed", "-1"), "-1 is not in the range"),
        ("x", ("--preset", "sora"), "the option preset cannot be"),
        ("x", ("--image", "nowhere.png"), "the image cannot be read: No such file"),
        ("", ("--image", "no,where.png"), "an option of a model cannot hold a comma"),
        ("x", ("--model", "phantom", "--image", "a.png"), "no option image"),
    ],
)
def test_mistakes_are_one_line_and_exit_64(tmp_path, capsys, prompt, arguments, line):
    assert generate(tmp_path, prompt, *arguments) == 64
    err = capsys.readouterr().err
    assert line in err
    assert len(err.splitlines()) == 1


def test_the_output_must_be_an_mp4(tmp_path, capsys):
    assert run(["generate", "x", "-o", str(tmp_path / "a.gif")]) == 64
    assert "legal: FILE.mp4" in capsys.readouterr().err


def test_an_image_takes_the_preset_that_goes_on_from_one(tmp_path, monkeypatch, capsys):
    path = tmp_path / "first.png"
    Image.new("RGB", (40, 24), (9, 99, 199)).save(path)
    asked = []

    def make_one(spec, prompt, *given, **more):
        asked.append((spec, prompt))
        return {"outcome": "missing", "reason": "asked only"}

    monkeypatch.setattr(single, "make_one", make_one)
    assert generate(tmp_path, "", "--image", str(path)) == 4
    assert generate(tmp_path, "a ball", "--image", str(path), "--preset", "imagen") == 4
    monkeypatch.undo()
    assert generate(tmp_path, "a ball", "--image", str(path), "--preset", "imagen") == 64
    assert "does not go on from an image; seen: imagen; legal: make" in capsys.readouterr().err
    assert [prompt for _, prompt in asked] == ["", "a ball"]
    assert [parse_spec(spec).options["preset"] for spec, _ in asked] == ["make-a-video", "imagen"]
    assert parse_spec(asked[0][0]).options["image"] == str(path)
